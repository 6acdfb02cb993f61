"""What everybody may do."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.base import Command


@dataclass(frozen=True, kw_only=True)
class MarkNotificationsRead(Command):
    """Everyone: all own notifications are read."""
