"""Subscriptions on a platform."""

from __future__ import annotations

from app.codec import from_data, to_data
from app.persistence.columns import enum, instant, key, structure
from app.persistence.columns import text as text_
from app.persistence.registry import entity, platform_metadata
from domain.marketplace.services import SubscriptionContent
from domain.marketplace.words import PlatformRole
from domain.platform.subscriptions import PlatformSubscription, SubscriptionStanding

entity(
    PlatformSubscription,
    "platform_subscriptions",
    key(),
    enum("side", PlatformRole),
    text_("peer_id"),
    structure("content", "content", to_data=to_data, from_data=lambda data: from_data(SubscriptionContent, data)),
    text_("introduction"),
    enum("state", SubscriptionStanding),
    instant("canceled_at", nullable=True),
    text_("reason"),
    index=[["peer_id"]],
    of=platform_metadata,
)
