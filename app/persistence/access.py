"""Accounts, sessions, tokens and the use of keys, read in the unit's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from app.persistence.columns import from_microseconds, to_microseconds
from app.persistence.ledgers import (
    accounts,
    key_secrets,
    logins,
    oauth_clients,
    one_time_passwords,
    refresh_tokens,
)
from app.persistence.who import client_of, login_id
from domain.ids import KeyId, LoginId, PartyId
from domain.parties import Account, KeyUse, Login, LoginKind
from domain.parties.tokens import OAuthClient

_SESSION = "session"


class Access:
    """Implements `domain.ports.Access`."""

    def __init__(self, connection: Connection, wall: datetime) -> None:
        self._connection = connection
        self._now_us = to_microseconds(wall, "wall")

    def party_of(self, account: str) -> PartyId | None:
        found = self._connection.scalar(select(accounts.c.party_id).where(accounts.c.account == account))
        return None if found is None else PartyId(found)

    def accounts(self, party_id: PartyId) -> tuple[Account, ...]:
        query = (
            select(accounts.c.account, accounts.c.active, one_time_passwords.c.expires_at_us)
            .outerjoin_from(accounts, one_time_passwords)
            .where(accounts.c.party_id == party_id)
            .order_by(accounts.c.account)
        )
        return tuple(
            Account(
                name=row.account,
                active=bool(row.active),
                one_time_until=_instant(row.expires_at_us),
                n_logins=len(self.logins(row.account)),
            )
            for row in self._connection.execute(query).all()
        )

    def logins(self, account: str) -> tuple[Login, ...]:
        found: dict[LoginId, Login] = {}
        own = (logins.c.account == account) & (logins.c.expires_at_us > self._now_us)
        for row in self._connection.execute(select(logins).where(own).order_by(logins.c.seen_at_us)):
            id = login_id(row.token_sha256, row.family)
            found[id] = _login(id, row, found.get(id))
        own = (refresh_tokens.c.account == account) & (refresh_tokens.c.expires_at_us > self._now_us)
        live = own & refresh_tokens.c.spent_at_us.is_(None)
        for row in self._connection.execute(select(refresh_tokens).where(live)):
            id = LoginId(row.family)
            found[id] = _login(id, row, found.get(id))
        return tuple(sorted(found.values(), key=lambda login: (login.seen_at, login.id), reverse=True))

    def clients(self) -> tuple[OAuthClient, ...]:
        rows = self._connection.execute(select(oauth_clients).order_by(oauth_clients.c.id))
        return tuple(client_of(row) for row in rows)

    def key_of(self, sha256: str) -> KeyId | None:
        query = select(key_secrets.c.key_id).where(key_secrets.c.secret_sha256 == sha256)
        found = self._connection.scalar(query)
        return None if found is None else KeyId(found)

    def uses(self, key_ids: Collection[KeyId]) -> Mapping[KeyId, KeyUse]:
        columns = key_secrets.c
        query = select(
            columns.key_id,
            func.max(columns.used_at_us).label("used"),
            func.max(columns.issued_at_us).label("newest"),
        )
        rows = self._connection.execute(query.where(columns.key_id.in_(key_ids)).group_by(columns.key_id)).all()
        return {
            KeyId(row.key_id): KeyUse(
                used_at=_instant(row.used), old_until=_instant(self._old_until(row.key_id, row.newest))
            )
            for row in rows
        }

    def _old_until(self, key_id: str, newest_us: int) -> int | None:
        columns = key_secrets.c
        old = (columns.key_id == key_id) & (columns.issued_at_us < newest_us)
        until: int | None = self._connection.scalar(
            select(func.max(columns.ends_at_us)).where(old, columns.ends_at_us > self._now_us)
        )
        return until


def _login(id: LoginId, row: Any, before: Login | None) -> Login:
    """A line for a login and all others of its grant: it began with the first and was seen with the last."""
    began_at = from_microseconds(row.began_at_us)
    seen_at = from_microseconds(row._mapping.get("seen_at_us", row.began_at_us))
    client = row.client_id if row.client_id is not None else row.agent
    return Login(
        id=id,
        kind=LoginKind.SESSION if row._mapping.get("kind") == _SESSION else LoginKind.TOKEN,
        began_at=min(began_at, before.began_at) if before else began_at,
        seen_at=max(seen_at, before.seen_at) if before else seen_at,
        expires_at=max(from_microseconds(row.expires_at_us), before.expires_at)
        if before
        else from_microseconds(row.expires_at_us),
        address=row.address,
        client=client,
    )


def _instant(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else from_microseconds(microseconds)
