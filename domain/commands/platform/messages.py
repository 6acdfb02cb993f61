"""Messages of a platform that were not taken."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.platform.base import PlatformCommand
from domain.ids import MessageId


@dataclass(frozen=True, kw_only=True)
class ReplaySentMessage(PlatformCommand):
    """The company: a dead letter is tried again under its id, for 72 hours."""

    message_id: MessageId


@dataclass(frozen=True, kw_only=True)
class DropSentMessage(PlatformCommand):
    """The company: a message is given up, so that those behind it can go."""

    message_id: MessageId
