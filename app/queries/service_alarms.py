"""Alarms about services in the order in which they ask for an answer."""

from __future__ import annotations

from collections.abc import Iterable

from domain.flexibility.alarms import RANKS
from domain.lifecycle import AlarmState
from domain.marketplace.service_alarms import ServiceAlarm

_ORDER = (AlarmState.RAISED, AlarmState.RETURNED, AlarmState.ACKNOWLEDGED, AlarmState.SHELVED, AlarmState.CLEARED)


def ranked(alarms: Iterable[ServiceAlarm], *, with_cleared: bool) -> tuple[ServiceAlarm, ...]:
    shown = (alarm for alarm in alarms if with_cleared or alarm.state is not AlarmState.CLEARED)
    return tuple(sorted(shown, key=_rank))


def _rank(alarm: ServiceAlarm) -> tuple[int, int, str, str]:
    return _ORDER.index(alarm.state), -RANKS.index(alarm.priority), alarm.kind.value, alarm.id
