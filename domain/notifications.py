"""Notifications: an event told to one participant in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.ids import LetterId, NotificationId, PartyId

MOST_TRIES = 3
"""After so many tries to tell of an event it is tried again on the market operator's word only."""


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """An event that nobody could be told of. `error`: what the last of the tries said; `market_at`: when the event
    was recorded, on the market clock."""

    id: LetterId
    event: str
    error: str
    market_at: datetime


@dataclass(frozen=True, kw_only=True)
class Notification:
    """Unique per (outbox row, party); `market_at` on the market clock."""

    id: NotificationId
    party_id: PartyId
    event: str
    sentence: str
    link: str
    market_at: datetime
    read: bool = False
    version: int = 0
