"""The base of a platform's queries."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.base import Answer, Query


@dataclass(frozen=True, kw_only=True)
class PlatformQuery(Query[Answer]):
    """Base of all queries of a player's platform, for its registry."""
