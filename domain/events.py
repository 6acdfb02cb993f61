"""Events: frozen facts, recorded in the outbox with the change they tell of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.flexibility.market import GateKind, PriceKind
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.ids import ActivationId, AssetId, JobId, OfferId, PartyId, RegionId, RequestId, SessionId


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events, for the registry."""


@dataclass(frozen=True, kw_only=True)
class NetworkUploaded(Event):
    region_id: RegionId


@dataclass(frozen=True, kw_only=True)
class SchedulesUploaded(Event):
    region_id: RegionId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class SchedulesDropped(Event):
    """A day's schedules do not fit the region's new network; the day needs new ones."""

    region_id: RegionId
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class GridStateComputed(Event):
    """Needs of a region's day were identified."""

    region_id: RegionId
    delivery_day: date
    n_needs: int


@dataclass(frozen=True, kw_only=True)
class PricesUploaded(Event):
    kind: PriceKind
    delivery_day: date


@dataclass(frozen=True, kw_only=True)
class AssetRegistered(Event):
    asset_id: AssetId
    region_id: RegionId
    owner_id: PartyId


@dataclass(frozen=True, kw_only=True)
class AssetConfirmed(Event):
    asset_id: AssetId
    region_id: RegionId
    owner_id: PartyId


@dataclass(frozen=True, kw_only=True)
class AssetRefused(Event):
    asset_id: AssetId
    region_id: RegionId
    owner_id: PartyId
    reason: str


@dataclass(frozen=True, kw_only=True)
class BaselineUploaded(Event):
    asset_id: AssetId
    region_id: RegionId
    owner_id: PartyId
    delivery_day: date


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
class OfferResultPublished(Event):
    """One offering party's outcome of a session."""

    session_id: SessionId
    region_id: RegionId
    party_id: PartyId
    n_accepted: int
    n_rejected: int


@dataclass(frozen=True, kw_only=True)
class RequestPublished(Event):
    request_id: RequestId
    session_id: SessionId
    region_id: RegionId


@dataclass(frozen=True, kw_only=True)
class RequestWithdrawn(Event):
    request_id: RequestId
    session_id: SessionId
    region_id: RegionId


@dataclass(frozen=True, kw_only=True)
class OfferSubmitted(Event):
    offer_id: OfferId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class OfferWithdrawn(Event):
    offer_id: OfferId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class GatePassed(Event):
    session_id: SessionId
    region_id: RegionId
    kind: GateKind


@dataclass(frozen=True, kw_only=True)
class JobChanged(Event):
    job_id: JobId
    region_id: RegionId
    state: str


@dataclass(frozen=True, kw_only=True)
class ActivationAcknowledged(Event):
    activation_id: ActivationId
    region_id: RegionId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ActivationRefused(Event):
    activation_id: ActivationId
    region_id: RegionId
    party_id: PartyId
    reason: str


@dataclass(frozen=True, kw_only=True)
class ClockMoved(Event):
    market_time: str
    speed: float


@dataclass(frozen=True, kw_only=True)
class NotificationsRead(Event):
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class Notified(Event):
    """A participant has new notifications. Goes to the bus only; it is in no outbox."""

    party_id: PartyId
