"""The trading pages on the real market: book, order form, own orders, and what each role may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.bridge import work
from app.bus import Bus
from app.desk import Desk
from app.persistence import open_store
from app.queries import HANDLERS
from app.queries.models import Side
from domain import commands as c
from domain.flexibility.grids import Job
from domain.flexibility.market import FlexOffer, FlexRequest, GateKind, MarketSession
from domain.flexibility.rules import ClearingMode, PaymentRule
from domain.lifecycle import JobState
from tests.app.usecases import world as w
from tests.views.opened import Silence
from views import news
from views.pages import dso_trading, supply_trading
from views.pages.context import BoundDesk, PageContext
from views.pages.trading import TradingPage
from views.plots.depth import DEPTH, BookDay, Level, book_strip, ladder, ladder_rows
from views.plots.step import step_state


@pytest.fixture
def market(tmp_path: Path) -> Iterator[w.World]:
    """A continuous session, open, with esp1's offer of 2 MW down at noon for 40 EUR/MWh."""
    wall = w.Wall()
    bus = Bus()
    with open_store(f"sqlite:///{tmp_path / 'trading.db'}", wall_clock=wall, on_commit=bus.publish) as store:
        store.migrate()
        w.seed(store, wall)
        world = w.World(store, Desk(store.write, store.read, HANDLERS), wall, bus)
        world.grid()
        run(world)
        yield world


def run(world: w.World) -> None:
    """All queued jobs, as the worker does them."""
    for job in world.find(Job, state=JobState.QUEUED):
        world.do("system", c.StartJob(job_id=job.id))
        inputs = world.only(Job, id=job.id).inputs
        result = work.run(job.kind, inputs, lambda stage, share: None)
        world.do("system", c.ApplyJob(job_id=job.id, succeeded=True, result=result))


def opened(world: w.World, *, matched: bool = True) -> MarketSession:
    rules = {"clearing": ClearingMode.CONTINUOUS, "payment": PaymentRule.NODAL}
    session = world.do("fmo", w.plan(**rules))
    world.at(w.OPENS)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.OPEN).id))
    if matched:
        run(world)
    return world.only(MarketSession, id=session.id)  # type: ignore[no-any-return]


class Page:
    """An open page with what it said."""

    def __init__(self, world: w.World, account: str, **query: Any) -> None:
        self.hub, self.said = Silence(query), []
        desk = BoundDesk(world.desk, w.WHO[account])
        context = PageContext(
            desk=desk, live=self.hub, location=self.hub, notify=lambda text, kind: self.said.append((kind, text))
        )
        side = dso_trading.DsoSide if account.startswith("dso") else supply_trading.SupplySide
        self.page = TradingPage(context, side(context))
        self.form, self.book, self.orders = self.page.form, self.page.book, self.page.orders

    def text(self) -> str:
        """All markup of the page."""
        found = [pane.object for root in self.page.main() for pane in root.select() if hasattr(pane, "object")]
        return " ".join(str(markup) for markup in found if isinstance(markup, str))

    def beside(self, field: str) -> str:
        return str(self.form._problems._beside[field].object)

    def news(self) -> None:
        self.hub.tell(news.TRADING)


def test_without_a_session_it_says_who_plans_one(market: w.World) -> None:
    page = Page(market, "dso1")
    assert "No continuous session is open." in page.text()
    assert "market operator plans one" in page.text()
    opened(market)
    page.news()
    assert page.page.market is not None


def test_it_says_what_orders_wait_for(market: w.World) -> None:
    asset, session = market.asset(), opened(market, matched=False)
    page = Page(market, "dso1")
    assert "Orders are waiting for the matching to be ready" in page.text()
    run(market)
    page.news()
    assert "Orders are" not in page.text()
    market.offer("esp1", session, asset, "2")
    page.news()
    assert "Orders are waiting to be matched" in page.text()


def test_a_click_on_a_level_fills_the_order_and_placing_it_trades(market: w.World) -> None:
    asset, session = market.asset(), opened(market)
    market.offer("esp1", session, asset, "2")
    run(market)
    dso, esp = Page(market, "dso1"), Page(market, "esp1")
    assert dso.page.state.step == w.NOON
    (level,) = dso.book._ladder.levels
    assert (level.side, level.price, level.quantity, level.own) == ("offer", 40.0, 2.0, 0.0)
    assert esp.book._ladder.levels[0].own == 2.0
    dso.page._on_level(level)
    assert (dso.form.amount.value, dso.form.price.value) == ("2", "40")
    assert not dso.form.submit.disabled
    assert dso.form.submit.label == "Place a request: 0.500 MWh down at 40"
    dso.form._on_place()
    dso.form._on_place()  # a second click finds nothing left to place
    (request,) = market.find(FlexRequest)
    assert request.quantity_mw == w.at_noon("2.00")
    assert request.buses == ("1",)
    run(market)
    for page, word in ((dso, "bought"), (esp, "sold")):
        page.news()
        assert [record["own"] for record in page.book.book.records] == [word]
        assert page.book._ladder.levels == []
        assert "matched" in page.orders._book.records[0]["state"]


def test_the_book_names_nobody(market: w.World) -> None:
    asset, session = market.asset(), opened(market)
    market.offer("esp1", session, asset, "2")
    market.request(session, quantity_mw=w.at_noon("0.5"))
    run(market)
    for account, others in (
        ("dso1", ("Sun and storage", "esp1", "PV-1")),
        ("esp2", ("Sun and storage", "esp1", "North grid")),
    ):
        page = Page(market, account)
        shown = page.text() + repr(page.book.book.records) + repr(page.orders._book.records)
        assert not [name for name in others if name in shown]
        assert page.book.book.records
    assert Page(market, "esp2").orders._book.records == []


def test_an_initiator_order_over_a_span_and_one_that_is_drawn(market: w.World) -> None:
    opened(market)
    dso = Page(market, "dso1")
    form = dso.form
    form.first.value, form.last.value = 48, 51
    form.amount.value, form.price.value = "0,25", "55"
    form.submit_now()
    (request,) = market.find(FlexRequest)
    assert [k for k, q in enumerate(request.quantity_mw) if q] == [48, 49, 50, 51]
    assert (max(request.quantity_mw), request.price_cap_eur_per_mwh) == (Decimal("0.25"), Decimal(55))
    drawn = np.zeros(96)
    drawn[10], drawn[11] = 0.1, 0.2
    form._on_drawn(drawn)
    form.submit_now()
    latest = max(market.find(FlexRequest), key=lambda r: r.published_at)
    assert [q for q in latest.quantity_mw if q] == [Decimal("0.1"), Decimal("0.2")]


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"amount": "much", "price": "40"}, "quantity", "as a number"),
        ({"amount": "0.1", "price": ""}, "price", "Enter a price"),
        ({"amount": "0.1", "price": "40.123"}, "price", "decimals"),
        ({"amount": "0.1", "price": "99999"}, "price", "above the most allowed"),
        ({"amount": "99", "price": "40"}, "quantity", "are left to offer"),
    ],
)
def test_what_is_wrong_stands_beside_the_field(
    market: w.World, values: dict[str, str], field: str, said: str
) -> None:
    market.asset()
    opened(market)
    esp = Page(market, "esp1", step=w.NOON)
    for name, value in values.items():
        getattr(esp.form, name).value = value
    esp.form.submit_now()
    assert said in esp.beside(field)
    assert market.find(FlexOffer) == ()


def test_a_bus_that_is_not_there_stands_beside_the_buses(market: w.World) -> None:
    opened(market)
    dso = Page(market, "dso1")
    dso.form.amount.value, dso.form.price.value = "0.1", "40"
    dso.form._side.buses.value = "1, <b>nowhere</b>"
    dso.form.submit_now()
    assert "not in your grid" in dso.beside("buses")


def test_the_rest_is_withdrawn_and_what_stands_says_why(market: w.World) -> None:
    asset, session = market.asset(), opened(market)
    offer = market.offer("esp1", session, asset, "2")
    market.request(session, quantity_mw=w.at_noon("0.5"))
    run(market)
    esp = Page(market, "esp1")
    assert esp.orders._withdraw.disabled
    esp.orders._on_pick({"order_id": offer.id})
    assert "Nobody stands on the other side." in esp.text()
    assert not esp.orders._withdraw.disabled
    esp.orders._withdraw_now()
    run(market)
    esp.news()
    assert esp.orders._book.records[0]["state"] == "rest withdrawn"
    assert esp.orders._withdraw.disabled
    assert esp.book._ladder.levels == []


def test_after_the_gate_nothing_can_be_placed(market: w.World) -> None:
    session = opened(market)
    esp = Page(market, "dso1")
    market.at(w.CLOSES + timedelta(minutes=1))
    market.do("system", c.PassGate(gate_id=market.gate(session, GateKind.CLOSE).id))
    esp.hub.tell(news.MARKET)
    esp.form.amount.value, esp.form.price.value = "0.1", "40"
    assert esp.form.submit.disabled
    assert "not open" in esp.text()


def test_another_step_moves_ladder_figures_and_the_levels_to_match(market: w.World) -> None:
    asset, session = market.asset(), opened(market)
    market.offer("esp1", session, asset, "2")
    dso = Page(market, "dso1")
    assert "2.000 MW" in " ".join(dso.form.take.options)
    dso.book._on_settled(w.NOON + 1)
    assert dso.page.state.step == w.NOON + 1
    assert dso.book._ladder.levels == []
    assert list(dso.form.take.options) == ["none at 12:45–13:00"]
    assert dso.form.first.value == w.NOON + 1


class TestFigures:
    def test_the_ladder_has_the_best_of_both_sides_the_dearest_on_top(self) -> None:
        many = [Level(side="offer", price=float(p), quantity=1.0, own=0.0) for p in range(30, 30 + DEPTH + 3)]
        asked = [Level(side="request", price=float(p), quantity=1.0, own=0.0) for p in (10, 20)]
        rows = ladder_rows([*many, *asked])
        assert [row.price for row in rows] == [*range(29 + DEPTH, 29, -1), 20, 10]

    def test_a_click_on_a_row_tells_its_level(self) -> None:
        plot, told = ladder([Level(side="offer", price=3.0, quantity=1.0, own=0.5)]), []
        plot.on_pick(told.append)
        plot.rows.selected.indices = [0]
        assert [level.price for level in told] == [3.0]
        plot.show([])
        assert plot.rows.data["price"] == []

    def test_the_strip_shows_other_books_in_place_and_refuses_other_days(self) -> None:
        labels = [f"{k}" for k in range(4)]
        blank = np.full(4, np.nan)
        book = BookDay(offer_price=blank, offer_mw=blank, request_price=blank, request_mw=blank)
        strip = book_strip(book, labels, step_state(4))
        price = np.array([5.0, np.nan, -3.0, 9.0])
        strip.show(BookDay(offer_price=price, offer_mw=blank, request_price=blank, request_mw=blank))
        assert (strip.prices.low, strip.prices.high) == (-3.0, 9.0)
        assert strip.cells.data["offer_price"][3] == 9.0
        with pytest.raises(ValueError, match="expected 4 steps"):
            strip.show(BookDay(offer_price=price[:2], offer_mw=blank, request_price=blank, request_mw=blank))

    def test_sides_are_told_in_words_too(self) -> None:
        plot = ladder([Level(side=side.value, price=3.0, quantity=1.0, own=0.0) for side in Side])
        assert plot.rows.data["words"] == ["offer 3.00", "request 3.00"]
