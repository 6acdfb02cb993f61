"""Introductions to other players' platforms."""

from __future__ import annotations

from app.persistence.columns import count, enum, instant, key
from app.persistence.columns import text as text_
from app.persistence.registry import entity, platform_metadata
from domain.marketplace.words import PlatformRole
from domain.platform.peers import Meeting

entity(
    Meeting,
    "meetings",
    key(references="platform_subscriptions.id"),
    enum("side", PlatformRole),
    text_("peer_id", references="parties.id"),
    instant("since"),
    instant("next_at"),
    count("n_tries"),
    text_("key_id", nullable=True, references="api_keys.id"),
    text_("error"),
    instant("met_at", nullable=True),
    of=platform_metadata,
)
