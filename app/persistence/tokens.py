"""OAuth2 clients, families of tokens and API keys in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.persistence.columns import from_microseconds, to_microseconds
from app.persistence.ledgers import accounts, key_secrets, logins, oauth_clients, refresh_tokens
from app.persistence.store import Store
from app.persistence.tables import ENTITIES
from app.persistence.who import PARTIES, WHO, client_of, client_row, login_row, principal_of
from app.persistence.work import refused_by
from domain.ids import KeyId
from domain.parties import ApiKey, Principal
from domain.parties.tokens import Grant, NewLogin, OAuthClient, Spent

_API_KEYS = ENTITIES[ApiKey]
_OF_KEY = tuple(
    _API_KEYS.table.c[name] for name in ("id", "scopes", "expires_at_us", "calls_per_minute", "revoked_at_us")
)


@dataclass(frozen=True, kw_only=True)
class StoredClient:
    secret_sha256: str
    grants: frozenset[Grant]
    account: str | None
    active: bool


@dataclass(frozen=True, kw_only=True)
class StoredKey:
    key_id: KeyId
    ends_at: datetime
    used_at: datetime | None
    calls_per_minute: int
    principal: Principal | None


class TokenRows:
    """The part of `app.auth.Storage` that programs need; every method is a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_client(
        self, client_id: str, secret_sha256: str, grants: frozenset[Grant], account: str | None
    ) -> None:
        client = OAuthClient(id=client_id, grants=tuple(grants), account=account, active=True)
        row = client_row(client, secret_sha256)
        try:
            with self._store.transaction() as connection:
                connection.execute(insert(oauth_clients).values(row))
        except IntegrityError as error:
            raise refused_by(error, "client") from error

    def find_client(self, client_id: str) -> StoredClient | None:
        with self._store.snapshot() as connection:
            row = connection.execute(select(oauth_clients).where(oauth_clients.c.id == client_id)).one_or_none()
        if row is None:
            return None
        client = client_of(row)
        return StoredClient(
            secret_sha256=row.secret_sha256,
            grants=frozenset(client.grants),
            account=client.account,
            active=client.active,
        )

    def begin_family(self, login: NewLogin, refresh_sha256: str, until: datetime) -> None:
        row = login_row(login)
        began_at_us = row["began_at_us"]
        refresh = {
            name: row[name] for name in ("family", "account", "client_id", "address", "agent", "began_at_us")
        }
        refresh |= {"token_sha256": refresh_sha256, "expires_at_us": to_microseconds(until, "until")}
        with self._store.transaction() as connection:
            for table in (logins, refresh_tokens):
                connection.execute(delete(table).where(table.c.expires_at_us < began_at_us))
            connection.execute(insert(logins).values(row))
            connection.execute(insert(refresh_tokens).values(refresh))

    def rotate(self, spent_sha256: str, login: NewLogin, refresh_sha256: str) -> datetime | Spent:
        new = login_row(login)
        with self._store.transaction() as connection:
            spent = self._spendable(connection, spent_sha256, new)
            if isinstance(spent, Spent):
                return spent
            same = refresh_tokens.c.token_sha256 == spent_sha256
            connection.execute(update(refresh_tokens).where(same).values(spent_at_us=new["began_at_us"]))
            new |= {name: spent[name] for name in ("family", "account")}
            new["expires_at_us"] = min(new["expires_at_us"], spent["expires_at_us"])
            connection.execute(insert(logins).values(new))
            connection.execute(insert(refresh_tokens).values(spent | {"token_sha256": refresh_sha256}))
        return from_microseconds(new["expires_at_us"])

    def _spendable(self, connection: Connection, token_sha256: str, new: dict[str, Any]) -> dict[str, Any] | Spent:
        """The row of a refresh token that may be spent now; the family of one that was spent before ends."""
        query = (
            select(*WHO, refresh_tokens)
            .join_from(refresh_tokens, accounts)
            .join(PARTIES, accounts.c.party_id == PARTIES.c.id)
            .where(refresh_tokens.c.token_sha256 == token_sha256)
        )
        row = connection.execute(query).one_or_none()
        if row is None or row.client_id != new["client_id"] or new["began_at_us"] >= row.expires_at_us:
            return Spent.UNKNOWN
        if row.spent_at_us is not None:
            _end_family(connection, row.family)
            return Spent.REUSED
        if principal_of(row) is None:
            return Spent.UNKNOWN
        return {column.name: row._mapping[column.name] for column in refresh_tokens.c}

    def remove_tokens(self, token_sha256: str, client_id: str) -> None:
        with self._store.transaction() as connection:
            own = (refresh_tokens.c.token_sha256 == token_sha256) & (refresh_tokens.c.client_id == client_id)
            family = connection.scalar(select(refresh_tokens.c.family).where(own))
            if family is not None:
                _end_family(connection, family)
            own = (logins.c.token_sha256 == token_sha256) & (logins.c.client_id == client_id)
            connection.execute(delete(logins).where(own))

    def find_key(self, secret_sha256: str) -> StoredKey | None:
        keys = _API_KEYS.table
        query = (
            select(*WHO, *_OF_KEY, key_secrets.c.ends_at_us, key_secrets.c.used_at_us)
            .join_from(key_secrets, keys)
            .join(accounts, accounts.c.account == keys.c.account)
            .join(PARTIES, accounts.c.party_id == PARTIES.c.id)
            .where(key_secrets.c.secret_sha256 == secret_sha256)
        )
        with self._store.snapshot() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        scopes = frozenset(_API_KEYS.specs["scopes"].load(row.scopes))
        ends_at_us = min(row.ends_at_us, row.expires_at_us)
        return StoredKey(
            key_id=KeyId(row.id),
            ends_at=from_microseconds(ends_at_us if row.revoked_at_us is None else 0),
            used_at=None if row.used_at_us is None else from_microseconds(row.used_at_us),
            calls_per_minute=row.calls_per_minute,
            principal=principal_of(row, scopes=scopes),
        )

    def touch_key(self, secret_sha256: str, used_at: datetime) -> None:
        with self._store.transaction() as connection:
            same = key_secrets.c.secret_sha256 == secret_sha256
            used_at_us = to_microseconds(used_at, "used_at")
            connection.execute(update(key_secrets).where(same).values(used_at_us=used_at_us))


def _end_family(connection: Connection, family: str) -> None:
    for table in (logins, refresh_tokens):
        connection.execute(delete(table).where(table.c.family == family))
