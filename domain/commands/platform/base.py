"""The base of a platform's commands."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class PlatformCommand(Command):
    """Base of all commands of a player's platform, for its registry."""
