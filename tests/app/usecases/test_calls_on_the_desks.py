"""Direct calls on the desks, on the real market: what the DSO calls and takes back, what the owner reads of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import called as k
import pytest
import world as w

from app.queries.models import ListDirectCalls
from domain.errors import Refused
from tests.views.opened import Silence
from views import news
from views.pages import dso_calls
from views.pages.context import BoundDesk, PageContext
from views.pages.dso_calls import CallsPage
from views.pages.supply_portfolio import PortfolioPage

D = Decimal


@dataclass
class Desks:
    """Pages of participants on one market; each command is told to the open pages."""

    world: w.World
    hubs: list[Silence] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)

    def context(self, who: str, **query: Any) -> PageContext:
        hub = Silence(query)
        self.hubs.append(hub)
        desk = BoundDesk(self.world.desk, w.WHO[who])
        return PageContext(
            desk=desk, live=hub, location=hub, notify=lambda text, kind: self.said.append((kind, text))
        )

    def tell(self) -> None:
        for hub in self.hubs:
            hub.tell(news.MARKET)

    def ask(self, who: str, query: Any) -> Any:
        return BoundDesk(self.world.desk, w.WHO[who]).ask(query)


def page_of(content: Any) -> CallsPage:
    return content.owner._page


@pytest.fixture
def desks(world: w.World) -> Desks:
    k.negotiating(world)
    return Desks(world)


def opened(desks: Desks, **query: Any) -> CallsPage:
    return page_of(dso_calls.build(desks.context("dso1", **query)))


def yes(page: Any) -> None:
    page.dialog._on_confirm(None)


def test_an_offer_is_called_in_part_and_the_call_taken_back(desks: Desks) -> None:
    page = opened(desks)
    assert page._no_offers.visible
    assert page._no_calls.visible
    assert page.call.disabled
    desks.world.do("esp1", k.offering())
    desks.tell()
    (row,) = page._offers.records
    assert (row["state"], row["party"], row["quantity"], row["direction"], row["granularity"]) == (
        "open to call", "esp1", D(2), "down", "0.1",
    )  # fmt: skip
    assert row["span"].endswith("12:30–12:45")
    assert row["span_utc"] == "2016-07-25 10:30–10:45 UTC"
    page._on_offer(row)
    assert (page.quantity.value, page.quantity.label) == ("2", "Quantity, MW")
    page.quantity.value = "0.5"
    desks.tell()
    assert page.quantity.value == "0.5", "news of other things leave what is typed"
    page._on_ask(None)
    question = page.dialog._question.object
    assert "0.5 MW down of esp1 at 3" in question
    assert "40.50 EUR/MWh: 5.06 EUR" in question
    assert desks.ask("dso1", ListDirectCalls()) == (), "nothing is called before the question is answered"
    yes(page)
    assert desks.said == [("success", "The flexibility is called.")]
    (call,) = page._calls.records
    assert (call["state"], call["quantity"], call["revocable"]) == ("requested", D("0.5"), True)
    assert page._offers.records[0]["quantity"] == D("1.5")
    assert page.quantity.value == "1.5"
    page._on_take_back(None)
    yes(page)
    assert page._calls.records == []
    assert page._offers.records[0]["quantity"] == D(2)


def test_findings_stand_beside_their_fields(desks: Desks) -> None:
    desks.world.do("esp1", k.offering(duration_s=k.QUARTER_S * 2))
    page = opened(desks, offer="FO-1")
    beside = page._problems._beside
    for typed, words in {
        "": "Enter a quantity",
        "x": "as a number",
        "0.05": "multiple of 0.1",
        "9": "at most 2",
    }.items():
        page.quantity.value = typed
        page._on_ask(None)
        assert words in beside["quantity"].object
    page.quantity.value = "1"
    page.first.value = page.last.value = page.last.value - 1
    page._on_ask(None)
    assert "after the start" in beside["last"].object
    assert not page.dialog.view.open
    page.last.value += 1
    page._on_ask(None)
    desks.world.at(k.DEADLINE)
    yes(page)
    assert desks.ask("dso1", ListDirectCalls()) == ()
    assert not page._offers.records
    assert page.call.disabled


def test_an_answer_shows_with_its_reason_and_ends_taking_back(desks: Desks) -> None:
    desks.world.do("esp1", k.offering())
    desks.world.do("dso1", k.calling())
    page = opened(desks, call="FA-1")
    assert not page.take_back.disabled
    desks.world.do("esp1", k.answering(acknowledged=False, reason="It is broken."))
    desks.tell()
    (call,) = page._calls.records
    assert (call["state"], call["reason"]) == ("refused", "It is broken.")
    assert page.take_back.disabled


def test_who_has_no_flexibility_says_so_and_takes_it_back(desks: Desks) -> None:
    desks.world.do("dso1", k.asking())
    page, supplier = opened(desks), PortfolioPage(desks.context("esp1"))
    supplier._on_request(supplier._requests.records[0])
    supplier._on_none(None)
    assert desks.said[-1][0] == "success", desks.said
    desks.tell()
    (row,) = page._offers.records
    assert (row["state"], row["party"], row["quantity"]) == ("no flexibility", "esp1", None)
    page._on_offer(row)
    assert page.call.disabled, "there is nothing to call"
    book = supplier._offers
    (own,) = book._book.records
    assert (own["state"], own["asset"]) == ("no flexibility", "None at 3")
    book._on_pick(own)
    book._on_withdraw(None)
    yes(book)
    desks.tell()
    assert not page._offers.records
    assert not book._book.records


def test_the_owner_reads_until_when_it_may_be_called_and_what_was(desks: Desks) -> None:
    supplier = PortfolioPage(desks.context("esp1"))
    desks.world.do("esp1", k.offering())
    desks.tell()
    assert "The DSO may call it until" in supplier._offers._book.records[0]["terms"]
    desks.world.do("dso1", k.calling())
    desks.tell()
    assert "0.375 MWh called" in supplier._offers._book.records[0]["terms"]


def test_calls_are_seen_by_the_dso_of_the_region_alone(desks: Desks) -> None:
    desks.world.do("esp1", k.offering())
    desks.world.do("dso1", k.calling())
    assert len(desks.ask("dso1", ListDirectCalls())) == 1
    assert desks.ask("dso2", ListDirectCalls()) == ()
    for who in ("esp1", "fmo", "tso"):
        with pytest.raises(Refused):
            desks.ask(who, ListDirectCalls())
