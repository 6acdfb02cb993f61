"""The DSO's pages against a market in memory: what they show, what they send, what they say when refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import panel as pn
import pytest

from app.queries.models import CongestedRow, GetResult, Plan, ProposedRequest
from domain.commands import CancelJob, ConfirmAsset, PublishRequest, RefuseAsset, UploadNetwork, WithdrawRequest
from domain.errors import Refused, refuse
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.zones import CongestedRegion
from domain.lifecycle import AssetState, SessionState
from domain.time import DeliveryDay
from tests.views.fakes import DAY, NOW, N, cleared, day_state, grid_map, principal, request_of
from tests.views.fakes_trading import NEED, TradingDesk, needs_job
from tests.views.opened import opened
from views import news
from views.pages.dso_assets import AssetsPage
from views.pages.dso_data import DataPage
from views.pages.dso_requests import RequestsPage
from views.pages.dso_room import ControlRoom
from views.state import dso_drafts, dso_room, spans
from views.state.files import MAX_FILE_BYTES, file_text


def waiting() -> TradingDesk:
    """One asset waits for the DSO's answer."""
    desk = TradingDesk()
    desk.assets[0] = replace(desk.assets[0], state=AssetState.REGISTERED)
    return desk


# -- state ------------------------------------------------------------------------------------------------


def test_needs_are_sorted_by_how_far_they_pass_and_told_in_local_time_with_utc():
    needs = day_state(1.07, 90).needs
    more = replace(needs[0], element="L0", kind="loading", worst_value=130.0, limit=100.0)
    rows = dso_room.need_records([*needs, more], DeliveryDay(day=DAY))
    assert [row["element"] for row in rows] == ["L0", "B5"]
    assert rows[0]["worst"] == "130.0 %"
    assert rows[1]["worst"] == "1.0700 pu"
    assert rows[1]["limit"] == "1.055 pu"
    assert rows[1]["severity"] == "critical"
    need = needs[0]
    first = DeliveryDay(day=DAY).label(need.first_step)
    assert rows[1]["span"].startswith(first)
    assert rows[1]["span_utc"].startswith("2016-07-25 ")


def test_the_last_quarter_hour_of_a_short_and_of_a_long_day_ends_at_24():
    for day, n in ((date(2026, 3, 29), 92), (date(2026, 10, 25), 100)):
        delivery = DeliveryDay(day=day)
        assert spans.span(delivery, n - 1, n - 1) == "23:45–24:00"


def test_a_permalink_names_a_bus_and_a_branch_apart_and_unknown_ones_are_none():
    grid = replace(grid_map("north"), branch_ids=("B1", "L1", "L2", "L3", "L4"))
    assert dso_room.element_of("bus:B1", grid) == dso_room.Element("bus", 1, "B1")
    assert dso_room.element_of("branch:B1", grid) == dso_room.Element("branch", 0, "B1")
    assert dso_room.element_of("bus:nope", grid) is None
    assert dso_room.element_of("B1", grid) is None


def test_extremes_name_element_and_step_and_see_voltages_outside_the_band():
    state, grid = day_state(1.07, 90), grid_map("north")
    far = dso_room.extremes(state, grid)
    assert far.vm_max_at[0] == "B5"
    assert far.loading_at[0] == "L0"
    assert far.voltage_outside
    assert not dso_room.extremes(day_state(1.05, 90), grid).voltage_outside


def test_awards_in_a_zone_are_summed_with_their_sign():
    desk = cleared(TradingDesk(), state=SessionState.PUBLISHED)
    awards = desk.query(principal("dso1"), GetResult(session_id="MS-north")).awards
    near = dso_room.awards_near(dso_room.Element("bus", 5, "B5"), grid_map("north"), awards, N)
    assert near is not None
    assert near.min() == pytest.approx(-1.0)
    away = dso_room.awards_near(dso_room.Element("bus", 0, "B0"), grid_map("north"), awards, N)
    assert away is None


def test_drafts_round_to_whole_watts_and_never_below_zero():
    draft = dso_drafts.Draft(
        zone="A",
        buses=("B4",),
        commodity=Commodity.P,
        direction=Direction.DOWN,
        proposed_mw=NEED,
        quantity_mw=NEED,
        price_cap="200",
        deadline="2016-07-24 12:00",
    )
    drawn = dso_drafts.with_quantity(draft, [0.1234567, -1.0, *([0.0] * (N - 2))])
    assert drawn.quantity_mw[:2] == (Decimal("0.123457"), Decimal(0))
    assert dso_drafts.scaled(draft, Decimal(50)).peak_mw == Decimal("0.150000")


@pytest.mark.parametrize(("text", "code"), [("", "missing"), ("much", "not_finite"), ("NaN", "not_finite")])
def test_a_price_that_is_no_number_is_refused_at_its_field(text, code):
    with pytest.raises(Refused) as refused:
        dso_drafts.parse_decimal(text, "price_cap_eur_per_mwh", "the price cap")
    assert [(f.code, f.field) for f in refused.value.findings] == [(code, "price_cap_eur_per_mwh")]


def test_a_deadline_is_read_in_local_time():
    assert dso_drafts.parse_local("2016-07-24 12:00", "deadline") == datetime(2016, 7, 24, 10, tzinfo=UTC)
    with pytest.raises(Refused):
        dso_drafts.parse_local("tomorrow", "deadline")


# -- control room -----------------------------------------------------------------------------------------


def words(pane) -> str:
    return str(pane.object)


def test_the_room_opens_at_the_worst_hour_with_the_worst_element():
    page = ControlRoom(opened("dso1").context)
    assert page._scene is not None
    assert page._scene.step.step == int(day_state(1.07, 90).vm_pu[:, 5].argmax())
    assert page.state.element == "bus:B5"
    assert page._chart.figure.title.text == "Bus B5"
    strip = words(page._strip.view)
    assert "1.000–1.070" in strip
    assert "Sealed until the gate closes" in strip


def test_the_room_follows_a_permalink():
    page = ControlRoom(opened("dso1", region="north", element="branch:L2", layer="voltage").context)
    assert page._chart.figure.title.text == "Branch L2"
    assert page._scene.map.overlay == "voltage"


def test_without_a_network_the_room_says_where_to_upload_it():
    page = ControlRoom(opened("dso1", TradingDesk(has_network=False)).context)
    said = str([pane.object for pane in page._body.select(lambda v: hasattr(v, "object"))])
    assert "no network yet" in said
    links = [w.href for w in page._body.select(lambda v: hasattr(v, "href"))]
    assert links == [f"/dso/data?region=north&day={DAY.isoformat()}"]


def test_a_running_job_is_shown_and_can_be_cancelled():
    desk = TradingDesk(computing=needs_job())
    room = opened("dso1", desk)
    page = ControlRoom(room.context)
    assert page._job.view.visible
    page._on_cancel()
    assert room.sent(CancelJob) == [CancelJob(job_id="JB-7")]


def test_a_picked_need_selects_its_element_and_moves_the_time():
    page = ControlRoom(opened("dso1", element="branch:L2").context)
    page._scene.go_to(0)
    page._on_need(page._needs.records[0])
    assert page.state.element == "bus:B5"
    assert page._scene.map.buses.selected.indices == [5]
    assert page._scene.step.step == page._needs.records[0]["worst_step"]


def test_a_published_result_arrives_without_a_new_figure():
    room = opened("dso1")
    page = ControlRoom(room.context)
    scene, figure = page._scene, page._scene.map.figure
    assert not scene._moment.visible
    cleared(room.desk, state=SessionState.PUBLISHED)
    room.hub.tell(news.MARKET)
    assert page._scene is scene
    assert page._scene.map.figure is figure
    assert scene._moment.visible
    scene._moment.value = "after"
    assert page._needs.records == []
    after = np.asarray(scene.map.all_vm.data["v"])
    assert after.max() == pytest.approx(1.054, abs=1e-6)
    assert "Every need is cured" in words(page._strip.view)


def test_the_needs_download_says_what_is_seen():
    page = ControlRoom(opened("dso1").context)
    text = page._needs.csv().getvalue().decode("utf-8-sig")
    assert "Need,Element,Zone,From–to,Worst,Limit,Severity" in text
    assert "▲ Voltage,B5,A," in text


# -- requests ---------------------------------------------------------------------------------------------


def test_proposals_already_asked_for_start_unticked_and_the_rest_is_published_once():
    room = opened("dso1")
    page = RequestsPage(room.context)
    assert [d.include for d in page._drafts.drafts] == [False, True]
    assert page._publish.label == "Publish 1 request"
    page._on_publish(None)
    page._on_publish(None)
    sent = room.sent(PublishRequest)
    assert [(c.congestion_point, c.direction, c.buses) for c in sent] == [("C", Direction.UP, ("B1",))]
    assert sent[0].quantity_mw == tuple(v / 2 for v in NEED)
    assert page._publish.disabled
    assert [r["zone"] for r in page._own.book.records] == ["A", "C"]


def edit(page: RequestsPage, row: int, column: str, value: object) -> None:
    page._drafts._on_edit(SimpleNamespace(row=row, column=column, value=value))


def test_edits_of_price_deadline_and_quantity_are_what_is_published():
    room = opened("dso1")
    page = RequestsPage(room.context)
    edit(page, 1, "price_cap", "85,50")
    edit(page, 1, "deadline", "2016-07-24 11:30")
    page._drafts._on_click(SimpleNamespace(row=1))
    page._drafts._on_drawn(np.full(N, 0.25))
    page._on_publish(None)
    sent = room.sent(PublishRequest)[0]
    assert sent.price_cap_eur_per_mwh == Decimal("85.50")
    assert sent.deadline == datetime(2016, 7, 24, 9, 30, tzinfo=UTC)
    assert set(sent.quantity_mw) == {Decimal("0.250000")}


def test_a_refused_request_stays_ticked_and_its_findings_are_shown():
    room = opened("dso1")
    page = RequestsPage(room.context)
    edit(page, 1, "price_cap", "<b>high</b>")
    page._on_publish(None)
    assert room.sent(PublishRequest) == []
    assert "C, P up: Enter the price cap as a number" in words(page._problems.view)
    assert page._drafts.drafts[1].include
    edit(page, 1, "price_cap", "50")
    room.desk.refusal = refuse("gate_closed", "session_id", "The gate has <closed>.")
    page._on_publish(None)
    assert "The gate has &lt;closed&gt;." in words(page._problems.view)


def both_kinds() -> TradingDesk:
    """The network asks for P and Q in one zone, or for more P alone."""
    row = ProposedRequest(zone="B", buses=("B2",), direction="down", quantity_mw=NEED, plan=Plan.PQ)
    more = replace(row, quantity_mw=tuple(2 * v for v in NEED), plan=Plan.P)
    return TradingDesk(proposed=(row, replace(row, commodity=Commodity.Q), more), requests=[])


def test_active_and_reactive_power_are_priced_and_published_side_by_side():
    room = opened("dso1", both_kinds())
    page = RequestsPage(room.context)
    table = page._drafts.table.value
    assert list(zip(table["power"], table["direction"], strict=True)) == [("P, MW", "down"), ("Q, Mvar", "down")]
    edit(page, 1, "price_cap", "12.5")
    page._drafts._on_click(SimpleNamespace(row=1))
    assert page._drafts.chart.figure.yaxis.axis_label == "Mvar"
    assert "B, Q down" in words(page._drafts._title)
    page._on_publish(None)
    sent = room.sent(PublishRequest)
    assert [(c.commodity, c.price_cap_eur_per_mwh) for c in sent] == [
        (Commodity.P, Decimal("200.00")),
        (Commodity.Q, Decimal("12.5")),
    ]
    assert [(r["power"], r["energy_mwh"]) for r in page._own.book.records] == [
        ("P, MW", Decimal("1.8")),
        ("Q, Mvar", Decimal("1.8")),
    ]
    assert "1.80 Mvarh" in words(page._strip.view)
    assert [d.include for d in page._drafts.drafts] == [False, False]


def test_the_same_day_can_be_cured_by_active_power_alone():
    room = opened("dso1", both_kinds(), plan="P")
    page = RequestsPage(room.context)
    (draft,) = page._drafts.drafts
    assert (draft.commodity, draft.peak_mw) == (Commodity.P, Decimal("0.6"))
    page._plan.value = "PQ"
    assert [d.commodity for d in page._drafts.drafts] == [Commodity.P, Commodity.Q]
    room.desk.proposed = room.desk.proposed[:2]
    page._plan.value = "P"
    assert page._drafts is None, "needs without a cure are not the same as no needs"
    said = [words(pane) for pane in page._proposals.select(pn.pane.HTML)]
    assert any("No change of P alone cures this day." in text for text in said)


def test_own_edits_survive_news_of_others():
    room = opened("dso1")
    page = RequestsPage(room.context)
    edit(page, 1, "price_cap", "77")
    room.hub.tell(news.MARKET)
    assert page._drafts.drafts[1].price_cap == "77"


def test_a_published_request_is_withdrawn_after_the_question():
    room = opened("dso1")
    page = RequestsPage(room.context)
    page._own._on_pick(page._own.book.records[0])
    page._own._on_withdraw(None)
    assert room.sent(WithdrawRequest) == []
    assert page._own.dialog.view.open
    page._own.dialog._on_confirm(None)
    assert [c.request_id for c in room.sent(WithdrawRequest)] == ["FR-north"]
    assert page._own.book.records[0]["state"] == "withdrawn"
    assert page._own._withdraw.disabled


def congested(*buses: str, name: str = "Arm", active: bool = True) -> CongestedRow:
    point = CongestedRegion(id=f"CR-{name}", region_id="north", name=name, registered_at=NOW, active=active)
    return CongestedRow(point=point, zone_name="", buses=buses)


def test_a_request_is_published_for_a_congested_region_on_its_need_once():
    """The choice has the regions that share a bus with the need; what was asked there is not asked again."""
    regions = (congested("B1", "B2"), congested("B5", name="Far"), congested("B1", name="Closed", active=False))
    room = opened("dso1", TradingDesk(congested=regions))
    page = RequestsPage(room.context)
    page._drafts._on_click(SimpleNamespace(row=1))
    choice = page._drafts._point
    assert choice.options == {"C (1 bus)": "", "Arm (2 buses)": "CR-Arm"}
    choice.value = "CR-Arm"
    assert list(page._drafts.table.value["point"]) == ["A", "Arm"]
    room.hub.tell(news.GRID)
    page._on_publish(None)
    (sent,) = room.sent(PublishRequest)
    assert (sent.congestion_point, sent.buses) == ("Arm", ("B1", "B2"))
    assert page._publish.disabled
    page._on_publish(None)
    assert len(room.sent(PublishRequest)) == 1
    again = RequestsPage(opened("dso1", room.desk).context)
    assert [draft.include for draft in again._drafts.drafts] == [False, False]


def test_a_congested_region_that_is_closed_gives_way_to_the_zone():
    room = opened("dso1", TradingDesk(congested=(congested("B1"),)))
    page = RequestsPage(room.context)
    page._drafts._on_click(SimpleNamespace(row=1))
    page._drafts._point.value = "CR-Arm"
    room.desk.congested = ()
    room.hub.tell(news.GRID)
    assert (page._drafts._point.value, page._drafts._point.disabled) == ("", True)
    page._on_publish(None)
    assert [command.congestion_point for command in room.sent(PublishRequest)] == ["C"]


def test_a_request_of_another_buyer_is_seen_but_neither_withdrawn_nor_taken_for_an_own_one():
    theirs = replace(request_of(), id="FR-brp", dso_id="brp1", congestion_point="Balance")
    room = opened("dso1", TradingDesk(requests=[theirs]))
    page = RequestsPage(room.context)
    assert [draft.include for draft in page._drafts.drafts] == [True, True]
    page._own._on_pick(page._own.book.records[0])
    assert page._own._withdraw.disabled
    assert page._own.book.records[0]["buyer"] == "brp1"


# -- assets and data --------------------------------------------------------------------------------------


def test_assets_that_wait_come_first_and_can_be_confirmed():
    room = opened("dso1", waiting())
    page = AssetsPage(room.context)
    assert page._book.records[0]["state"] == "registered"
    page.answer._on_confirm(None)
    assert [c.asset_id for c in room.sent(ConfirmAsset)] == ["FA-esp1"]
    assert "registered" not in {r["state"] for r in page._book.records}


def test_a_refusal_of_an_asset_needs_a_reason_beside_its_field():
    room = opened("dso1", waiting())
    page = AssetsPage(room.context)
    page.answer._on_refuse(None)
    assert "Give a reason." in words(page.answer._problems._beside["reason"])
    page.answer.reason.value = "No meter"
    page.answer._on_refuse(None)
    assert [c.reason for c in room.sent(RefuseAsset)] == ["", "No meter"]
    assert words(page.answer._problems._beside["reason"]) == ""


def test_an_assets_name_is_never_markup():
    page = AssetsPage(opened("dso1").context)
    page._on_pick(next(r for r in page._book.records if r["id"] == "FA-esp1"))
    assert "<img" not in words(page.answer._chosen)
    assert "&lt;img" in words(page.answer._chosen)
    assert "<img" not in words(page._chart._words)


def test_a_bad_network_is_answered_with_every_finding_and_its_path():
    room = opened("dso1")
    page = DataPage(room.context)
    page._network.file.value = b"{}"
    page._network._on_send(None)
    assert len(room.sent(UploadNetwork)) == 1
    assert [r["where"] for r in page._network.findings.records] == ["$.buses", "$.coupling"]
    assert page._network.findings.view.visible
    assert "2 findings" in words(page._network.said)
    page._network.file.value = b'{"buses": []}'
    page._network._on_send(None)
    assert not page._network.findings.view.visible


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "missing"),
        (None, "missing"),
        (b"\xff\xfe\x00", "malformed"),
        (b"x" * (MAX_FILE_BYTES + 1), "too_large"),
    ],
)
def test_a_file_that_is_no_text_or_too_large_is_refused_before_it_is_sent(content, code):
    with pytest.raises(Refused) as refused:
        file_text(content)
    assert refused.value.findings[0].code == code


def test_stored_files_are_offered_for_download():
    page = DataPage(opened("dso1").context)
    assert page._network_file.callback().read() == b'{"a": 1}'
    assert page._schedule_file.callback().read() == b"t,p\n"


def test_an_upload_is_read_off_the_loop(monkeypatch):
    """The desk's work goes through `Later`, which runs it in a thread; the page changes after it only."""
    room = opened("dso1")
    page = DataPage(room.context)
    waiting = []
    monkeypatch.setattr(page._network._sending, "soon", lambda work, then: waiting.append((work, then)))
    page._network.file.value = b'{"buses": []}'
    page._network._on_send(None)
    assert room.desk.done == [], "the click itself does nothing at the desk"
    ((work, then),) = waiting
    then(work())
    assert len(room.desk.done) == 1
    assert "Uploaded." in str(page._network.said.object)
