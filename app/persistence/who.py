"""Rows of accounts and logins as principals: what `credentials`, `tokens` and `sign_ins` share."""

from __future__ import annotations

from typing import Any

from app.persistence.columns import to_microseconds
from app.persistence.ledgers import accounts
from app.persistence.tables import ENTITIES
from domain.ids import LoginId, PartyId
from domain.parties import Party, Principal, Role, Scope
from domain.parties.tokens import Grant, NewLogin, OAuthClient

NO_LOGIN = LoginId("")
MOST_AGENT_CHARS = 200
ID_CHARS = 16
PARTIES = ENTITIES[Party].table
WHO = (
    accounts.c.password_hash,
    accounts.c.account.label("who"),
    accounts.c.role,
    accounts.c.active,
    PARTIES.c.id.label("party_id"),
    PARTIES.c.name.label("party_name"),
    PARTIES.c.role.label("party_role"),
    PARTIES.c.active.label("party_active"),
)


def principal_of(
    row: Any, *, login: LoginId = NO_LOGIN, scopes: frozenset[Scope] | None = None
) -> Principal | None:
    """Who the account acts as; None when it or its party is suspended or the party has another role now."""
    if not row.active or not row.party_active or row.role != row.party_role:
        return None
    return Principal(
        account=row.who,
        party_id=PartyId(row.party_id),
        role=Role(row.role),
        name=row.party_name,
        login=login,
        scopes=scopes,
    )


def login_id(token_sha256: str, family: str | None) -> LoginId:
    """What a session or token is called in lists: its family, or how its hash begins, which opens nothing."""
    return LoginId(family or token_sha256[:ID_CHARS])


def login_row(login: NewLogin) -> dict[str, Any]:
    began_at_us = to_microseconds(login.began_at, "began_at")
    return {
        "token_sha256": login.token_sha256,
        "kind": login.kind,
        "account": login.account,
        "began_at_us": began_at_us,
        "seen_at_us": began_at_us,
        "expires_at_us": to_microseconds(login.expires_at, "expires_at"),
        "address": login.address,
        "agent": readable(login.agent),
        "client_id": login.client_id,
        "family": login.family,
    }


def client_row(client: OAuthClient, sha256: str) -> dict[str, Any]:
    return {
        "id": client.id,
        "secret_sha256": sha256,
        "grants": " ".join(sorted(client.grants)),
        "account": client.account,
        "active": int(client.active),
    }


def client_of(row: Any) -> OAuthClient:
    """Inverse of `client_row`."""
    grants = tuple(map(Grant, row.grants.split()))
    return OAuthClient(id=row.id, grants=grants, account=row.account, active=bool(row.active))


def readable(agent: str) -> str:
    """What a client says it is: one line, not too long, that every database can keep."""
    return "".join(char for char in agent[:MOST_AGENT_CHARS] if char.isprintable())
