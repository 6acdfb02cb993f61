"""Queries on the market place's audit trail."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.base import Part
from app.queries.models.place.base import PlaceQuery
from domain.paging import Slice
from domain.trail import TrailLine


@dataclass(frozen=True, kw_only=True)
class ListPlaceTrail(PlaceQuery[Part[TrailLine]]):
    """Who did what when, as far as the asker may see it, the newest first."""

    part: Slice


@dataclass(frozen=True, kw_only=True)
class ExportPlaceTrail(PlaceQuery[str]):
    """The same as JSON lines under a signed head, rows that are left out by their hashes; see `app.trails`."""
