"""The base of the market place's queries."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.base import Answer, Query


@dataclass(frozen=True, kw_only=True)
class PlaceQuery(Query[Answer]):
    """Base of all queries of the EU Market Place, for its registry."""
