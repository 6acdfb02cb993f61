"""The base of the market place's commands."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class PlaceCommand(Command):
    """Base of all commands of the EU Market Place, for its registry."""
