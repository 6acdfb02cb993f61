"""Other players' platforms."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.platform.base import PlatformEvent
from domain.ids import PartyId, SubscriptionId


@dataclass(frozen=True, kw_only=True)
class PeerMet(PlatformEvent):
    """`party_id`: our registration in the subscription."""

    subscription_id: SubscriptionId
    peer_id: PartyId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class PeerEnded(PlatformEvent):
    peer_id: PartyId
