"""How the market place and a registration's platform sign in at each other's."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.commands.place.base import PlaceCommand


@dataclass(frozen=True, kw_only=True)
class EnterPlatformKey(PlaceCommand):
    """A registration: the key (`secret`) with which the market place calls its platform (MPL-ADD)."""

    secret: str = field(repr=False)
