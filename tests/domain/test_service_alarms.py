"""What is wrong with a service by its terms, and the life of alarms about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from domain.errors import Refused
from domain.flexibility.alarms import Priority
from domain.ids import AlarmId, PartyId
from domain.lifecycle import AlarmState
from domain.marketplace.service_alarms import (
    Cause,
    Latest,
    ServiceAlarm,
    ServiceAlarmKind,
    acknowledged,
    causes,
    follow,
    shelved,
)
from domain.marketplace.services import ServiceTerms
from domain.marketplace.words import ServiceState

START = datetime(2026, 3, 1, tzinfo=UTC)
TERMS = ServiceTerms(interim_hours=8, availability_share=Decimal("0.95"), max_delay_minutes=60)
HOUR = timedelta(hours=1)


def found(latest: Latest, after: timedelta, terms: ServiceTerms = TERMS) -> list[tuple[str, str]]:
    made = causes("SUB-1", PartyId("p"), PartyId("r"), terms, START, latest, START + after)
    return [(cause.kind.value, cause.priority.value) for cause in made]


@pytest.mark.parametrize(
    ("after", "priority"),
    [(8.0, None), (10.0, None), (10.01, "watch"), (16.0, "watch"), (16.01, "alarm"), (32.01, "critical")],
)
def test_a_report_is_overdue_after_its_grace(after: float, priority: str | None) -> None:
    """Every 8 h, with a grace of 2 h; from the start of the subscription, or from the report before."""
    expected = [("interim overdue", priority)] if priority else []
    assert found(Latest(at=None), timedelta(hours=after)) == expected
    assert found(Latest(at=START + HOUR), timedelta(hours=after + 1)) == expected


def test_short_intervals_have_a_quarter_of_an_hour_at_least() -> None:
    hourly = replace(TERMS, interim_hours=1)
    assert found(Latest(at=None), timedelta(minutes=75), hourly) == []
    assert found(Latest(at=None), timedelta(minutes=76), hourly) == [("interim overdue", "watch")]


@pytest.mark.parametrize(
    ("latest", "expected"),
    [
        (Latest(at=START), []),
        (Latest(at=START, in_time_share=Decimal("0.95")), []),
        (Latest(at=START, in_time_share=Decimal("0.949999")), [("SLA broken", "alarm")]),
        (Latest(at=START, in_time_share=Decimal("0.4")), [("SLA broken", "critical")]),
        (Latest(at=START, n_overdue=1), [("deliveries overdue", "watch")]),
        (Latest(at=START, n_overdue=3), [("deliveries overdue", "alarm")]),
        (Latest(at=START, n_overdue=10), [("deliveries overdue", "critical")]),
        (Latest(at=START, state=ServiceState.DEGRADED), [("service down", "watch")]),
        (Latest(at=START, state=ServiceState.STOPPED), [("service down", "alarm")]),
    ],
)
def test_what_the_report_says_is_held_against_the_terms(latest: Latest, expected: list[tuple[str, str]]) -> None:
    assert found(latest, HOUR) == expected


CAUSE = Cause(
    kind=ServiceAlarmKind.DELIVERIES_OVERDUE,
    subject="SUB-1",
    provider_id=PartyId("p"),
    requester_id=PartyId("r"),
    priority=Priority.WATCH,
    detail="1 delivery.",
)
WORSE = replace(CAUSE, priority=Priority.ALARM)


def followed(
    alarms: Sequence[ServiceAlarm], *standing: Cause, after: timedelta = timedelta()
) -> list[ServiceAlarm]:
    ids = count(1)
    return follow(alarms, standing, START + after, lambda: AlarmId(f"AL-{next(ids)}"))


def test_raised_acknowledged_and_cleared() -> None:
    (alarm,) = followed([], CAUSE)
    assert (alarm.state, alarm.raised_at) == (AlarmState.RAISED, START)
    assert followed([alarm], CAUSE, after=HOUR) == []
    seen = acknowledged(alarm, "ann", START + HOUR)
    assert followed([seen], CAUSE, after=2 * HOUR) == []
    (over,) = followed([seen], after=2 * HOUR)
    assert (over.state, over.returned_at) == (AlarmState.CLEARED, START + 2 * HOUR)
    assert followed([over], after=3 * HOUR) == []
    (again,) = followed([over], CAUSE, after=3 * HOUR)
    assert (again.state, again.acknowledged_by, again.returned_at) == (AlarmState.RAISED, "", None)


def test_what_ends_before_it_is_answered_still_asks() -> None:
    (alarm,) = followed([], CAUSE)
    (returned,) = followed([alarm])
    assert returned.state is AlarmState.RETURNED
    assert acknowledged(returned, "ann", START).state is AlarmState.CLEARED


def test_what_becomes_more_urgent_asks_again() -> None:
    (alarm,) = followed([], CAUSE)
    seen = acknowledged(alarm, "ann", START)
    (worse,) = followed([seen], WORSE, after=HOUR)
    assert (worse.state, worse.priority, worse.raised_at) == (AlarmState.RAISED, Priority.ALARM, START + HOUR)
    settled = acknowledged(worse, "ann", START)
    (less,) = followed([settled], CAUSE)
    assert (less.state, less.priority) == (AlarmState.ACKNOWLEDGED, Priority.WATCH)


def test_what_is_shelved_asks_again_when_its_time_is_up() -> None:
    (alarm,) = followed([], CAUSE)
    aside = shelved(alarm, "ann", START + HOUR, "The provider mends it.")
    assert followed([aside], CAUSE, after=timedelta(minutes=59)) == []
    (up,) = followed([aside], CAUSE, after=HOUR)
    assert (up.state, up.shelved_until, up.shelve_reason) == (AlarmState.RAISED, None, "")
    (over,) = followed([aside], after=HOUR)
    assert over.state is AlarmState.CLEARED


def test_what_is_over_is_not_answered() -> None:
    (alarm,) = followed([], CAUSE)
    (over,) = followed([acknowledged(alarm, "ann", START)])
    for answer in (
        lambda: acknowledged(over, "ann", START),
        lambda: shelved(over, "ann", START + HOUR, "Later."),
    ):
        with pytest.raises(Refused) as refused:
            answer()
        assert refused.value.findings[0].code == "wrong_state"
