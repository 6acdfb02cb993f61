"""Points of delivery and what was metered there."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.platform.base import PlatformEvent
from domain.ids import DeliveryId, PartyId, SubscriptionId


@dataclass(frozen=True, kw_only=True)
class PodsRegistered(PlatformEvent):
    """A provider entered or changed points of delivery."""

    party_id: PartyId
    n_pods: int


@dataclass(frozen=True, kw_only=True)
class ValuesStored(PlatformEvent):
    """Days of values of points of delivery came or changed."""

    party_id: PartyId
    n_days: int


@dataclass(frozen=True, kw_only=True)
class DeliveryChanged(PlatformEvent):
    """A delivery was sent, received, acknowledged, withdrawn or asked for again."""

    delivery_id: DeliveryId
    subscription_id: SubscriptionId
