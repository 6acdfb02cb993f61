"""Alarms follow a day's grid state, and the DSO answers them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date

from app.usecases.ownership import own_region
from domain.commands import AcknowledgeAlarm, ShelveAlarm, UnshelveAlarm
from domain.errors import Finding, raise_if, refuse
from domain.events import AlarmAcknowledged, AlarmsFollowed, AlarmShelved, AlarmUnshelved
from domain.flexibility.alarms import Alarm, Violation, acknowledged, follow, shelved, unshelved
from domain.ids import AlarmId, RegionId, new_id
from domain.lifecycle import AlarmState
from domain.parties import Principal, Region, Role
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings
from domain.time import DeliveryDay, as_utc


def follow_day(
    uow: UnitOfWork, region_id: RegionId, day: date, found: Iterable[Violation], *, unmet: bool = False
) -> None:
    """Bring the alarms of a region's day up with what passes its limits; `unmet` after a clearing."""
    known = uow.find(Alarm, region_id=region_id, delivery_day=day)
    changed = follow(
        known,
        found,
        region_id=region_id,
        day=day,
        now=uow.market,
        unmet=unmet,
        new_id=lambda: AlarmId(new_id("AL")),
    )
    if not changed:
        return
    stored = {alarm.id for alarm in known}
    for alarm in changed:
        (uow.save if alarm.id in stored else uow.add)(alarm)
    region = uow.get(Region, region_id)
    uow.record(
        AlarmsFollowed(
            region_id=region_id,
            delivery_day=day,
            dso_id=region.dso_id,
            tso_id=region.tso_id,
            n_raised=sum(alarm.state is AlarmState.RAISED and alarm.raised_at == uow.market for alarm in changed),
            n_ended=sum(alarm.returned_at is not None for alarm in changed),
        )
    )


def acknowledge_alarm(uow: UnitOfWork, principal: Principal, command: AcknowledgeAlarm) -> Alarm:
    """The DSO has seen it. Raises `Refused`: `not_found`, `not_yours`, `wrong_state`."""
    alarm, region = _own(uow, principal, command.alarm_id)
    answered = acknowledged(alarm, principal.account, uow.market)
    uow.save(answered)
    uow.record(
        AlarmAcknowledged(
            alarm_id=alarm.id,
            region_id=region.id,
            dso_id=region.dso_id,
            tso_id=region.tso_id,
            by=principal.account,
        )
    )
    return answered


def shelve_alarm(uow: UnitOfWork, principal: Principal, command: ShelveAlarm) -> Alarm:
    """The DSO puts it aside until a time before the delivery day ends.

    Raises:
        Refused: `not_found`, `not_yours`, `wrong_state`; findings on `until` and `reason`.
    """
    alarm, region = _own(uow, principal, command.alarm_id)
    until = as_utc(command.until, "until")
    findings = text_findings(command.reason, "reason", REASON)
    end = DeliveryDay(day=alarm.delivery_day).end
    if not uow.market < until <= end:
        sentence = "Shelve it until a time that is ahead on the market clock and not after the delivery day."
        findings.append(Finding(code="out_of_range", field="until", sentence=sentence))
    raise_if(findings)
    aside = shelved(alarm, principal.account, until.astimezone(UTC), command.reason.strip())
    uow.save(aside)
    uow.record(
        AlarmShelved(
            alarm_id=alarm.id,
            region_id=region.id,
            dso_id=region.dso_id,
            tso_id=region.tso_id,
            by=principal.account,
            until=until,
            reason=aside.shelve_reason,
        )
    )
    return aside


def unshelve_alarm(uow: UnitOfWork, principal: Principal, command: UnshelveAlarm) -> Alarm:
    """It asks again: by the DSO at any time, by the market once its time is up.

    Raises:
        Refused: `not_found`, `not_yours`, `wrong_state`.
    """
    alarm, region = _own(uow, principal, command.alarm_id)
    raised = unshelved(alarm, uow.market)
    by_market = principal.role is Role.SYSTEM
    if by_market and alarm.shelved_until is not None and uow.market < alarm.shelved_until:
        raise refuse("wrong_state", "alarm_id", "Its time on the shelf is not up yet.")
    uow.save(raised)
    uow.record(
        AlarmUnshelved(
            alarm_id=alarm.id,
            region_id=region.id,
            dso_id=region.dso_id,
            tso_id=region.tso_id,
            by="" if by_market else principal.account,
        )
    )
    return raised


def _own(uow: UnitOfWork, principal: Principal, alarm_id: AlarmId) -> tuple[Alarm, Region]:
    """The alarm and its region. The market itself may act on all."""
    alarm = uow.get(Alarm, alarm_id)
    if principal.role is Role.SYSTEM:
        return alarm, uow.get(Region, alarm.region_id)
    return alarm, own_region(uow, principal, alarm.region_id, "alarm_id")
