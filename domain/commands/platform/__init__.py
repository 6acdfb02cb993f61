"""Commands of a player's platform."""

from __future__ import annotations

from domain.commands.platform.base import PlatformCommand as PlatformCommand
