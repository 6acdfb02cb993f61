"""Sessions, tokens, API keys and accounts."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.base import Query
from domain.ids import PartyId
from domain.parties import Account, ApiKey, KeyUse, Login
from domain.parties.tokens import OAuthClient


@dataclass(frozen=True, kw_only=True)
class ListLogins(Query[tuple[Login, ...]]):
    """Own sessions and tokens, the latest seen first."""


@dataclass(frozen=True, kw_only=True)
class KeyView:
    """A key with its use."""

    key: ApiKey
    use: KeyUse


@dataclass(frozen=True, kw_only=True)
class ListApiKeys(Query[tuple[KeyView, ...]]):
    """Own keys, newest first, ended ones too; for an operator those of any participant of its market."""

    party_id: PartyId | None = None


@dataclass(frozen=True, kw_only=True)
class ListAccounts(Query[tuple[Account, ...]]):
    """An operator: a participant's accounts; a registration of the EU Market Place: its own."""

    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ListClients(Query[tuple[OAuthClient, ...]]):
    """FMO: all OAuth2 clients, ended ones too."""
