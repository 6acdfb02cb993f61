"""What the market place tells a platform (EU-MP API)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from domain.commands.platform.base import PlatformCommand
from domain.ids import SubscriptionId
from domain.marketplace.services import SubscriptionContent
from domain.marketplace.words import PlatformRole
from domain.transport import Envelope


@dataclass(frozen=True, kw_only=True)
class ConfirmService(PlatformCommand):
    """Market place: a subscription of ours is agreed (B2B-SRV-SUB). `secret`: the introduction of both sides."""

    envelope: Envelope
    side: PlatformRole
    subscription: SubscriptionContent
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class CancelService(PlatformCommand):
    """Market place: a subscription of ours is over."""

    envelope: Envelope
    side: PlatformRole
    subscription_id: SubscriptionId
    canceled_at: datetime
    reason: str
