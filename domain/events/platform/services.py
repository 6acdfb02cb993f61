"""Subscriptions as the market place tells of them."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.platform.base import PlatformEvent
from domain.ids import PartyId, SubscriptionId


@dataclass(frozen=True, kw_only=True)
class SubscriptionEntered(PlatformEvent):
    """`party_id`: our registration in it."""

    subscription_id: SubscriptionId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class SubscriptionCanceled(PlatformEvent):
    subscription_id: SubscriptionId
    party_id: PartyId
