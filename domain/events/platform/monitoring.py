"""Alarms about a platform's own services."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.platform.base import PlatformEvent
from domain.ids import AlarmId, PartyId


@dataclass(frozen=True, kw_only=True)
class OwnAlarmChanged(PlatformEvent):
    """An alarm was raised, answered, or its cause has ended; `state` is as it is now."""

    alarm_id: AlarmId
    provider_id: PartyId
    requester_id: PartyId | None
    state: str
