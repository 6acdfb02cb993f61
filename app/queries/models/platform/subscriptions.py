"""Queries on what the market place has told a platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.queries.models.platform.base import PlatformQuery
from domain.marketplace.services import SubscriptionContent
from domain.marketplace.words import PlatformRole
from domain.platform.subscriptions import SubscriptionStanding


@dataclass(frozen=True, kw_only=True)
class SubscriptionView:
    """B2B-SRV-SUB as its parties may see it. `in_force`: by market time when asked."""

    side: PlatformRole
    content: SubscriptionContent
    state: SubscriptionStanding
    in_force: bool
    canceled_at: datetime | None
    reason: str

    @property
    def peer(self) -> str:
        """The other side's name."""
        sides = self.content.requester, self.content.provider
        return sides[0].name if self.side is PlatformRole.PROVIDER else sides[1].name


@dataclass(frozen=True, kw_only=True)
class ListSubscriptions(PlatformQuery[tuple[SubscriptionView, ...]]):
    """Provider, requester: those of the own registration, the newest first."""
