"""Sessions, gates, clearings and the market clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.commands.base import Command
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.ids import GateId, RegionId, SessionId


@dataclass(frozen=True, kw_only=True)
class PlanSession(Command):
    """FMO: a session with its gates and the rules it is cleared by."""

    region_id: RegionId
    delivery_day: date
    opens_at: datetime
    gate_closes_at: datetime
    publishes_at: datetime
    clearing: ClearingMode = ClearingMode.NETWORK
    payment: PaymentRule = PaymentRule.PAY_AS_BID
    energy: EnergyPricing = EnergyPricing.IGNORED


@dataclass(frozen=True, kw_only=True)
class SetClearingRules(Command):
    """FMO: how a session is cleared and paid, until its gate closes."""

    session_id: SessionId
    clearing: ClearingMode
    payment: PaymentRule
    energy: EnergyPricing


@dataclass(frozen=True, kw_only=True)
class PassGate(Command):
    """Market: a due gate is passed, once. FMO: pass the session's next gate before it is due."""

    gate_id: GateId


@dataclass(frozen=True, kw_only=True)
class RetryClearing(Command):
    """FMO: clear a session again whose clearing did not succeed."""

    session_id: SessionId


class ClockAction(StrEnum):
    RUN = "run"
    PAUSE = "pause"


@dataclass(frozen=True, kw_only=True)
class MoveClock(Command):
    """FMO, demo only: run at `speed`, or pause."""

    action: ClockAction
    speed: float = 1.0


@dataclass(frozen=True, kw_only=True)
class MoveToGate(Command):
    """FMO, demo only: move the clock on to the gate that the page names; twice is the same as once."""

    gate_id: GateId
