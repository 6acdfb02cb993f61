"""The base of the market place's events."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event


@dataclass(frozen=True, kw_only=True)
class PlaceEvent(Event):
    """Base of all events of the EU Market Place, for its registry."""
