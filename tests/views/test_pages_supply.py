"""The suppliers' pages against a market in memory: exact commands, one offer per click, findings beside fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.queries.models import ListOffers
from domain.commands import (
    AcknowledgeActivation,
    RefuseActivation,
    RegisterAsset,
    SubmitOffer,
    UploadBaseline,
    WithdrawOffer,
)
from domain.errors import Finding, Refused
from domain.flexibility.assets import AssetKind, Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.explanation import Explanation
from domain.lifecycle import OfferState, SessionState
from domain.time import DeliveryDay
from domain.units import WATT
from tests.views.fakes import DAY, N
from tests.views.fakes_trading import SUN, TradingDesk, award
from tests.views.opened import opened
from views import news
from views.pages.supply_assets import SupplyAssetsPage
from views.pages.supply_compose import ComposerPage
from views.pages.supply_portfolio import PortfolioPage
from views.state import supply_baseline
from views.state.supply_composer import Composition, split
from views.state.supply_facts import open_requests, supply_facts
from views.state.supply_findings import problems_of

D = Decimal
watts = (st.integers(0, 4) | st.integers(0, 5_000_000)).map(lambda n: D(n) * WATT)


def words(pane) -> str:
    return str(pane.object)


# -- state ------------------------------------------------------------------------------------------------


@given(st.lists(watts, min_size=1, max_size=6), st.data())
def test_a_split_adds_up_exactly_in_whole_watts_and_stays_within_each_assets_room(left, data):
    room = sum(left, D(0))
    total = D(data.draw(st.integers(0, int(room / WATT)))) * WATT
    shares = [share[0] for share in split((total,), [(most,) for most in left])]
    assert sum(shares) == total
    assert all(0 <= share <= most for share, most in zip(shares, left, strict=True))
    assert all(share == share.quantize(WATT) for share in shares)


def test_a_split_is_in_proportion_to_what_is_left():
    shares = split((D("0.3"), D("0.3")), [(D("0.2"), D(0)), (D("0.4"), D("0.5"))])
    assert shares == ((D("0.100000"), D(0)), (D("0.200000"), D("0.300000")))


def test_more_than_there_is_stays_more_so_that_the_market_can_say_so():
    shares = split((D("0.9"),), [(D("0.2"),), (D("0.4"),)])
    assert sum(s[0] for s in shares) == D("0.9")
    assert shares[0][0] > D("0.2") or shares[1][0] > D("0.4")


def test_revenue_is_exact_to_the_cent_and_idle_assets_are_left_out():
    composition = Composition(
        session_id="MS-north",
        asset_ids=("A", "B"),
        left_mw=((D("1"),) * N, (D(0),) * N),
        commodity=Commodity.P,
        direction=Direction.DOWN,
        quantity_mw=(D("0.1"), *((D(0),) * (N - 1))),
        price_eur_per_mwh=(D("33.33"), *((D("99"),) * (N - 1))),
    )
    assert composition.revenue_eur == D("0.83")
    assert [line.asset_id for line in composition.command().lines] == ["A"]


def test_findings_are_told_once_at_their_field_with_how_many_more():
    findings = [
        Finding(code="beyond_asset", field=f"lines[0].quantity_mw[{k}]", sentence=f"Too much {k}.")
        for k in range(5)
    ] + [Finding(code="mixed_brp", field="lines", sentence="Two parties.")] * 2
    assert problems_of(findings) == [
        ("quantity", "Too much 0."),
        ("quantity", "Too much 1."),
        ("quantity", "Too much 2."),
        ("quantity", "And 2 more of this kind."),
        ("assets", "Two parties."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(["0.5"] * N),
        "time,p_mw\n" + "\n".join(["10:00,0.5"] * N),
        "\ufefftime;p_mw\n" + "\n".join(["10:00;0,5"] * N),
        supply_baseline.example(DeliveryDay(day=DAY), (D("0.5"),) * N),
    ],
)
def test_a_baseline_file_is_read_as_plain_values_or_by_its_column(text):
    assert supply_baseline.read(text.encode(), DeliveryDay(day=DAY)) == (D("0.5"),) * N


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", [("missing", "file")]),
        (b"\xff\xff", [("malformed", "file")]),
        (b"1\n2\n", [("wrong_length", "file")]),
        (b"a,b\n1,2\n", [("missing", "row 1")]),
        (b"0\n" * (N - 2) + b"x\nNaN\n", [("not_finite", f"row {N - 1}"), ("not_finite", f"row {N}")]),
        (b"0\n" * (N - 1) + b"0.1234567\n", [("too_many_decimals", f"row {N}")]),
        (b"0" * 70_000, [("too_large", "file")]),
    ],
)
def test_a_bad_baseline_file_names_every_row(content, found):
    with pytest.raises(Refused) as refused:
        supply_baseline.read(content, DeliveryDay(day=DAY))
    assert [(f.code, f.field) for f in refused.value.findings] == found


# -- composer ---------------------------------------------------------------------------------------------


def composer(**query: str) -> tuple[ComposerPage, object]:
    room = opened("esp2", **query)
    room.desk.offers.clear()
    return ComposerPage(room.context), room


def send(page: ComposerPage) -> None:
    """Press the button, and answer what it asks."""
    page._on_submit(None)
    page.dialog._on_confirm(None)


def offer(page: ComposerPage, mw: str = "0.25", price: str = "45.50") -> None:
    page.fill_mw.value, page.price.value = mw, price
    page._on_fill(None)


def test_the_command_is_exactly_what_was_composed():
    page, room = composer()
    page.first.value, page.last.value = 40, 43
    offer(page)
    assert not page.submit.disabled
    assert "would take it" in words(page.verdict)
    send(page)
    sent = room.sent(SubmitOffer)
    assert len(sent) == 1
    assert sent[0].session_id == "MS-north"
    assert sent[0].direction is Direction.DOWN
    assert sent[0].lines[0].quantity_mw == tuple(D("0.25") if 40 <= k <= 43 else D(0) for k in range(N))
    assert set(sent[0].price_eur_per_mwh) == {D("45.50")}


def test_impatient_clicks_make_one_offer_only():
    page, room = composer()
    offer(page, mw="0.05")
    for _ in range(3):
        send(page)
    assert len(room.sent(SubmitOffer)) == 1
    assert len(room.desk.offers) == 1
    assert page.submit.disabled


def test_the_same_offer_typed_again_is_another_offer():
    """The market takes it while there is room; only a second press of the button is not a second offer."""
    page, room = composer()
    for n_sent in (1, 2):
        offer(page, mw="0.05")
        assert not page.submit.disabled
        send(page)
        send(page)
        assert len(room.sent(SubmitOffer)) == n_sent


def test_what_was_offered_is_no_longer_left():
    page, _room = composer()
    page.first.value, page.last.value = 40, 43
    offer(page, mw="0.25")
    send(page)
    assert page._bench.room_mw[40] == SUN[40] - D("0.25")
    assert page._bench.room_mw[44] == SUN[44]
    assert page._day._chart.bars.data["most"][40] == pytest.approx(0.55)


@pytest.mark.parametrize(
    ("mw", "price", "field", "said"),
    [
        ("2", "45", "quantity", "are left to offer"),
        ("-1", "45", "quantity", "below the least allowed"),
        ("much", "45", "quantity", "as a number"),
        ("0.25", "dear", "price", "as a number"),
        ("0.25", "45.123", "price", "decimals"),
        ("0.25", "99999", "price", "above the most allowed"),
        ("NaN", "45", "quantity", "finite"),
    ],
)
def test_findings_stand_beside_their_fields_and_nothing_is_sent(mw, price, field, said):
    page, room = composer()
    offer(page, mw, price)
    assert said in words(page._terms._problems._beside[field])
    assert page.submit.disabled
    send(page)
    assert room.desk.offers == []


def test_several_assets_share_the_quantity_by_what_they_have_left():
    room = opened("esp1")
    room.desk.offers.clear()
    page = ComposerPage(room.context)
    page.assets.value = ["FA-esp1", "FA-esp1-B"]
    page.first.value, page.last.value = 40, 40
    offer(page, mw="0.65")
    send(page)
    lines = {line.asset_id: line.quantity_mw[40] for line in room.sent(SubmitOffer)[0].lines}
    assert lines == {"FA-esp1": D("0.400000"), "FA-esp1-B": D("0.250000")}


def test_a_drawn_quantity_and_a_typed_one_are_the_same_offer():
    page, _room = composer()
    drawn = np.zeros(N)
    drawn[40] = 0.123
    page._on_drawn(drawn)
    assert page.quantity_mw[40] == D("0.123000")
    page._day._steps._on_cell(SimpleNamespace(column="quantity", row=41, value=0.2))
    assert page.quantity_mw[41] == D("0.2")
    assert page._day._chart.bars.data["quantity"][41] == pytest.approx(0.2)
    assert page._day._steps.view.value["quantity"].iloc[40] == pytest.approx(0.123)


def test_answering_a_request_presets_session_direction_assets_and_hours():
    page, _room = composer(request="FR-north")
    assert page.session.value == "MS-north"
    assert page.assets.value == ["FA-esp2"]
    assert (page.first.value, page.last.value) == (44, 59)
    assert page._bench.need_mw[44] == D("0.5")
    page.price.value = "20"
    page._on_fill_need(None)
    assert page.quantity_mw[44] == D("0.5")
    assert page.quantity_mw[43] == 0
    assert not page.submit.disabled


def rated(desk: TradingDesk) -> TradingDesk:
    """The field of esp1 has an inverter of 1 MVA; 0.8 MW leave it 0.6 Mvar. Its grid asks for Q."""
    desk.assets[0] = replace(desk.assets[0], s_max_mva=D(1))
    desk.requests[:] = [replace(desk.requests[0], id="FR-q", commodity=Commodity.Q, buses=("B4",))]
    desk.offers.clear()
    return desk


def test_a_request_of_reactive_power_is_answered_in_mvar_within_the_rating():
    room = opened("esp1", rated(TradingDesk()), request="FR-q")
    page = ComposerPage(room.context)
    assert (page.power.value, page.direction.value, page.assets.value) == ("Q", "down", ["FA-esp1"])
    assert (page.fill_mw.label, page.price.label) == ("Quantity, Mvar", "Price, EUR/Mvarh")
    assert page._day._chart.quantity.yaxis.axis_label == "Change, Mvar"
    assert page._bench.room_mw[50] == D("0.6")
    assert page._bench.need_mw[50] == D("0.5")
    assert not page._terms.unrated.visible
    offer(page, mw="0.7", price="4")
    assert "0.600000 Mvar are left to offer" in words(page._terms._problems._beside["quantity"])
    page._on_fill_need(None)
    send(page)
    (sent,) = room.sent(SubmitOffer)
    assert (sent.commodity, sent.lines[0].quantity_mw[50]) == (Commodity.Q, D("0.5"))
    assert page._bench.room_mw[50] == D("0.1"), "its own offer takes its part"
    assert open_requests(supply_facts(room.context.desk), "north")[0].commodity is Commodity.Q


def test_another_commodity_starts_a_blank_offer_and_without_a_rating_there_is_none():
    page, _room = composer()
    offer(page, mw="0.25", price="40")
    page.power.value = "Q"
    assert not any(page.quantity_mw)
    assert not any(page._bench.room_mw)
    assert page._terms.unrated.visible
    page.power.value = "P"
    assert page._bench.room_mw[50] == SUN[50]
    assert not page._terms.unrated.visible


def test_when_the_gate_closes_meanwhile_the_composer_stops():
    page, room = composer()
    offer(page)
    room.desk.sessions = {k: replace(s, state=SessionState.CLEARING) for k, s in room.desk.sessions.items()}
    room.hub.tell(news.MARKET)
    assert page.submit.disabled
    assert "No session is open" in words(page._terms._problems._beside["session"])


def test_without_a_session_the_composer_says_what_comes_next():
    room = opened("esp2")
    room.desk.sessions = {k: replace(s, state=SessionState.PLANNED) for k, s in room.desk.sessions.items()}
    page = ComposerPage(room.context)
    said = str([p.object for v in page.main() for p in v.select(lambda v: hasattr(v, "object"))])
    assert "No session is open for offers now." in said


# -- portfolio --------------------------------------------------------------------------------------------


def test_the_portfolio_shows_own_offers_only_and_marks_own_assets_on_the_map():
    page = PortfolioPage(opened("esp1").context)
    assert [r["offer_id"] for r in page._offers._book.records] == ["FO-esp1"]
    assert list(page._layer.assets.data["name"])[1] == "Battery of esp1"
    assert len(page._layer.asked.data["x"]) == 2


def test_requests_whose_deadline_has_passed_are_no_longer_open():
    facts = supply_facts(opened("esp1").context.desk)
    (request,) = open_requests(facts, facts.regions[0].id)
    before = request.deadline - timedelta(seconds=1)
    assert open_requests(replace(facts, now=before), request.region_id) == [request]
    assert open_requests(replace(facts, now=request.deadline), request.region_id) == []


def test_an_offer_is_withdrawn_after_the_question_and_only_while_it_can_be():
    room = opened("esp1")
    page = PortfolioPage(room.context)
    book = page._offers
    book._on_pick(book._book.records[0])
    assert not book._withdraw.disabled
    book._on_withdraw(None)
    book.dialog._on_confirm(None)
    assert [c.offer_id for c in room.sent(WithdrawOffer)] == ["FO-esp1"]
    assert book._book.records[0]["state"] == OfferState.WITHDRAWN.value
    book._on_pick(book._book.records[0])
    assert book._withdraw.disabled


def test_a_picked_offer_says_why_it_was_not_accepted_in_full_asset_by_asset():
    desk = TradingDesk()
    plain = desk.query
    why = Explanation(asset_id="FA-esp1", kind="voltage", element="<b>B5</b>", step=48)
    told = ((why, "Held back by voltage at bus <b>B5</b> at 12:00."), (replace(why, asset_id="FA-x"), "Second."))

    def query(who, asked):
        rows = plain(who, asked)
        return tuple(replace(row, why=told) for row in rows) if isinstance(asked, ListOffers) else rows

    desk.query = query
    page = PortfolioPage(opened("esp1", desk).context)
    book = page._offers
    assert "Pick an offer" in book._why.object
    book._on_pick(book._book.records[0])
    assert book._why.object.count("<p ") == 2
    assert "Held back by voltage at bus &lt;b&gt;B5&lt;/b&gt; at 12:00." in book._why.object
    desk.query = plain
    page.refresh()
    assert not book._why_room.visible


def test_an_activation_is_acknowledged_once():
    room = opened("esp1", award(TradingDesk(), "esp1"))
    page = PortfolioPage(room.context)
    book = page._awards
    assert book._book.records[0]["state"] == "requested"
    book._on_pick(book._book.records[0])
    book._on_acknowledge(None)
    assert [c.activation_id for c in room.sent(AcknowledgeActivation)] == ["AC-esp1"]
    assert book._book.records[0]["state"] == "acknowledged"
    assert book._acknowledge.disabled


def test_a_refused_activation_needs_a_reason():
    room = opened("esp1", award(TradingDesk(), "esp1"))
    book = PortfolioPage(room.context)._awards
    book._on_pick(book._book.records[0])
    book._on_refuse(None)
    assert "Give a reason." in words(book._problems._beside["reason"])
    book._reason.value = "Broken inverter"
    book._on_refuse(None)
    assert [c.reason for c in room.sent(RefuseActivation)] == ["", "Broken inverter"]


def test_an_award_appears_when_it_is_published_elsewhere():
    room = opened("esp1")
    page = PortfolioPage(room.context)
    figure = page._scene.map.figure
    assert page._awards._book.records == []
    award(room.desk, "esp1")
    room.hub.tell(news.MARKET)
    assert len(page._awards._book.records) == 1
    assert page._scene.map.figure is figure


# -- assets -----------------------------------------------------------------------------------------------


def test_a_unit_prefills_the_form_within_its_rating_and_is_registered():
    room = opened("esp1")
    page = SupplyAssetsPage(room.context)
    form = page._register
    assert form.unit.value == "WT-1"
    assert (form.kind.value, form.p_max.value, form.p_min.value) == ("wind", "0.75", "0")
    form.unit.value = "LD-2"
    assert (form.kind.value, form.p_min.value, form.p_max.value) == ("load", "-0.25", "0")
    form.name.value = "Cold store"
    form._on_register(None)
    sent = room.sent(RegisterAsset)[0]
    assert (sent.unit_id, sent.kind, sent.p_min_mw, sent.brp_id) == ("LD-2", AssetKind.LOAD, D("-0.25"), None)
    assert page.asset is not None
    assert page.asset.name == "Cold store"


def test_every_field_that_cannot_be_read_is_named_at_once():
    room = opened("esp1")
    form = SupplyAssetsPage(room.context)._register
    form.p_min.value, form.p_max.value = "low", ""
    form._on_register(None)
    assert "as a number" in words(form.problems._beside["p_min_mw"])
    assert "Enter" in words(form.problems._beside["p_max_mw"])
    assert room.sent(RegisterAsset) == []
    assert not form.button.disabled


def test_a_baseline_is_uploaded_for_the_picked_asset_and_drawn():
    room = opened("esp1")
    page = SupplyAssetsPage(room.context)
    page._upload.file.value = b"0.4\n" * N
    page._upload._on_send(None)
    sent = room.sent(UploadBaseline)[0]
    assert (sent.asset_id, sent.delivery_day, set(sent.p_mw)) == ("FA-esp1", DAY, {D("0.4")})
    assert page._chart._plot.source.data["baseline"][0] == pytest.approx(0.4)
    page._upload.file.value = b"0.4\n"
    page._upload._on_send(None)
    assert len(room.sent(UploadBaseline)) == 1
    assert page._upload.findings.records[0]["where"] == "file"
