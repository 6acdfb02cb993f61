"""Accounts and logins in the database: the storage behind `app.auth`, with what `tokens` adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.persistence.columns import from_microseconds, to_microseconds
from app.persistence.ledgers import accounts, logins, one_time_passwords, refresh_tokens
from app.persistence.tokens import TokenRows
from app.persistence.who import PARTIES, WHO, login_id, login_row, principal_of
from app.persistence.work import refused_by
from domain.errors import refuse
from domain.ids import PartyId
from domain.parties import Principal, Role
from domain.parties.tokens import NewLogin


@dataclass(frozen=True, kw_only=True)
class StoredAccount:
    password_hash: str
    principal: Principal | None
    one_time_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class StoredLogin:
    kind: str
    seen_at: datetime
    expires_at: datetime
    principal: Principal | None


class Credentials(TokenRows):
    """Implements `app.auth.Storage` on a store; every method is a transaction of its own."""

    def add_account(self, account: str, password_hash: str, party_id: PartyId, role: Role) -> None:
        row = {"account": account, "password_hash": password_hash, "party_id": party_id}
        try:
            with self._store.transaction() as connection:
                if connection.scalar(select(PARTIES.c.id).where(PARTIES.c.id == party_id)) is None:
                    raise refuse("unknown_party", "party_id", f"There is no participant {party_id}.")
                connection.execute(insert(accounts).values(row | {"role": role.value, "active": 1}))
        except IntegrityError as error:
            raise refused_by(error, "account") from error

    def find_account(self, account: str) -> StoredAccount | None:
        query = (
            select(*WHO, one_time_passwords.c.expires_at_us)
            .join_from(accounts, PARTIES)
            .outerjoin(one_time_passwords, one_time_passwords.c.account == accounts.c.account)
            .where(accounts.c.account == account)
        )
        with self._store.snapshot() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        until = None if row.expires_at_us is None else from_microseconds(row.expires_at_us)
        return StoredAccount(password_hash=row.password_hash, principal=principal_of(row), one_time_until=until)

    def set_password_hash(self, account: str, password_hash: str) -> None:
        self._change(account, password_hash=password_hash)

    def set_role(self, account: str, role: Role) -> None:
        self._change(account, role=role.value)

    def set_active(self, account: str, active: bool) -> None:
        self._change(account, active=int(active))

    def add_login(self, login: NewLogin) -> None:
        with self._store.transaction() as connection:
            began_at_us = to_microseconds(login.began_at, "began_at")
            connection.execute(delete(logins).where(logins.c.expires_at_us < began_at_us))
            connection.execute(insert(logins).values(login_row(login)))

    def find_login(self, token_sha256: str) -> StoredLogin | None:
        query = (
            select(*WHO, logins)
            .join_from(logins, accounts)
            .join(PARTIES, accounts.c.party_id == PARTIES.c.id)
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
            principal=principal_of(row, login=login_id(row.token_sha256, row.family)),
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
            for table in (logins, refresh_tokens):
                connection.execute(delete(table).where(table.c.account == account))

    def _change(self, account: str, **values: object) -> None:
        with self._store.transaction() as connection:
            same = accounts.c.account == account
            if connection.execute(update(accounts).where(same).values(values)).rowcount != 1:
                raise refuse("not_found", "account", f"There is no account {account}.")
