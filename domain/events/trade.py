"""Requests, offers and activations."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from domain.events.base import Event
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
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


@dataclass(frozen=True, kw_only=True)
class BookMatched(Event):
    """The orders of an open continuous session were matched; `n_trades` in all until now."""

    session_id: SessionId
    region_id: RegionId
    n_trades: int


@dataclass(frozen=True, kw_only=True)
class TradesMade(Event):
    """What one party bought or sold in a matching, of one commodity (`energy_mwh` in its unit) and direction."""

    session_id: SessionId
    region_id: RegionId
    party_id: PartyId
    bought: bool
    commodity: Commodity
    direction: Direction
    energy_mwh: Decimal
    lowest_eur_per_mwh: Decimal
    highest_eur_per_mwh: Decimal
