"""The composer's terms, prices, verdict and changes of offers, against a market in memory; and its charts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from app.queries.models import ListOffers
from domain.commands import PlaceOffers, SubmitOffer
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.explanation import Explanation
from domain.flexibility.terms import OfferTerms
from domain.lifecycle import OfferState, SessionState
from tests.views.fakes import LABELS, N
from tests.views.fakes_trading import SUN, TradingDesk
from tests.views.opened import Opened, opened
from views.pages.supply_compose import ComposerPage
from views.pages.supply_portfolio import PortfolioPage
from views.plots.hand import new_hand
from views.plots.offer import OfferDay, PriceDay
from views.plots.offer_charts import offer_plot
from views.plots.step import step_state

D = Decimal


def composer(desk: TradingDesk | None = None, account: str = "esp1", **query: str) -> tuple[ComposerPage, Opened]:
    room = opened(account, desk, **query)
    if desk is None:
        room.desk.offers.clear()
    return ComposerPage(room.context), room


def compose(page: ComposerPage, mw: str = "0.25", price: str = "45.50") -> None:
    page.first.value, page.last.value = 40, 43
    page.fill_mw.value, page.price.value = mw, price
    page._on_fill(None)


def send(page: ComposerPage) -> None:
    page._on_submit(None)
    page.dialog._on_confirm(None)


def said(page: ComposerPage) -> str:
    verdict = page._verdict
    return f"{verdict.words.object} {verdict._expected.object} {verdict._why.object}"


def rated() -> TradingDesk:
    """The field of esp1 has an inverter of 1 MVA: 0.8 MW leave it 0.6 Mvar."""
    desk = TradingDesk()
    desk.assets[0] = replace(desk.assets[0], s_max_mva=D(1))
    desk.offers.clear()
    return desk


def test_terms_are_sent_and_told_before():
    page, room = composer()
    compose(page)
    page._terms.least.value, page._terms.budget.value = "50", "0,2"
    page._on_submit(None)
    asked = str(page.dialog._question.object)
    assert "Terms: at least 50 %, at most 0.2 MWh." in asked
    assert "10:00" in asked
    assert room.sent(SubmitOffer) == [], "nothing is sent before it is confirmed"
    page.dialog._on_confirm(None)
    (sent,) = room.sent(SubmitOffer)
    assert sent.terms == OfferTerms(min_acceptance=D("0.5"), max_energy_mwh=D("0.2"))


@pytest.mark.parametrize(
    ("field", "text", "beside", "words"),
    [
        ("least", "150", "min_acceptance", "above the most allowed"),
        ("least", "half", "min_acceptance", "as a number"),
        ("budget", "0", "max_energy_mwh", "below the least allowed"),
        ("ramp", "-1", "ramp_mw_per_step", "below the least allowed"),
    ],
)
def test_bad_terms_are_told_beside_their_field(field, text, beside, words):
    page, room = composer()
    compose(page)
    getattr(page._terms, field).value = text
    assert words in str(page._terms._problems._beside[beside].object)
    assert page.submit.disabled
    send(page)
    assert room.desk.offers == []


def test_terms_that_do_not_go_together_or_with_two_assets_are_told():
    page, _room = composer()
    compose(page)
    page._terms.block.value = True
    assert not page.submit.disabled
    page._terms.budget.value = "1"
    assert "leave out the energy budget" in str(page._terms._problems._beside["block"].object)
    page._terms.budget.value = ""
    page.assets.value = ["FA-esp1", "FA-esp1-B"]
    assert "one by itself" in str(page._terms._problems._beside["block"].object)


def test_the_verdict_tells_award_and_revenue_and_outlines_it():
    page, _room = composer()
    compose(page)
    assert "Expected award: 0.250 MWh, at most 0.250 MW." in said(page)
    assert "Expected revenue 11.38 EUR." in said(page)
    assert "Rivals are not in it" in said(page)
    top = np.asarray(page._day._chart.award.data["top"])
    assert top[40] == pytest.approx(float(SUN[40]) - 0.25)
    assert np.isnan(top[39])
    assert "11.38" in page._sums.view.object
    page._on_drawing(True)
    assert "Expected award:" not in said(page)
    assert page.submit.disabled
    page._on_drawing(False)
    assert "Expected award:" in said(page), "a drag that changed nothing leaves the verdict"


def test_the_smallest_change_is_one_press():
    page, room = composer()
    compose(page, price="300")
    assert "Nothing of it would be accepted." in said(page)
    assert "would have been accepted at 100.00" in said(page)
    assert page._verdict.apply.visible
    assert "100.00" in page._verdict.apply.label
    page._verdict._on_apply(None)
    assert page.price.value == "100"
    assert "Expected award:" in said(page)
    assert not page._verdict.apply.visible
    room.desk.worth_eur_per_mwh = D(500)
    compose(page, price="300")
    assert not page._verdict.apply.visible


def test_a_price_is_drawn_for_all_or_for_each_quarter_hour():
    page, room = composer()
    compose(page)
    page._on_price_drawn(np.full(N, 61.5))
    assert (page.price.value, page._terms.one_price) == ("61.50", True)
    drawn = np.full(N, 61.5)
    drawn[41] = 70.25
    page._on_price_drawn(drawn)
    assert not page._terms.one_price
    send(page)
    (sent,) = room.sent(SubmitOffer)
    assert sent.price_eur_per_mwh[40:42] == (D("61.50"), D("70.25"))
    assert page._day._chart.line.tags[2] is False


@pytest.mark.parametrize("one_price", [True, False])
def test_what_was_drawn_is_not_sent_back_over_what_the_hand_has_drawn_since(one_price):
    page, _room = composer()
    compose(page)
    plot, sent = page._day._chart, []
    for source in (plot.bars, plot.line):
        source.on_change("data", lambda _attr, _old, _new: sent.append(True))
    price = np.full(N, 61.5)
    price[41] += 0 if one_price else 9
    plot.hand.drawing = True
    plot.priced.data = {"value": price}
    plot.hand.drawing = False
    plot.hand.drawing = True
    quantity = np.zeros(N)
    quantity[40:44] = 0.2
    plot.drawn.data = {"value": quantity}
    plot.hand.drawing = False
    assert (float(page.price_eur_per_mwh[40]), float(page.quantity_mw[40])) == (61.5, 0.2)
    assert plot.price.y_range.end > 61.5
    assert sent == []
    page._terms.price_mode.value = "one"
    page.price.value = "50"
    assert sent, "what was typed is"
    assert set(plot.line.data["price"]) == {50.0}


def test_a_reactive_share_goes_with_the_offer_as_one():
    page, room = composer(rated())
    assert not page._terms.share.disabled
    compose(page)
    page._terms.share.value = "50"
    assert "Give the reactive power a price." in str(page._terms._problems._beside["reactive_price"].object)
    page._terms.share_price.value = "4"
    assert "Reactive share: 0.300 Mvarh" in said(page)
    send(page)
    (sent,) = room.sent(PlaceOffers)
    active, reactive = sent.offers
    assert (active.commodity, reactive.commodity) == (Commodity.P, Commodity.Q)
    assert reactive.direction is Direction.DOWN
    assert reactive.lines[0].quantity_mw[39:42] == (D(0), D("0.3"), D("0.3"))
    assert set(reactive.price_eur_per_mwh) == {D("4")}
    page._terms.share.value = "120"
    compose(page)
    assert "0 to 100 percent" in str(page._terms._problems._beside["reactive_share"].object)


def test_without_a_rating_there_is_no_reactive_share():
    page, _room = composer()
    assert page._terms.share.disabled


def refused(desk: TradingDesk, **changes: object) -> TradingDesk:
    """The offer of esp1 was refused; 31.50 would have been accepted."""
    at = next(k for k, offer in enumerate(desk.offers) if offer.party_id == "esp1")
    desk.offers[at] = replace(desk.offers[at], **changes)
    why = Explanation(asset_id="FA-esp1", kind="voltage", element="B5", accepted_if_eur_per_mwh=D("31.50"))
    plain = desk.query

    def query(who, asked):
        rows = plain(who, asked)
        return tuple(replace(row, why=((why, "Why."),)) for row in rows) if isinstance(asked, ListOffers) else rows

    desk.query = query
    return desk


def test_the_book_sends_a_refused_offer_again_at_the_price_that_would_do():
    desk = refused(TradingDesk(), state=OfferState.REJECTED, session_id="MS-before")
    book = PortfolioPage(opened("esp1", desk).context)._offers
    assert book._again.disabled
    book._on_pick(book._book.records[0])
    assert (book._again.label, book._again.disabled) == ("Apply the smallest change", False)
    link = urlsplit(book._again.href)
    query = {key: values[0] for key, values in parse_qs(link.query).items()}
    assert query == {"offer": "FO-esp1", "price": "31.50"}
    page, room = composer(desk, **query)
    before = next(offer for offer in desk.offers if offer.id == "FO-esp1")
    assert page.quantity_mw == before.lines[0].quantity_mw
    assert page.price.value == "31.50"
    send(page)
    (sent,) = room.sent(SubmitOffer)
    assert (sent.session_id, set(sent.price_eur_per_mwh)) == ("MS-north", {D("31.50")})


def test_a_standing_offer_is_replaced_in_one_step():
    desk = refused(TradingDesk())
    page, room = composer(desk, offer="FO-esp1", price="31.50")
    assert page.replaces == ("FO-esp1",)
    assert page._bench.room_mw == SUN, "what it takes itself counts as left"
    send(page)
    (sent,) = room.sent(PlaceOffers)
    assert sent.replaces == ("FO-esp1",)
    states = {offer.id: offer.state for offer in desk.offers if offer.party_id == "esp1"}
    assert states.pop("FO-esp1") is OfferState.WITHDRAWN
    assert list(states.values()) == [OfferState.SUBMITTED]
    assert page.replaces == (), "the next offer is a new one"


def test_where_no_session_is_open_the_book_says_so():
    desk = refused(TradingDesk(), state=OfferState.REJECTED)
    desk.sessions = {k: replace(s, state=SessionState.PUBLISHED) for k, s in desk.sessions.items()}
    book = PortfolioPage(opened("esp1", desk).context)._offers
    book._on_pick(book._book.records[0])
    assert book._again.disabled
    assert "No session of Rural north is open now" in book._why.object


def test_assets_tell_what_is_offered_of_them():
    page = PortfolioPage(opened("esp1").context)
    records = {record["id"]: record for record in page._assets.records}
    offered = sum(page.facts.offers[0].offer.lines[0].quantity_mw) / 4
    assert records["FA-esp1"]["offered_mwh"] == offered > 0
    assert records["FA-esp1-B"]["offered_mwh"] == 0


def test_the_charts_are_patched_in_place_and_follow_the_direction():
    plot = offer_plot(LABELS, step_state(N), new_hand())
    base, left = np.full(N, 0.5), np.full(N, 0.4)
    day = OfferDay(
        base=base, low=base - 0.5, high=base + 0.2, most=left, need=left, sign=-1, unit="MW", axis="Injection, MW"
    )
    plot.show(day, np.full(N, 0.1))
    assert plot.bars.data["top"][0] == pytest.approx(0.4)
    assert plot.bars.tags == [0.001, -1, False]
    plot.show_award(np.full(N, 0.05))
    assert plot.award.data["top"][0] == pytest.approx(0.45)
    plot.show_quantity(np.full(N, 0.2))
    assert plot.bars.data["top"][0] == pytest.approx(0.3)
    plot.show_award(None)
    assert np.isnan(plot.award.data["top"]).all()
    prices = PriceDay(local=None, day_ahead=base * 60, unit="EUR/MWh", one=True, cap=200.0)
    plot.show_price(np.full(N, 40.0), prices)
    assert plot.price.y_range.end > 200
    assert not plot.parts["local"].visible
    figures = (plot.quantity, plot.price)
    plot.restyle("dark")
    assert (plot.quantity, plot.price) == figures
