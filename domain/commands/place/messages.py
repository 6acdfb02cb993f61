"""Messages to platforms that were not taken."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.place.base import PlaceCommand
from domain.ids import MessageId


@dataclass(frozen=True, kw_only=True)
class ReplayMessage(PlaceCommand):
    """Operator: a dead letter is tried again under its id, for 72 hours."""

    message_id: MessageId


@dataclass(frozen=True, kw_only=True)
class DropMessage(PlaceCommand):
    """Operator: a message is given up, so that those behind it can go."""

    message_id: MessageId
