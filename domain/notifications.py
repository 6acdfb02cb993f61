"""Notifications: an event told to one participant in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.ids import NotificationId, PartyId


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
