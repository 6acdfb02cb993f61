"""Accounts and logins in the database: the storage behind `app.auth`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.persistence.columns import from_microseconds, to_microseconds
from app.persistence.ledgers import accounts, logins
from app.persistence.store import Store
from app.persistence.tables import ENTITIES
from app.persistence.work import refused_by
from domain.errors import refuse
from domain.ids import PartyId
from domain.parties import Party, Principal, Role

_parties = ENTITIES[Party].table
_WHO = (
    accounts.c.account,
    accounts.c.password_hash,
    accounts.c.role,
    accounts.c.active,
    _parties.c.id.label("party_id"),
    _parties.c.name,
    _parties.c.role.label("party_role"),
    _parties.c.active.label("party_active"),
)


@dataclass(frozen=True, kw_only=True)
class StoredAccount:
    password_hash: str
    principal: Principal | None


@dataclass(frozen=True, kw_only=True)
class StoredLogin:
    kind: str
    seen_at: datetime
    expires_at: datetime
    principal: Principal | None


class Credentials:
    """Implements `app.auth.Storage` on a store; every method is a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_account(self, account: str, password_hash: str, party_id: PartyId, role: Role) -> None:
        row = {"account": account, "password_hash": password_hash, "party_id": party_id}
        try:
            with self._store.transaction() as connection:
                if connection.scalar(select(_parties.c.id).where(_parties.c.id == party_id)) is None:
                    raise refuse("unknown_party", "party_id", f"There is no participant {party_id}.")
                connection.execute(insert(accounts).values(row | {"role": role.value, "active": 1}))
        except IntegrityError as error:
            raise refused_by(error, "account") from error

    def find_account(self, account: str) -> StoredAccount | None:
        query = select(*_WHO).join_from(accounts, _parties).where(accounts.c.account == account)
        with self._store.snapshot() as connection:
            row = connection.execute(query).one_or_none()
        return StoredAccount(password_hash=row.password_hash, principal=_principal(row)) if row else None

    def set_password_hash(self, account: str, password_hash: str) -> None:
        self._change(account, password_hash=password_hash)

    def set_role(self, account: str, role: Role) -> None:
        self._change(account, role=role.value)

    def set_active(self, account: str, active: bool) -> None:
        self._change(account, active=int(active))

    def add_login(
        self, token_sha256: str, kind: str, account: str, seen_at: datetime, expires_at: datetime
    ) -> None:
        seen_at_us = to_microseconds(seen_at, "seen_at")
        row = {
            "token_sha256": token_sha256,
            "kind": kind,
            "account": account,
            "seen_at_us": seen_at_us,
            "expires_at_us": to_microseconds(expires_at, "expires_at"),
        }
        with self._store.transaction() as connection:
            connection.execute(delete(logins).where(logins.c.expires_at_us < seen_at_us))
            connection.execute(insert(logins).values(row))

    def find_login(self, token_sha256: str) -> StoredLogin | None:
        query = (
            select(*_WHO, logins.c.kind, logins.c.seen_at_us, logins.c.expires_at_us)
            .join_from(logins, accounts)
            .join(_parties, accounts.c.party_id == _parties.c.id)
            .where(logins.c.token_sha256 == token_sha256)
        )
        with self._store.snapshot() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return StoredLogin(
            kind=row.kind,
            seen_at=from_microseconds(row.seen_at_us),
            expires_at=from_microseconds(row.expires_at_us),
            principal=_principal(row),
        )

    def touch_login(self, token_sha256: str, seen_at: datetime) -> None:
        seen_at_us = to_microseconds(seen_at, "seen_at")
        with self._store.transaction() as connection:
            same = logins.c.token_sha256 == token_sha256
            connection.execute(update(logins).where(same).values(seen_at_us=seen_at_us))

    def remove_login(self, token_sha256: str) -> None:
        with self._store.transaction() as connection:
            connection.execute(delete(logins).where(logins.c.token_sha256 == token_sha256))

    def remove_logins(self, account: str) -> None:
        with self._store.transaction() as connection:
            connection.execute(delete(logins).where(logins.c.account == account))

    def _change(self, account: str, **values: object) -> None:
        with self._store.transaction() as connection:
            same = accounts.c.account == account
            if connection.execute(update(accounts).where(same).values(values)).rowcount != 1:
                raise refuse("not_found", "account", f"There is no account {account}.")


def _principal(row: Any) -> Principal | None:
    """Who the account acts as; None when it or its party is suspended or the party has another role now."""
    if not row.active or not row.party_active or row.role != row.party_role:
        return None
    return Principal(account=row.account, party_id=PartyId(row.party_id), role=Role(row.role), name=row.name)
