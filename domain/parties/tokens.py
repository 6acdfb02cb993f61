"""Tokens as they are stored: between `app.auth`, which makes them, and the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Grant(StrEnum):
    """Ways of getting tokens by OAuth2, as RFC 6749 names them."""

    PASSWORD = "password"  # noqa: S105 - the name of a grant
    REFRESH = "refresh_token"
    CLIENT = "client_credentials"


class Spent(StrEnum):
    """Why a refresh token that somebody showed gives nothing."""

    REUSED = "reused"
    """It had been spent before: its whole family has ended."""
    UNKNOWN = "unknown"
    """There is none, it is over, of another client, or its account may not act."""


@dataclass(frozen=True, kw_only=True)
class NewLogin:
    """A session or token to be stored; instants are wall clock, UTC. `client_id`, `family`: of OAuth2 tokens."""

    token_sha256: str
    kind: str
    account: str
    began_at: datetime
    expires_at: datetime
    address: str = ""
    agent: str = ""
    client_id: str | None = None
    family: str | None = None


@dataclass(frozen=True, kw_only=True)
class OAuthClient:
    """A program that asks for tokens. `account`: whom it acts as with client credentials, if anybody."""

    id: str
    grants: tuple[Grant, ...]
    account: str | None
    active: bool


@dataclass(frozen=True, kw_only=True)
class IssuedClient:
    """A new client with its secret, shown this once."""

    client: OAuthClient
    secret: str = field(repr=False)
