"""Sessions, gates, clearings and the market clock."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event
from domain.flexibility.market import GateKind
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.ids import JobId, RegionId, SessionId


@dataclass(frozen=True, kw_only=True)
class SessionPlanned(Event):
    session_id: SessionId
    region_id: RegionId


@dataclass(frozen=True, kw_only=True)
class ClearingRulesSet(Event):
    """How a session will be cleared and paid has changed."""

    session_id: SessionId
    region_id: RegionId
    clearing: ClearingMode
    payment: PaymentRule
    energy: EnergyPricing


@dataclass(frozen=True, kw_only=True)
class SessionOpened(Event):
    session_id: SessionId
    region_id: RegionId


@dataclass(frozen=True, kw_only=True)
class SessionStatusReported(Event):
    """The interim status of a running session."""

    session_id: SessionId
    region_id: RegionId
    n_requests: int
    n_offers: int


@dataclass(frozen=True, kw_only=True)
class GateClosed(Event):
    session_id: SessionId
    region_id: RegionId
    job_id: JobId
    n_offers: int


@dataclass(frozen=True, kw_only=True)
class SessionCleared(Event):
    session_id: SessionId
    region_id: RegionId
    n_awards: int
    n_unmet: int
    proof_clean: bool


@dataclass(frozen=True, kw_only=True)
class ClearingFailed(Event):
    session_id: SessionId
    region_id: RegionId
    reason: str


@dataclass(frozen=True, kw_only=True)
class ClearingRestarted(Event):
    session_id: SessionId
    region_id: RegionId
    job_id: JobId


@dataclass(frozen=True, kw_only=True)
class PublicationMissed(Event):
    """Publication was due and there was no result."""

    session_id: SessionId
    region_id: RegionId
    reason: str


@dataclass(frozen=True, kw_only=True)
class SessionPublished(Event):
    session_id: SessionId
    region_id: RegionId


@dataclass(frozen=True, kw_only=True)
class GatePassed(Event):
    session_id: SessionId
    region_id: RegionId
    kind: GateKind


@dataclass(frozen=True, kw_only=True)
class ClockMoved(Event):
    market_time: str
    speed: float
