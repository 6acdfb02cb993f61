"""Alarms about services under way: what asks for an answer, and how they follow the service.

On the market place and on platforms alike. The life of an alarm is that of the grid's (ISA-18.2, see
`domain.flexibility.alarms`): raised until acknowledged, returned when its cause ends before that, cleared when
both have happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.flexibility.alarms import RANKS, STANDING, Priority
from domain.ids import AlarmId, PartyId
from domain.lifecycle import ALARM, AlarmState, advance
from domain.marketplace.services import ServiceTerms
from domain.marketplace.words import ServiceState

GRACE_SHARE = 4
"""An interim message is overdue a quarter of its interval after it was due."""
LEAST_GRACE = timedelta(minutes=15)
LONGEST_SHELF = timedelta(days=7)


class ServiceAlarmKind(StrEnum):
    INTERIM_OVERDUE = "interim overdue"
    DELIVERIES_OVERDUE = "deliveries overdue"
    SLA_BROKEN = "SLA broken"
    SERVICE_DOWN = "service down"
    DEAD_LETTER = "dead letter"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why an alarm stands. `subject`: the subscription, or the stream of messages that is stopped."""

    kind: ServiceAlarmKind
    subject: str
    provider_id: PartyId
    requester_id: PartyId | None
    priority: Priority
    detail: str


@dataclass(frozen=True, kw_only=True)
class ServiceAlarm:
    """A cause and its answer; (kind, subject, provider_id) is unique. All instants are market time.

    seen : how urgent it was when it was answered; one that becomes more urgent asks again
    """

    id: AlarmId
    kind: ServiceAlarmKind
    subject: str
    provider_id: PartyId
    requester_id: PartyId | None
    priority: Priority
    detail: str
    raised_at: datetime
    state: AlarmState = AlarmState.RAISED
    seen: Priority = Priority.WATCH
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    shelved_by: str = ""
    shelved_until: datetime | None = None
    shelve_reason: str = ""
    returned_at: datetime | None = None
    version: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        return self.kind, self.subject, self.provider_id


@dataclass(frozen=True, kw_only=True)
class Latest:
    """What is known of a service: the last report's time, None before the first, and what it said."""

    at: datetime | None
    state: ServiceState = ServiceState.RUNNING
    n_overdue: int = 0
    in_time_share: Decimal | None = None


def grace(interval: timedelta) -> timedelta:
    return max(interval / GRACE_SHARE, LEAST_GRACE)


def causes(
    subject: str,
    provider_id: PartyId,
    requester_id: PartyId | None,
    terms: ServiceTerms,
    since: datetime,
    latest: Latest,
    now: datetime,
) -> list[Cause]:
    """What is wrong with a service that is in force since `since`, by its terms."""
    found: list[tuple[ServiceAlarmKind, Priority, str]] = []
    interval = timedelta(hours=terms.interim_hours)
    late = now - (latest.at or since) - interval
    if late > grace(interval):
        rank = sum(late > interval * times for times in (1, 3))
        hours = int(late.total_seconds() // 3600)
        found.append((ServiceAlarmKind.INTERIM_OVERDUE, RANKS[rank], f"The report is {hours} h overdue."))
    if latest.n_overdue:
        rank = sum(latest.n_overdue >= bound for bound in (3, 10))
        detail = f"{latest.n_overdue} deliveries were later than {terms.max_delay_minutes} min, or did not come."
        found.append((ServiceAlarmKind.DELIVERIES_OVERDUE, RANKS[rank], detail))
    share = latest.in_time_share
    if share is not None and share < terms.availability_share:
        priority = Priority.CRITICAL if share < terms.availability_share / 2 else Priority.ALARM
        promised = _percent(terms.availability_share)
        detail = f"{_percent(share)} % of the deliveries came in time; {promised} % were promised."
        found.append((ServiceAlarmKind.SLA_BROKEN, priority, detail))
    if latest.state is not ServiceState.RUNNING:
        priority = Priority.ALARM if latest.state is ServiceState.STOPPED else Priority.WATCH
        found.append(
            (ServiceAlarmKind.SERVICE_DOWN, priority, f"The provider says that it is {latest.state.value}.")
        )
    return [
        Cause(
            kind=kind,
            subject=subject,
            provider_id=provider_id,
            requester_id=requester_id,
            priority=priority,
            detail=detail,
        )
        for kind, priority, detail in found
    ]


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}"


def follow(
    alarms: Iterable[ServiceAlarm], found: Sequence[Cause], now: datetime, new_id: Callable[[], AlarmId]
) -> list[ServiceAlarm]:
    """The alarms that are new or changed now that these causes stand; what was shelved long enough asks again."""
    known = {alarm.key: alarm for alarm in alarms}
    standing = {(cause.kind, cause.subject, cause.provider_id): cause for cause in found}
    changed = [
        _updated(known[key], cause, now) if key in known else _raised(cause, now, new_id())
        for key, cause in standing.items()
    ]
    changed += [
        replace(alarm, state=advance(ALARM, alarm.state, "return"), returned_at=now)
        for key, alarm in known.items()
        if key not in standing and alarm.state in STANDING
    ]
    return [alarm for alarm in changed if known.get(alarm.key) != alarm]


def _raised(cause: Cause, now: datetime, id: AlarmId) -> ServiceAlarm:
    return ServiceAlarm(id=id, raised_at=now, **vars(cause))


_UNANSWERED: dict[str, Any] = {
    "seen": Priority.WATCH,
    "acknowledged_by": "",
    "acknowledged_at": None,
    "shelved_by": "",
    "shelved_until": None,
    "shelve_reason": "",
}


def _updated(alarm: ServiceAlarm, cause: Cause, now: datetime) -> ServiceAlarm:
    updated = replace(alarm, returned_at=None, **vars(cause))
    over = alarm.state not in STANDING
    answered = alarm.state in (AlarmState.ACKNOWLEDGED, AlarmState.SHELVED)
    worse = answered and RANKS.index(cause.priority) > RANKS.index(alarm.seen)
    up = alarm.shelved_until is not None and now >= alarm.shelved_until
    if over or worse or (alarm.state is AlarmState.SHELVED and up):
        return replace(updated, state=advance(ALARM, alarm.state, "raise"), raised_at=now, **_UNANSWERED)
    return updated


def acknowledged(alarm: ServiceAlarm, by: str, now: datetime) -> ServiceAlarm:
    """Raises `Refused`: `wrong_state` when it does not ask for an answer."""
    state = advance(ALARM, alarm.state, "acknowledge", "alarm_id")
    return replace(alarm, state=state, seen=alarm.priority, acknowledged_by=by, acknowledged_at=now)


def unshelved(alarm: ServiceAlarm, now: datetime) -> ServiceAlarm:
    """It asks again. Raises `Refused`: `wrong_state` for one that is not shelved."""
    state = advance(ALARM, alarm.state, "unshelve", "alarm_id")
    return replace(alarm, state=state, raised_at=now, **_UNANSWERED)


def shelved(alarm: ServiceAlarm, by: str, until: datetime, reason: str) -> ServiceAlarm:
    """Raises `Refused`: `wrong_state` for one that is over."""
    return replace(
        alarm,
        state=advance(ALARM, alarm.state, "shelve", "alarm_id"),
        seen=alarm.priority,
        shelved_by=by,
        shelved_until=until,
        shelve_reason=reason,
    )
