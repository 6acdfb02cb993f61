"""Alarms about services: brought up with their causes and answered, on the market place and on platforms alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from domain.errors import Finding, raise_if
from domain.events import Event
from domain.ids import AlarmId, new_id
from domain.marketplace.service_alarms import (
    LONGEST_SHELF,
    Cause,
    ServiceAlarm,
    acknowledged,
    follow,
    shelved,
    unshelved,
)
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings
from domain.time import as_utc

Tell = Callable[[ServiceAlarm], Event]


def changes(uow: UnitOfWork, found: Sequence[Cause]) -> list[ServiceAlarm]:
    """Alarms that are new or changed now that these causes stand."""
    return follow(uow.find(ServiceAlarm), found, uow.market, lambda: AlarmId(new_id("AL")))


def bring_up(uow: UnitOfWork, found: Sequence[Cause], tell: Tell) -> int:
    """Store what has changed; how many alarms that were. What only reads otherwise is not told."""
    known = {alarm.id: alarm for alarm in uow.find(ServiceAlarm)}
    changed = changes(uow, found)
    for alarm in changed:
        (uow.save if alarm.id in known else uow.add)(alarm)
        if alarm.id not in known or known[alarm.id].state is not alarm.state:
            uow.record(tell(alarm))
    return len(changed)


def acknowledge(uow: UnitOfWork, principal: Principal, alarm: ServiceAlarm, tell: Tell) -> ServiceAlarm:
    """Raises `Refused`: `wrong_state`."""
    answered = acknowledged(alarm, principal.account, uow.market)
    uow.save(answered)
    uow.record(tell(answered))
    return answered


def shelve(
    uow: UnitOfWork, principal: Principal, alarm: ServiceAlarm, until: datetime, reason: str, tell: Tell
) -> ServiceAlarm:
    """Raises `Refused`: `wrong_state`; findings on `until` (at most a week ahead) and `reason`."""
    until = as_utc(until, "until").astimezone(UTC)
    found = text_findings(reason, "reason", REASON)
    if not uow.market < until <= uow.market + LONGEST_SHELF:
        sentence = f"Shelve it until a market time that is ahead, at most {LONGEST_SHELF.days} days."
        found.append(Finding(code="out_of_range", field="until", sentence=sentence))
    raise_if(found)
    aside = shelved(alarm, principal.account, until, reason.strip())
    uow.save(aside)
    uow.record(tell(aside))
    return aside


def unshelve(uow: UnitOfWork, alarm: ServiceAlarm, tell: Tell) -> ServiceAlarm:
    """Raises `Refused`: `wrong_state`."""
    raised = unshelved(alarm, uow.market)
    uow.save(raised)
    uow.record(tell(raised))
    return raised
