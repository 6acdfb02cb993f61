"""Customers' consents."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.platform.base import PlatformEvent
from domain.ids import ConsentAskId, ConsentId, PartyId
from domain.marketplace.words import ConsentState


@dataclass(frozen=True, kw_only=True)
class ConsentAsked(PlatformEvent):
    consent_id: ConsentId
    customer_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ConsentGiven(PlatformEvent):
    consent_id: ConsentId
    customer_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ConsentRefused(PlatformEvent):
    consent_id: ConsentId
    customer_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ConsentRevoked(PlatformEvent):
    """`n_pods`: of how many PoDs; `whole`: whether none is left."""

    consent_id: ConsentId
    customer_id: PartyId
    n_pods: int
    whole: bool


@dataclass(frozen=True, kw_only=True)
class ConsentExpired(PlatformEvent):
    consent_id: ConsentId
    customer_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ConsentsAskedFor(PlatformEvent):
    ask_id: ConsentAskId
    requester_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ConsentAskAnswered(PlatformEvent):
    ask_id: ConsentAskId
    requester_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ConsentTold(PlatformEvent):
    consent_id: ConsentId
    requester_id: PartyId
    state: ConsentState
