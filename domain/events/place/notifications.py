"""What providers' platforms told."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.place.base import PlaceEvent
from domain.ids import PartyId, SubscriptionId


@dataclass(frozen=True, kw_only=True)
class ConsentNotified(PlaceEvent):
    subscription_id: SubscriptionId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ActivationNotified(PlaceEvent):
    subscription_id: SubscriptionId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class InterimNotified(PlaceEvent):
    subscription_id: SubscriptionId
    party_id: PartyId
