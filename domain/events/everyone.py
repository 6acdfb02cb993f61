"""Notifications."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event
from domain.ids import PartyId


@dataclass(frozen=True, kw_only=True)
class NotificationsRead(Event):
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class Notified(Event):
    """A participant has new notifications. Goes to the bus only; it is in no outbox."""

    party_id: PartyId
