"""What happens on the EU Market Place."""

from __future__ import annotations

from domain.events.place.base import PlaceEvent as PlaceEvent
