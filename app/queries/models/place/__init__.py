"""Queries and read models of the EU Market Place."""

from __future__ import annotations

from app.queries.models.place.base import PlaceQuery as PlaceQuery
