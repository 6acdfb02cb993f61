"""What other players' platforms may ask."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.platform.base import PlatformQuery
from domain.ids import SubscriptionId
from domain.platform.subscriptions import PlatformSubscription


@dataclass(frozen=True, kw_only=True)
class GetCommonSubscription(PlatformQuery[PlatformSubscription]):
    """Peer: a subscription that it has with this platform's company."""

    subscription_id: SubscriptionId
