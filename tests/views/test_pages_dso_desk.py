"""The DSO's alarms, N-1, what-ifs and priced drafts against a market in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from app.bridge.what_if import Answer, Outcome
from app.queries.models import WhatIfSolved, WhatIfView
from domain.commands import AcknowledgeAlarm, AskWhatIf, CancelJob, PublishRequest, ShelveAlarm, UnshelveAlarm
from domain.errors import refuse
from domain.flexibility.alarms import Alarm, Priority, acknowledged, shelved
from domain.flexibility.grids import Job
from domain.flexibility.what_if import TrialOffer, UnitChange, WhatIf
from domain.lifecycle import JobState, SessionState
from domain.time import DeliveryDay
from tests.views.fakes import DAY, NOW, N, cleared, day_state, grid_map, nodal_prices
from tests.views.fakes_trading import TradingDesk
from tests.views.opened import opened
from views import news
from views.pages.dso_requests import RequestsPage
from views.pages.dso_room import ControlRoom
from views.pages.dso_what_if import WhatIfPage
from views.plots.contour import weights
from views.state import dso_room, what_if
from views.state.dso_alarms import alarm_record, shelf_ends
from views.state.dso_prices import References, suggested
from views.state.what_if import compared, verdict


def alarm(k: int, element: str = "B5", **changes: object) -> Alarm:
    values = {
        "id": f"AL-{k}",
        "region_id": "north",
        "delivery_day": DAY,
        "element": element,
        "kind": "voltage",
        "zone": "A",
        "first_step": 40,
        "last_step": 55,
        "n_steps": 16,
        "worst_step": 48,
        "worst_value": 1.07,
        "limit_value": 1.055,
        "priority": Priority.CRITICAL,
        "raised_at": NOW,
    }
    return Alarm(**values | changes)  # type: ignore[arg-type]


def words(pane) -> str:
    return str(pane.object)


def alarmed() -> TradingDesk:
    aside = shelved(alarm(3, "B3"), "dso1", NOW + timedelta(hours=1), "<b>work</b>")
    return TradingDesk(alarms=[alarm(1), alarm(2, "B4"), aside])


# -- alarms -----------------------------------------------------------------------------------------------


def test_alarms_are_listed_with_their_answer_and_the_first_is_chosen():
    room = opened("dso1", alarmed())
    page = ControlRoom(room.context)
    assert [r["state"] for r in page.alarms.book.records] == ["● asks", "● asks", "‖ shelved"]
    assert page.alarms.book.records[2]["answer"] == "dso1, until 24 Jul 11:00: <b>work</b>"
    assert page.alarms.n_unanswered == 2
    page.alarms._on_acknowledge(None)
    assert room.sent(AcknowledgeAlarm) == [AcknowledgeAlarm(alarm_id="AL-1")]


def test_an_answer_from_elsewhere_arrives_with_the_news():
    room = opened("dso1", alarmed())
    page = ControlRoom(room.context)
    room.desk.alarms[0] = acknowledged(room.desk.alarms[0], "dso2", NOW)
    room.hub.tell(news.ALARMS)
    assert page.alarms.book.records[0]["state"] == "✓ acknowledged"
    assert page.alarms._acknowledge.disabled, "the chosen one is answered"


def test_one_click_answers_what_has_one_cause_each_for_itself():
    room = opened("dso1", alarmed())
    page = ControlRoom(room.context)
    assert page.alarms._acknowledge_zone.label == "Acknowledge feeder (2)"
    page.alarms._on_acknowledge_zone(None)
    assert [c.alarm_id for c in room.sent(AcknowledgeAlarm)] == ["AL-1", "AL-2"]


def test_a_shelf_needs_a_reason_beside_its_field_and_can_be_taken_back():
    room = opened("dso1", alarmed())
    page = ControlRoom(room.context)
    page.alarms._on_shelve(None)
    assert page.alarms.dialog.open
    room.desk.refusal = refuse("missing", "reason", "Write something here.")
    page.alarms._on_shelved(None)
    assert page.alarms.dialog.open
    assert "Write something here." in words(page.alarms._problems._beside["reason"])
    page.alarms._reason.value = "Planned work"
    page.alarms._on_shelved(None)
    assert not page.alarms.dialog.open
    (sent,) = room.sent(ShelveAlarm)
    assert (sent.alarm_id, sent.reason, sent.until) == ("AL-1", "Planned work", NOW + timedelta(minutes=15))
    page.alarms._on_row(page.alarms.book.records[2])
    assert page.alarms._unshelve.visible
    page.alarms._on_unshelve(None)
    assert room.sent(UnshelveAlarm) == [UnshelveAlarm(alarm_id="AL-3")]


def test_shelves_do_not_outlast_the_delivery_day():
    end = DeliveryDay(day=DAY).end
    assert list(shelf_ends(end - timedelta(minutes=30), alarm(1)).values()) == [
        end - timedelta(minutes=15),
        end,
    ]


def test_priorities_have_a_shape_each():
    shapes = {alarm_record(replace(alarm(1), priority=p))["alarm"].split()[0] for p in Priority}
    assert len(shapes) == 3


def test_a_chosen_alarm_shows_its_element_at_its_worst_hour():
    page = ControlRoom(opened("dso1", alarmed(), element="branch:L2").context)
    page.alarms._on_row(page.alarms.book.records[1])
    assert page.state.element == "bus:B4"
    assert page._scene.step.step == 48


# -- map and lists ----------------------------------------------------------------------------------------


def test_worst_steps_are_those_with_the_largest_violation_first():
    state, grid = day_state(1.07, 120), grid_map("north")
    rows = dso_room.worst_steps(state, grid, DeliveryDay(day=DAY), n=3)
    worst = int(state.loading_percent.max(axis=1).argmax())
    assert rows[0]["worst_step"] == worst
    assert rows[0]["key"] == "branch:L0"
    assert rows[0]["n"] >= 2
    assert dso_room.worst_steps(day_state(1.05, 90), grid, DeliveryDay(day=DAY)) == []


def test_prices_become_a_layer_with_the_result_and_the_bus_shows_its_parts():
    desk = TradingDesk()
    room = opened("dso1", desk)
    page = ControlRoom(room.context)
    assert "price" not in page._scene._layer.options.values()
    cleared(desk, state=SessionState.PUBLISHED)
    desk.prices_at_buses = nodal_prices()
    room.hub.tell(news.MARKET)
    page._scene._layer.value = "price"
    assert page._scene.prices.dots.visible
    assert page._scene.map.is_ground
    step = page._scene.step.step
    shown = np.asarray(page._scene.prices.prices.data["v"]).reshape(N, 6)[step]
    assert shown[4] == pytest.approx(nodal_prices().p.total[step, 4], rel=1e-5)
    assert np.isnan(shown[5]), "a bus without a price has none to show"
    page._on_pick(dso_room.Element("bus", 4, "B4"))
    assert page.element._prices.figure.visible
    page._on_pick(dso_room.Element("bus", 5, "B5"))
    assert not page.element._prices.figure.visible
    page._scene._layer.value = "voltage"
    assert not page._scene.prices.dots.visible
    assert not page._scene.map.is_ground


def test_offers_near_an_element_are_listed_after_the_gate_only():
    desk = TradingDesk()
    room = opened("dso1", desk)
    page = ControlRoom(room.context)
    assert page.element.offers.records == []
    assert "sealed" in words(page.element._no_offers)


def test_a_contours_pixels_are_means_of_the_buses_near_them():
    xy = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 8.0]])
    made = weights(xy, n_x=40)
    field = made.field(np.array([1.0, 1.1, 0.9]))
    seen = field[np.isfinite(field)]
    assert 0.9 <= seen.min() <= seen.max() <= 1.1
    assert np.isnan(field).any(), "far from every bus there is no voltage to draw"
    row = int((0.0 - made.y) / made.dh * made.shape[0])
    column = int((10.0 - made.x) / made.dw * made.shape[1])
    assert field[row, column] == pytest.approx(1.1, abs=0.005)
    dark = made.field(np.array([1.0, np.nan, 0.9]))
    assert np.nanmax(dark) <= 1.0, "a bus without supply does not count"


# -- N-1 and what-if --------------------------------------------------------------------------------------


def view_of(state: JobState, *, dark: tuple[str, ...] = (), **asked: object) -> WhatIfView:
    question = WhatIf(
        **{
            "id": "WI-1",
            "region_id": "north",
            "owner_id": "dso1",
            "delivery_day": DAY,
            "session_id": None,
            "lines_out": ("L2",),
            "changes": (),
            "added": (),
            "removed": (),
            "asked_at": NOW,
            "asked_by": "dso1",
            "job_id": "JB-1",
        }
        | asked  # type: ignore[arg-type]
    )
    job = Job(
        id="JB-1",
        kind="what_if",
        owner_id="dso1",
        region_id="north",
        delivery_day=DAY,
        session_id=None,
        submitted_at=NOW,
        inputs=b"",
        state=state,
        error="The power flow has no solution." if state is JobState.FAILED else "",
    )
    out = day_state(1.09, 130)
    out.vm_pu[:, 4] = np.nan
    bare = Outcome(status="assessed", reason="", cost_eur=None, accepted_mwh={})
    solved = WhatIfSolved(
        grid=grid_map("north"),
        as_is=day_state(1.07, 90),
        changed=out,
        proposed=TradingDesk().proposed,
        answer=Answer(as_is=bare, changed=bare, dark_buses=dark),
    )
    done = state is JobState.DONE
    return WhatIfView(what_if=question, job=job, solved=solved if done else None, outdated=False)


class Asking(TradingDesk):
    """Answers the question with WI-1."""

    def execute(self, who, command):
        super().execute(who, command)
        if isinstance(command, AskWhatIf):
            self.what_ifs["WI-1"] = view_of(JobState.QUEUED, lines_out=command.lines_out)
            return self.what_ifs["WI-1"].what_if
        return None


def test_a_line_is_taken_out_and_its_answer_is_a_moment_of_the_map():
    room = opened("dso1", Asking(), element="branch:L2")
    page = ControlRoom(room.context)
    tab = page.element.outage
    tab._on_ask(None)
    assert [c.lines_out for c in room.sent(AskWhatIf)] == [("L2",)]
    assert tab._job.view.visible
    assert tab._ask.disabled
    tab._on_cancel()
    assert room.sent(CancelJob) == [CancelJob(job_id="JB-1")]
    room.desk.what_ifs["WI-1"] = view_of(JobState.DONE, dark=("B4",))
    room.hub.tell(news.JOBS)
    assert "1 bus loses supply: B4." in words(tab._words)
    assert [r["change"] for r in tab.book.records] == ["worse"]
    page._scene._moment.value = "outage"
    assert np.nanmax(page._scene.map.all_vm.data["v"]) == pytest.approx(1.09, abs=1e-6)
    page._on_pick(dso_room.Element("branch", 0, "L0"))
    assert page._scene._moment.options == {"Before": "before"}, "the answer was of another line"


def test_a_bus_cannot_be_taken_out():
    page = ControlRoom(opened("dso1", Asking()).context)
    assert page.element.outage._ask.disabled
    assert "Choose a line or a transformer" in words(page.element.outage._words)


def test_needs_are_compared_by_what_appears_changes_and_goes():
    day = DeliveryDay(day=DAY)
    high = day_state(1.07, 90).needs[0]
    hot = replace(high, element="L0", kind="loading", worst_value=120.0, limit=100.0)
    rows = compared([high], [hot], day)
    assert [(r["change"], r["element"]) for r in rows] == [("new", "L0"), ("gone", "B5")]
    worse = replace(high, worst_value=1.08)
    assert [r["change"] for r in compared([high], [worse], day)] == ["worse"]
    assert [r["change"] for r in compared([worse], [high], day)] == ["better"]
    assert [r["change"] for r in compared([high], [replace(high, worst_value=1.07004)], day)] == ["same"]


def test_a_verdict_says_what_loses_supply_and_what_changes():
    view = view_of(JobState.DONE, dark=("B4", "B5"))
    assert verdict(view.solved, DeliveryDay(day=DAY)) == "2 buses lose supply: B4, B5. 1 need gets worse."


def test_a_question_is_put_together_from_the_form_and_asked_once():
    room = opened("dso1", Asking())
    page = WhatIfPage(room.context)
    form = page.form
    form.unit.value, form.amount.value = "WT-1", "200"
    form._on_add(None)
    form.how.value, form.unit.value, form.amount.value, form.price.value = "down", "PV-4", "0,5", "40"
    form._on_add(None)
    form.lines.value = ["L1"]
    page._on_ask()
    (sent,) = room.sent(AskWhatIf)
    assert sent.changes == (UnitChange(unit_id="WT-1", first_step=40, last_step=59, scale_percent=Decimal(200)),)
    assert [(o.unit_id, o.quantity_mw, o.price_eur_per_mwh) for o in sent.added] == [
        ("PV-4", Decimal("0.5"), Decimal(40))
    ]
    assert isinstance(sent.added[0], TrialOffer)
    assert (sent.lines_out, sent.removed) == (("L1",), ())
    assert page._job.view.visible
    assert not form.removed.visible, "the book is sealed"


def test_a_unit_that_is_not_there_and_a_number_that_is_none_are_said_beside_their_fields():
    page = WhatIfPage(opened("dso1").context)
    page.form._on_add(None)
    assert "Choose one of the region" in words(page.form._problems._beside["unit"])
    page.form.unit.value, page.form.amount.value = "PV-4", "<b>much</b>"
    page.form._on_add(None)
    assert "as a number" in words(page.form._problems._beside["amount"])
    assert page.form.book.records == []


def test_a_finished_what_if_is_drawn_side_by_side_with_one_time_and_one_view():
    desk = TradingDesk(what_ifs={"WI-1": view_of(JobState.DONE, dark=("B4",))})
    page = WhatIfPage(opened("dso1", desk, what_if="WI-1").context)
    left, right = page.found._maps
    assert left.figure.x_range is right.figure.x_range
    assert left.state is right.state
    assert "1 bus loses supply: B4." in words(page.found._words)
    assert "L2 out of service" in words(page.found._asked)
    assert page.found.request.href.endswith("what_if=WI-1")
    page.found._on_need(page.found.book.records[0])
    assert page.found.step.step == page.found.book.records[0]["worst_step"]


def test_a_failed_question_says_why_and_a_strangers_link_shows_nothing():
    desk = TradingDesk(what_ifs={"WI-1": view_of(JobState.FAILED)})
    page = WhatIfPage(opened("dso1", desk, what_if="WI-1").context)
    assert "The power flow has no solution." in words(page.form.said.view)
    assert page.found._maps is None


def test_what_it_asks_is_told_in_words():
    change = UnitChange(unit_id="SGen 4", first_step=40, last_step=55, p_mw=Decimal("-0.5"))
    asked = view_of(JobState.DONE, changes=(change,), removed=("FO-1",)).what_if
    assert what_if.question(asked) == (
        "L2 out of service; SGen 4 at -0.500 MW, 10:00–14:00; without 1 offer of the book"
    )


# -- requests ---------------------------------------------------------------------------------------------


def test_suggested_caps_are_accepted_for_all_and_published():
    room = opened("dso1")
    page = RequestsPage(room.context)
    before = [draft.price_cap for draft in page._drafts.drafts]
    page._on_accept(None)
    asked = [30 + step % 20 for step in range(N) if page._drafts.drafts[1].quantity_mw[step]]
    assert page._drafts.drafts[1].price_cap == str(2 * max(asked))
    assert page._drafts.drafts[0].price_cap == before[0], "one that is not ticked stays as it is"
    page._on_publish(None)
    assert [c.price_cap_eur_per_mwh for c in room.sent(PublishRequest)] == [Decimal(2 * max(asked))]
    assert "the day-ahead prices" in words(page._how)


def test_the_last_published_local_price_counts_where_it_is_higher():
    page = RequestsPage(opened("dso1").context)
    draft = replace(page._drafts.drafts[0], buses=("B4",))
    prices = nodal_prices()
    known = References(day_ahead_eur_per_mwh=None, local=prices, local_day=DAY - timedelta(days=1))
    steps = [k for k, q in enumerate(draft.quantity_mw) if q]
    high = max(float(prices.p.down[k, 4]) for k in steps)
    assert suggested(draft, known) == max(Decimal(1), Decimal(int(np.ceil(2 * high))))
    none = References(day_ahead_eur_per_mwh=None, local=None, local_day=None)
    assert suggested(draft, none) == Decimal("200.00")


def test_need_requested_offered_and_confirmed_stand_side_by_side():
    desk = TradingDesk()
    room = opened("dso1", desk)
    page = RequestsPage(room.context)
    rows = {(r["zone"], r["direction"]): r for r in page._balance.book.records}
    assert rows["A", "down"]["needed"] == pytest.approx(1.8)
    assert rows["A", "down"]["requested"] == pytest.approx(2.0)
    assert rows["A", "down"]["offered"] is None, "the book is sealed"
    assert rows["A", "down"]["confirmed"] is None
    cleared(desk, state=SessionState.PUBLISHED)
    room.hub.tell(news.MARKET)
    rows = {(r["zone"], r["direction"]): r for r in page._balance.book.records}
    assert rows["A", "down"]["confirmed"] == pytest.approx(4.0), "two awards of 2 MWh"


def test_a_what_if_is_carried_over_to_the_drafts():
    rows = (replace(TradingDesk().proposed[1], zone="B"),)
    view = view_of(JobState.DONE)
    carried = replace(view, solved=replace(view.solved, proposed=rows))
    page = RequestsPage(opened("dso1", TradingDesk(what_ifs={"WI-1": carried}), what_if="WI-1").context)
    assert [draft.zone for draft in page._drafts.drafts] == ["B"]
    event = SimpleNamespace(row=0, column="deadline", value="2016-07-24 11:30")
    page._drafts._on_edit(event)
    page._on_publish(None)
    assert page._facts.requests[-1].deadline == datetime(2016, 7, 24, 9, 30, tzinfo=UTC)
