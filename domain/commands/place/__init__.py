"""Commands of the EU Market Place. None has a field for a PoD or a value: what it is told stays in its trail."""

from __future__ import annotations

from domain.commands.place.base import PlaceCommand as PlaceCommand
