"""The base of a platform's events."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event


@dataclass(frozen=True, kw_only=True)
class PlatformEvent(Event):
    """Base of all events of a player's platform, for its registry."""
