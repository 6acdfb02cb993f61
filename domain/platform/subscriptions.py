"""Subscriptions as a platform knows them, told by the market place (B2B-SRV-SUB)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.ids import PartyId, SubscriptionId
from domain.marketplace.services import ServiceDescription, SubscriptionContent
from domain.marketplace.words import PlatformRole


class SubscriptionStanding(StrEnum):
    """A running subscription that is over by its dates stays active: `in_force` says whether it counts."""

    ACTIVE = "active"
    CANCELED = "canceled"


@dataclass(frozen=True, kw_only=True)
class PlatformSubscription:
    """B2B-SRV-SUB on the platform of one of its sides.

    side : ours
    peer_id : the other side's registration
    introduction : the word that lets the other side's platform in once; see `domain.marketplace.notices`
    canceled_at, reason : as the market place told
    """

    id: SubscriptionId
    side: PlatformRole
    peer_id: PartyId
    content: SubscriptionContent
    introduction: str = field(default="", repr=False)
    state: SubscriptionStanding = SubscriptionStanding.ACTIVE
    canceled_at: datetime | None = None
    reason: str = ""
    version: int = 0

    @property
    def own_id(self) -> PartyId:
        """Our registration in it."""
        sides = self.content.provider, self.content.requester
        return sides[0].id if self.side is PlatformRole.PROVIDER else sides[1].id

    def in_force(self, market: datetime) -> bool:
        """Whether it counts at that market time."""
        ends = self.content.ends_at
        started = self.content.starts_at <= market and (ends is None or market < ends)
        return started and self.state is SubscriptionStanding.ACTIVE

    def description(self, id: str) -> ServiceDescription | None:
        """Its service of that id, None for none."""
        return next((found for found in self.content.descriptions if found.id == id), None)
