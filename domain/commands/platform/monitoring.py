"""Monitoring of a platform's own services, and reports on them to the market place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.commands.platform.base import PlatformCommand
from domain.ids import AlarmId, SubscriptionId


@dataclass(frozen=True, kw_only=True)
class FollowOwnServices(PlatformCommand):
    """Platform: bring its alarms up with how its services run."""


@dataclass(frozen=True, kw_only=True)
class SendInterim(PlatformCommand):
    """Platform: tell the market place how a service ran since it was told last."""

    subscription_id: SubscriptionId


@dataclass(frozen=True, kw_only=True)
class AcknowledgeOwnAlarm(PlatformCommand):
    """The company: it was seen and is being dealt with."""

    alarm_id: AlarmId


@dataclass(frozen=True, kw_only=True)
class ShelveOwnAlarm(PlatformCommand):
    """The company: put aside until a market time, with the reason."""

    alarm_id: AlarmId
    until: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class UnshelveOwnAlarm(PlatformCommand):
    """The company: a shelved one asks again."""

    alarm_id: AlarmId
