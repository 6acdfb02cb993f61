"""Monitoring of services under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.commands.place.base import PlaceCommand
from domain.ids import AlarmId


@dataclass(frozen=True, kw_only=True)
class FollowServices(PlaceCommand):
    """Market place: bring its alarms up with what it was told, and not told."""


@dataclass(frozen=True, kw_only=True)
class AcknowledgeServiceAlarm(PlaceCommand):
    """Operator, provider: it was seen and is being dealt with."""

    alarm_id: AlarmId


@dataclass(frozen=True, kw_only=True)
class ShelveServiceAlarm(PlaceCommand):
    """Operator, provider: put aside until a market time, with the reason."""

    alarm_id: AlarmId
    until: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class UnshelveServiceAlarm(PlaceCommand):
    """Operator, provider: it asks for an answer again before its time on the shelf is up."""

    alarm_id: AlarmId
