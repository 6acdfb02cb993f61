"""Alarms from the day's grid state to the answered list, and what-ifs from the question to the answer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from canned import publish
from world import DAY, R1, START, WHO, World, schedule

from app.bridge import states, what_if, work
from app.queries.alarms import count_open
from app.queries.handlers import HANDLERS as QUERIES
from app.queries.models import GetWhatIf, ListAlarms, ListWhatIfs, WhatIfView
from app.scheduler import due_alarms
from domain import commands as c
from domain.errors import Refused
from domain.events import AlarmAcknowledged, AlarmsFollowed
from domain.flexibility.alarms import Alarm
from domain.flexibility.assets import Direction
from domain.flexibility.grids import Job
from domain.flexibility.what_if import TrialOffer, UnitChange
from domain.ids import OfferId, WhatIfId
from domain.lifecycle import AlarmState, JobState
from views import news


def seen(world: World, who: str, query: object) -> object:
    with world.store.read() as uow:
        return QUERIES[type(query)](uow, WHO[who], query)


def n_open(world: World, who: str) -> int:
    with world.store.read() as uow:
        return count_open(uow, WHO[who])


def run_next(world: World) -> Job:
    (job,) = world.find(Job, state=JobState.QUEUED)
    world.run(job, work.run)
    return world.only(Job, id=job.id)  # type: ignore[no-any-return]


def computed(world: World, pv_mw: float = 4.0) -> None:
    """The day's state from its schedules."""
    world.do("dso1", c.UploadSchedules(region_id=R1, delivery_day=DAY, document=schedule(pv_mw=pv_mw)))
    run_next(world)


@pytest.fixture
def high(world: World) -> World:
    """PV at the end of the line lifts its voltage at noon."""
    world.grid()
    run_next(world)
    return world


# -- alarms -----------------------------------------------------------------------------------------------


def test_a_computed_day_raises_an_alarm_for_each_element_beyond_its_limit(high: World) -> None:
    state = seen(high, "dso1", ListAlarms(region_id=R1, delivery_day=DAY))
    payload = states.violations(high.find(Job)[0].result, "before")
    assert payload
    assert {(a.element, a.kind) for a in state} == {(v.element, v.kind) for v in payload}
    assert {a.state for a in state} == {AlarmState.RAISED}
    (told,) = high.told(AlarmsFollowed)
    assert (told.n_raised, told.n_ended) == (len(payload), 0)


def test_alarms_are_for_the_grids_operators_and_the_markets(high: World) -> None:
    n = len(high.find(Alarm))
    assert n
    assert [n_open(high, who) for who in ("dso1", "tso", "fmo", "dso2", "esp1")] == [n, n, n, 0, 0]
    assert seen(high, "dso2", ListAlarms()) == ()
    with pytest.raises(Refused, match="not_found"):
        seen(high, "dso2", ListAlarms(region_id=R1))
    with pytest.raises(Refused, match="not_permitted"):
        high.desk.query(WHO["esp1"], ListAlarms())
    with pytest.raises(Refused, match="not_permitted"):
        high.do("tso", c.AcknowledgeAlarm(alarm_id=high.find(Alarm)[0].id))


def test_news_of_an_answer_is_for_the_grids_operators_only(high: World) -> None:
    high.do("dso1", c.AcknowledgeAlarm(alarm_id=high.find(Alarm)[0].id))
    (event,) = high.told(AlarmAcknowledged)
    audience = news.audience_of(event)
    assert audience is not None
    for who, hears in (("dso1", True), ("tso", True), ("fmo", True), ("dso2", False), ("esp1", False)):
        assert bool(audience & news.names_of(WHO[who])) is hears, who


def test_an_answer_stays_when_the_day_is_computed_again_and_a_worse_day_asks_again(high: World) -> None:
    for alarm in high.find(Alarm):
        high.do("dso1", c.AcknowledgeAlarm(alarm_id=alarm.id))
    assert n_open(high, "dso1") == 0
    computed(high)
    assert n_open(high, "dso1") == 0
    computed(high, pv_mw=5.5)
    assert n_open(high, "dso1") > 0
    computed(high, pv_mw=0.0)
    left = {a.state for a in high.find(Alarm)}
    assert left <= {AlarmState.RETURNED, AlarmState.CLEARED}


def test_a_shelf_ends_on_the_market_clock(high: World) -> None:
    alarm = high.find(Alarm)[0]
    until = START + timedelta(hours=2)
    high.do("dso1", c.ShelveAlarm(alarm_id=alarm.id, until=until, reason="  Planned work. "))
    (aside,) = high.find(Alarm, id=alarm.id)
    assert (aside.shelved_by, aside.shelve_reason) == ("dso1", "Planned work.")
    assert due_alarms(high.store.read) == []
    high.at(until)
    (due,) = due_alarms(high.store.read)
    high.do("system", c.UnshelveAlarm(alarm_id=due.id))
    assert high.only(Alarm, id=alarm.id).state is AlarmState.RAISED


@pytest.mark.parametrize("until", [START, START + timedelta(days=3)])
def test_a_shelf_ends_ahead_and_within_the_day(high: World, until: object) -> None:
    command = c.ShelveAlarm(alarm_id=high.find(Alarm)[0].id, until=until, reason="\n")  # type: ignore[arg-type]
    assert high.codes("dso1", command) == [("missing", "reason"), ("out_of_range", "until")]


def test_the_result_reaches_the_alarms_with_its_publication_and_not_before(high: World) -> None:
    session = high.session()
    job = high.close(session)
    high.run(job, work.run)
    assert not any(alarm.unmet for alarm in high.find(Alarm)), "the DSO must not learn the result from its alarms"
    publish(high, session)
    alarms = high.find(Alarm)
    assert all(alarm.unmet for alarm in alarms), "nobody offered, so nothing is cured"
    assert {alarm.state for alarm in alarms} == {AlarmState.RAISED}


# -- what-ifs ---------------------------------------------------------------------------------------------


def asked(world: World, **changes: object) -> WhatIfView:
    command = c.AskWhatIf(**{"region_id": R1, "delivery_day": DAY} | changes)  # type: ignore[arg-type]
    question = world.do("dso1", command)
    job = world.only(Job, id=question.job_id)
    world.run(job, work.run)
    return seen(world, "dso1", GetWhatIf(what_if_id=question.id))  # type: ignore[return-value]


def test_less_sun_cures_the_day_and_more_makes_it_worse(high: World) -> None:
    noon = {"unit_id": "PV-1", "first_step": 44, "last_step": 55}
    less = asked(high, changes=(UnitChange(**noon, p_mw=Decimal(0)),))
    more = asked(high, changes=(UnitChange(**noon, scale_percent=Decimal(150)),))
    assert less.solved is not None
    assert more.solved is not None
    worst = max(need.worst_value for need in less.solved.as_is.needs)
    assert less.solved.changed.vm_pu.max() < worst
    assert max(need.worst_value for need in more.solved.changed.needs) > worst
    assert more.solved.answer.changed.status == "assessed"
    assert more.solved.proposed, "the engine says what would cure the changed day"


def test_an_outage_says_which_buses_go_dark_and_draws_them_as_nothing(high: World) -> None:
    found = asked(high, lines_out=("L2",)).solved
    assert found is not None
    assert found.answer.dark_buses == ("3",)
    at = found.grid.bus_ids.index("3")
    assert bool((found.changed.vm_pu[:, at] != found.changed.vm_pu[:, at]).all()), "NaN: no supply"
    assert found.as_is.vm_pu[:, at].max() > 1.05
    assert not any(need.element == "3" for need in found.changed.needs)


def test_a_trial_offer_is_cleared_and_becomes_a_request(high: World) -> None:
    offer = TrialOffer(
        unit_id="PV-1",
        direction=Direction.DOWN,
        first_step=40,
        last_step=60,
        quantity_mw=Decimal(4),
        price_eur_per_mwh=Decimal(30),
    )
    found = asked(high, added=(offer,)).solved
    assert found is not None
    assert found.as_is.needs
    assert found.changed.needs == ()
    taken = found.answer.changed.accepted_mwh[what_if.trial_name(0, offer)]
    assert taken > 0
    called = {row.plan: sum(row.quantity_mw) / 4 for row in found.proposed}
    assert called == {plan: pytest.approx(Decimal(taken), abs=Decimal("0.001")) for plan in states.Plan}


def test_the_book_is_sealed_until_the_gate_closes(high: World) -> None:
    session = high.session()
    offer = high.offer("esp1", session, high.asset(), "2")
    left_out = c.AskWhatIf(region_id=R1, delivery_day=DAY, removed=(offer.id,))
    nobodys = c.AskWhatIf(region_id=R1, delivery_day=DAY, removed=(OfferId("FO-none"),))
    assert high.codes("dso1", left_out) == high.codes("dso1", nobodys) == [("book_sealed", "removed")]
    before = asked(high, changes=(UnitChange(unit_id="LD-1", first_step=0, last_step=0, p_mw=Decimal(0)),))
    assert before.solved is not None
    assert before.solved.answer.as_is.status == "assessed", "the offer in the book plays no part"
    assert before.what_if.session_id is None
    job = high.close(session)
    high.run(job, work.run)
    after = asked(high, removed=(offer.id,))
    assert after.solved is not None
    assert after.solved.answer.as_is.accepted_mwh
    assert after.solved.answer.changed.accepted_mwh == {}


def test_all_findings_of_a_question_come_at_once_with_their_fields(high: World) -> None:
    command = c.AskWhatIf(
        region_id=R1,
        delivery_day=DAY,
        lines_out=("L2", "L9"),
        changes=(
            UnitChange(unit_id="PV-9", first_step=5, last_step=4, p_mw=Decimal(1)),
            UnitChange(unit_id="PV-1", first_step=0, last_step=1, scale_percent=Decimal("NaN")),
            UnitChange(unit_id="PV-1", first_step=0, last_step=1),
        ),
        added=(
            TrialOffer(
                unit_id="PV-1",
                direction=Direction.UP,
                first_step=0,
                last_step=96,
                quantity_mw=Decimal("4.5"),
                price_eur_per_mwh=Decimal(20_000),
            ),
        ),
    )
    assert high.codes("dso1", command) == [
        ("unknown_branch", "lines_out[1]"),
        ("unknown_unit", "changes[0].unit_id"),
        ("out_of_range", "changes[0].first_step"),
        ("not_finite", "changes[1].scale_percent"),
        ("missing", "changes[2].p_mw"),
        ("out_of_range", "added[0].first_step"),
        ("out_of_range", "added[0].unit_id"),
        ("out_of_range", "added[0].quantity_mw"),
        ("out_of_range", "added[0].price_eur_per_mwh"),
    ]
    assert high.codes("dso1", c.AskWhatIf(region_id=R1, delivery_day=DAY)) == [("missing", "changes")]


def test_a_what_if_is_its_dsos_and_the_operators(high: World) -> None:
    view = asked(high, lines_out=("L2",))
    wanted = GetWhatIf(what_if_id=view.what_if.id)
    assert seen(high, "fmo", wanted).solved is not None  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="not_found"):
        seen(high, "dso2", wanted)
    for who in ("tso", "esp1"):
        with pytest.raises(Refused, match="not_permitted"):
            high.desk.query(WHO[who], wanted)
    (row,) = seen(high, "dso1", ListWhatIfs(region_id=R1, delivery_day=DAY))  # type: ignore[misc]
    assert (row.what_if.id, row.solved) == (view.what_if.id, None)
    with pytest.raises(Refused, match="not_found"):
        seen(high, "dso1", GetWhatIf(what_if_id=WhatIfId("WI-none")))


def test_a_newer_question_gives_up_the_one_under_way_and_new_inputs_make_it_outdated(high: World) -> None:
    first = high.do("dso1", c.AskWhatIf(region_id=R1, delivery_day=DAY, lines_out=("L2",)))
    second = asked(high, lines_out=("L2",))
    assert high.only(Job, id=first.job_id).state is JobState.CANCELLED
    assert not second.outdated
    high.at(START + timedelta(minutes=5))
    high.do("dso1", c.UploadSchedules(region_id=R1, delivery_day=DAY, document=schedule(pv_mw=1.0)))
    assert seen(high, "dso1", GetWhatIf(what_if_id=second.what_if.id)).outdated  # type: ignore[attr-defined]
