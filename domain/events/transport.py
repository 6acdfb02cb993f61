"""Messages to other systems."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event
from domain.ids import MessageId, PartyId


@dataclass(frozen=True, kw_only=True)
class MessageDied(Event):
    """A message was refused for good or tried for too long. `party_id`: whose system did not take it."""

    message_id: MessageId
    party_id: PartyId
