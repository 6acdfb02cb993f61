"""Requests, offers and activations."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event
from domain.ids import ActivationId, OfferId, PartyId, RegionId, RequestId, SessionId


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
