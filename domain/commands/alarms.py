"""Answers to alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.commands.base import Command
from domain.ids import AlarmId


@dataclass(frozen=True, kw_only=True)
class AcknowledgeAlarm(Command):
    """DSO: it was seen and is being dealt with."""

    alarm_id: AlarmId


@dataclass(frozen=True, kw_only=True)
class ShelveAlarm(Command):
    """DSO: put aside until a market time, with the reason."""

    alarm_id: AlarmId
    until: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class UnshelveAlarm(Command):
    """DSO: it asks again; the market does so when its time is up."""

    alarm_id: AlarmId
