"""Passwords, sessions, tokens and API keys."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.base import Event
from domain.ids import KeyId, PartyId


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    party_id: PartyId
    account: str


@dataclass(frozen=True, kw_only=True)
class PasswordReset(Event):
    party_id: PartyId
    account: str


@dataclass(frozen=True, kw_only=True)
class LoginsEnded(Event):
    party_id: PartyId
    account: str


@dataclass(frozen=True, kw_only=True)
class ApiKeyIssued(Event):
    """A new key, or a new secret of one."""

    key_id: KeyId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked(Event):
    key_id: KeyId
    party_id: PartyId
