"""How the market place and a registration's platform sign in at each other's."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.place.base import PlaceEvent
from domain.ids import PartyId


@dataclass(frozen=True, kw_only=True)
class PlatformConnected(PlaceEvent):
    """The market place can call the registration's platform."""

    registration_id: PartyId
