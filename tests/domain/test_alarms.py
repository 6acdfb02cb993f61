"""How alarms follow a day: raised, answered, over, worse."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from domain.errors import Refused
from domain.flexibility.alarms import (
    Alarm,
    Priority,
    Violation,
    acknowledged,
    follow,
    priority_of,
    shelved,
    unshelved,
)
from domain.ids import AlarmId, RegionId
from domain.lifecycle import AlarmState

NOW = datetime(2016, 7, 24, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
HIGH = Violation(
    element="B5",
    kind="voltage",
    zone="Feeder 1",
    first_step=40,
    last_step=60,
    n_steps=21,
    worst_step=50,
    worst_value=1.058,
    limit_value=1.055,
)
HOT = replace(HIGH, element="L1", kind="loading", worst_value=108.0, limit_value=100.0)


def followed(alarms: list[Alarm], *found: Violation, now: datetime = NOW, unmet: bool = False) -> list[Alarm]:
    """All alarms afterwards."""
    numbers = count(len(alarms) + 1)
    changed = follow(
        alarms,
        found,
        region_id=RegionId("r"),
        day=date(2016, 7, 25),
        now=now,
        unmet=unmet,
        new_id=lambda: AlarmId(f"AL-{next(numbers)}"),
    )
    by_key = {alarm.key: alarm for alarm in (*alarms, *changed)}
    return list(by_key.values())


@pytest.mark.parametrize(
    ("kind", "value", "limit", "unmet", "priority"),
    [
        ("loading", 101.0, 100.0, False, Priority.WATCH),
        ("loading", 102.0, 100.0, False, Priority.ALARM),
        ("loading", 110.0, 100.0, False, Priority.CRITICAL),
        ("voltage", 1.056, 1.055, False, Priority.WATCH),
        ("voltage", 1.058, 1.055, False, Priority.ALARM),
        ("voltage", 0.950, 0.965, False, Priority.CRITICAL),
        ("loading", 101.0, 100.0, True, Priority.ALARM),
        ("loading", 150.0, 100.0, True, Priority.CRITICAL),
    ],
)
def test_priority_by_how_far_and_one_higher_once_the_market_has_left_it(kind, value, limit, unmet, priority):
    assert priority_of(kind, value, limit, unmet=unmet) is priority


def test_each_element_and_kind_has_one_alarm():
    alarms = followed([], HIGH, HOT)
    assert [(a.id, a.element, a.state) for a in alarms] == [
        ("AL-1", "B5", AlarmState.RAISED),
        ("AL-2", "L1", AlarmState.RAISED),
    ]
    assert followed(alarms, HIGH, HOT, now=LATER) == alarms, "the same day again changes nothing"


def test_what_ends_unanswered_still_asks_and_what_was_answered_is_cleared():
    first, second = followed([], HIGH, HOT)
    seen = acknowledged(first, "dso1", NOW)
    over = followed([seen, second], now=LATER)
    assert [a.state for a in over] == [AlarmState.CLEARED, AlarmState.RETURNED]
    assert {a.returned_at for a in over} == {LATER}
    assert acknowledged(over[1], "dso1", LATER).state is AlarmState.CLEARED


def test_noise_keeps_an_answer_and_a_worse_value_asks_again():
    (alarm,) = followed([], HIGH)
    seen = acknowledged(alarm, "dso1", NOW)
    (kept,) = followed([seen], replace(HIGH, worst_value=1.0589), now=LATER)
    assert (kept.state, kept.acknowledged_by, kept.worst_value) == (AlarmState.ACKNOWLEDGED, "dso1", 1.0589)
    (again,) = followed([kept], replace(HIGH, worst_value=1.0591), now=LATER)
    assert (again.state, again.acknowledged_by, again.raised_at) == (AlarmState.RAISED, "", LATER)


def test_creeping_up_in_small_steps_asks_again_too():
    (alarm,) = followed([], HIGH)
    alarm = acknowledged(alarm, "dso1", NOW)
    for value in (1.0585, 1.0590, 1.0595):
        (alarm,) = followed([alarm], replace(HIGH, worst_value=value), now=LATER)
    assert alarm.state is AlarmState.RAISED


def test_shelved_comes_back_worse_or_left_by_the_market_and_ends_silently():
    (alarm,) = followed([], HIGH)
    aside = shelved(alarm, "dso1", LATER, "Planned work")
    assert followed([aside], HIGH, now=LATER)[0].state is AlarmState.SHELVED
    assert followed([aside], replace(HIGH, worst_value=1.07), now=LATER)[0].state is AlarmState.RAISED
    (left,) = followed([aside], HIGH, now=LATER, unmet=True)
    assert (left.state, left.unmet, left.shelve_reason, left.shelved_until) == (AlarmState.RAISED, True, "", None)
    assert followed([aside], now=LATER)[0].state is AlarmState.CLEARED


def test_an_ended_alarm_is_raised_anew_by_the_next_violation():
    (alarm,) = followed([], HIGH)
    (over,) = followed([acknowledged(alarm, "dso1", NOW)], now=LATER)
    (again,) = followed([over], HIGH, now=LATER)
    assert (again.id, again.state, again.returned_at) == (alarm.id, AlarmState.RAISED, None)


def test_what_cannot_be_answered_is_refused():
    (alarm,) = followed([], HIGH)
    seen = acknowledged(alarm, "dso1", NOW)
    for answer in (lambda: acknowledged(seen, "dso1", NOW), lambda: unshelved(seen, NOW)):
        with pytest.raises(Refused, match="wrong_state"):
            answer()
