"""Alarms and their answers. `dso_id` and `tso_id` are who may know of them besides the market operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.events.base import Event
from domain.ids import AlarmId, PartyId, RegionId


@dataclass(frozen=True, kw_only=True)
class AlarmsFollowed(Event):
    """The alarms of a region's day were brought up with its grid state."""

    region_id: RegionId
    delivery_day: date
    dso_id: PartyId
    tso_id: PartyId
    n_raised: int
    n_ended: int


@dataclass(frozen=True, kw_only=True)
class AlarmAcknowledged(Event):
    alarm_id: AlarmId
    region_id: RegionId
    dso_id: PartyId
    tso_id: PartyId
    by: str


@dataclass(frozen=True, kw_only=True)
class AlarmShelved(Event):
    alarm_id: AlarmId
    region_id: RegionId
    dso_id: PartyId
    tso_id: PartyId
    by: str
    until: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class AlarmUnshelved(Event):
    """By the DSO (`by` is its account), or by the market when its time was up (`by` is empty)."""

    alarm_id: AlarmId
    region_id: RegionId
    dso_id: PartyId
    tso_id: PartyId
    by: str
