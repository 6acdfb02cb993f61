"""Alarms: what the grid's day asks of its operator, and how they follow the day as it changes.

An alarm asks for an answer; everything else is a notification. The life of one is that of ISA-18.2 and EEMUA 191:
raised until acknowledged, returned when its cause ends before that, cleared when both have happened, and shelved
for a while, with a reason, where the operator cannot act now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from domain.ids import AlarmId, RegionId
from domain.lifecycle import ALARM, AlarmState, advance


class Priority(StrEnum):
    """How soon the operator is to answer: a look, an action today, an action now."""

    WATCH = "watch"
    ALARM = "alarm"
    CRITICAL = "critical"


RANKS = tuple(Priority)
_BOUNDS = {"loading": (2.0, 10.0), "voltage": (0.002, 0.01)}
"""How far beyond the limit `alarm` and `critical` start, in percent and pu."""
WORSE = {"loading": 1.0, "voltage": 0.001}
"""A value this much farther beyond its limit than the one that was answered asks again."""
UNANSWERED = (AlarmState.RAISED, AlarmState.RETURNED)
STANDING = (AlarmState.RAISED, AlarmState.ACKNOWLEDGED, AlarmState.SHELVED)


@dataclass(frozen=True, kw_only=True)
class Violation:
    """An element beyond its limit: `kind` is `voltage` (pu, a bus) or `loading` (percent, a branch)."""

    element: str
    kind: str
    zone: str
    first_step: int
    last_step: int
    n_steps: int
    worst_step: int
    worst_value: float
    limit_value: float


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A violation of a region's day and its answer; (region, day, element, kind) is unique.

    unmet : the market had its chance and did not cure it
    seen_value : the worst value when it was acknowledged or shelved
    acknowledged_by, shelved_by : sign-in names; all instants are market time
    """

    id: AlarmId
    region_id: RegionId
    delivery_day: date
    element: str
    kind: str
    zone: str
    first_step: int
    last_step: int
    n_steps: int
    worst_step: int
    worst_value: float
    limit_value: float
    priority: Priority
    raised_at: datetime
    unmet: bool = False
    state: AlarmState = AlarmState.RAISED
    seen_value: float | None = None
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    shelved_by: str = ""
    shelved_until: datetime | None = None
    shelve_reason: str = ""
    returned_at: datetime | None = None
    version: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.element, self.kind


def priority_of(kind: str, worst_value: float, limit: float, *, unmet: bool = False) -> Priority:
    """By how far the limit is passed; one step higher where the market has not cured it, for nothing else will."""
    beyond = abs(worst_value - limit)
    rank = sum(beyond >= bound for bound in _BOUNDS[kind]) + unmet
    return RANKS[min(rank, len(RANKS) - 1)]


def follow(
    alarms: Iterable[Alarm],
    found: Iterable[Violation],
    *,
    region_id: RegionId,
    day: date,
    now: datetime,
    unmet: bool,
    new_id: Callable[[], AlarmId],
) -> list[Alarm]:
    """The alarms of a day that are new or changed now that `found` is what passes its limits.

    New violations raise; those that have ended return; an answered or shelved one asks again once it is worse.
    """
    known = {alarm.key: alarm for alarm in alarms}
    violations = {(v.element, v.kind): v for v in found}
    changed = [
        _updated(known[key], violation, now, unmet)
        if key in known
        else _raised(violation, region_id, day, now, unmet, new_id())
        for key, violation in violations.items()
    ]
    changed += [
        replace(alarm, state=advance(ALARM, alarm.state, "return"), returned_at=now)
        for key, alarm in known.items()
        if key not in violations and alarm.state in STANDING
    ]
    return [alarm for alarm in changed if known.get(alarm.key) != alarm]


def _raised(
    violation: Violation, region_id: RegionId, day: date, now: datetime, unmet: bool, alarm_id: AlarmId
) -> Alarm:
    return Alarm(
        id=alarm_id,
        region_id=region_id,
        delivery_day=day,
        priority=priority_of(violation.kind, violation.worst_value, violation.limit_value, unmet=unmet),
        raised_at=now,
        unmet=unmet,
        **{field.name: getattr(violation, field.name) for field in fields(violation)},
    )


def _updated(alarm: Alarm, violation: Violation, now: datetime, unmet: bool) -> Alarm:
    values = {field.name: getattr(violation, field.name) for field in fields(violation)}
    priority = priority_of(violation.kind, violation.worst_value, violation.limit_value, unmet=unmet)
    updated = replace(alarm, priority=priority, unmet=unmet, returned_at=None, **values)
    over = alarm.state not in STANDING
    if over or (alarm.state is not AlarmState.RAISED and _asks_again(alarm, updated)):
        return replace(updated, state=advance(ALARM, alarm.state, "raise"), raised_at=now, **_UNANSWERED_FIELDS)
    return updated


_UNANSWERED_FIELDS: dict[str, Any] = {
    "seen_value": None,
    "acknowledged_by": "",
    "acknowledged_at": None,
    "shelved_by": "",
    "shelved_until": None,
    "shelve_reason": "",
}


def _asks_again(alarm: Alarm, updated: Alarm) -> bool:
    """Worse than what was answered: by more than noise, of a higher priority, or left by the market."""
    seen = alarm.worst_value if alarm.seen_value is None else alarm.seen_value
    farther = abs(updated.worst_value - updated.limit_value) - abs(seen - alarm.limit_value)
    higher = RANKS.index(updated.priority) > RANKS.index(alarm.priority)
    return farther > WORSE[alarm.kind] or higher or (updated.unmet and not alarm.unmet)


def acknowledged(alarm: Alarm, by: str, now: datetime) -> Alarm:
    """Raises `Refused`: `wrong_state` when it does not ask for an answer."""
    return replace(
        alarm,
        state=advance(ALARM, alarm.state, "acknowledge", "alarm_id"),
        seen_value=alarm.worst_value,
        acknowledged_by=by,
        acknowledged_at=now,
    )


def shelved(alarm: Alarm, by: str, until: datetime, reason: str) -> Alarm:
    """Raises `Refused`: `wrong_state` for one that is over."""
    return replace(
        alarm,
        state=advance(ALARM, alarm.state, "shelve", "alarm_id"),
        seen_value=alarm.worst_value,
        shelved_by=by,
        shelved_until=until,
        shelve_reason=reason,
    )


def unshelved(alarm: Alarm, now: datetime) -> Alarm:
    """It asks again. Raises `Refused`: `wrong_state` for one that is not shelved."""
    state = advance(ALARM, alarm.state, "unshelve", "alarm_id")
    return replace(alarm, state=state, raised_at=now, **_UNANSWERED_FIELDS)
