"""Offers that the DSO may call by itself, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event
from domain.ids import AnswerId, CallId, OfferId, PartyId, RegionId, SessionId


@dataclass(frozen=True, kw_only=True)
class OfferOpenToCall(Event):
    offer_id: OfferId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class FlexibilityDeclined(Event):
    """Somebody has none for a place and time; `taken_back` when that no longer holds."""

    offer_id: OfferId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId
    place: str
    taken_back: bool = False


@dataclass(frozen=True, kw_only=True)
class OfferCalled(Event):
    call_id: CallId
    offer_id: OfferId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class CallWithdrawn(Event):
    call_id: CallId
    offer_id: OfferId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class AnswerTakenBack(Event):
    answer_id: AnswerId
    call_id: CallId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class CallTimeEnded(Event):
    """The time in which the DSO could call an offer is over, and it did not call all of it."""

    offer_id: OfferId
    session_id: SessionId
    region_id: RegionId
    party_id: PartyId
