"""The sign-ins behind participants, changed in the transaction of whatever changes the participant."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal, select, update

from app.persistence.columns import to_microseconds
from app.persistence.ledgers import (
    accounts,
    applicants,
    key_secrets,
    logins,
    oauth_clients,
    one_time_passwords,
    refresh_tokens,
    subjects,
)
from app.persistence.who import ID_CHARS, client_row
from domain.errors import refuse
from domain.ids import ApplicationId, KeyId, LoginId, PartyId
from domain.parties import Party, Role
from domain.parties.tokens import OAuthClient

_TAKEN = "This sign-in name is taken; choose another."


class SignIns:
    """Implements `domain.ports.SignIns`. Password hashes go from table to table and never come out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, application_id: ApplicationId, account: str, secret: str) -> None:
        self._must_be_free(account)
        row = {"application_id": application_id, "account": account, "password_hash": secret}
        self._connection.execute(insert(applicants).values(row))

    def open(self, application_id: ApplicationId, party_id: PartyId, role: Role) -> None:
        kept = applicants.c.application_id == application_id
        row = select(
            applicants.c.account, applicants.c.password_hash, literal(party_id), literal(role.value), literal(1)
        ).where(kept)
        columns = ["account", "password_hash", "party_id", "role", "active"]
        self._connection.execute(insert(accounts).from_select(columns, row))
        self._connection.execute(delete(applicants).where(kept))

    def forget(self, application_id: ApplicationId) -> None:
        self._connection.execute(delete(applicants).where(applicants.c.application_id == application_id))

    def join(self, issuer: str, subject: str, account: str, secret: str, party: Party) -> None:
        self._must_be_free(account)
        same = subjects.c.issuer == issuer, subjects.c.subject == subject
        if self._connection.scalar(select(subjects.c.account).where(*same)) is not None:
            raise refuse("duplicate", "subject", "This person has an account.")
        row = {"account": account, "password_hash": secret, "party_id": party.id, "role": party.role.value}
        self._connection.execute(insert(accounts).values(row | {"active": 1}))
        self._connection.execute(insert(subjects).values(issuer=issuer, subject=subject, account=account))

    def enter(self, account: str, secret: str, party: Party, until: datetime | None = None) -> None:
        taken = select(accounts.c.account).where(accounts.c.account == account)
        if self._connection.scalar(taken) is not None:
            raise refuse("duplicate", "account", _TAKEN)
        row = {"account": account, "password_hash": secret, "party_id": party.id, "role": party.role.value}
        self._connection.execute(insert(accounts).values(row | {"active": 1}))
        if until is not None:
            self._serves_once(account, until)

    def assign(self, party_id: PartyId, role: Role) -> None:
        own = accounts.c.party_id == party_id
        self._connection.execute(update(accounts).where(own).values(role=role.value))
        self.end_logins(party_id)

    def end_logins(self, party_id: PartyId) -> None:
        own = select(accounts.c.account).where(accounts.c.party_id == party_id)
        for table in (logins, refresh_tokens):
            self._connection.execute(delete(table).where(table.c.account.in_(own)))

    def end_logins_of(self, account: str, but: LoginId | None = None) -> None:
        self._connection.execute(delete(logins).where(logins.c.account == account, ~_called(but)))
        kept = refresh_tokens.c.family == (but or "")
        self._connection.execute(delete(refresh_tokens).where(refresh_tokens.c.account == account, ~kept))

    def end_login(self, account: str, login_id: LoginId) -> bool:
        family = (refresh_tokens.c.account == account) & (refresh_tokens.c.family == login_id)
        ended = [
            self._connection.execute(delete(logins).where(logins.c.account == account, _called(login_id))),
            self._connection.execute(delete(refresh_tokens).where(family)),
        ]
        return any(result.rowcount for result in ended)

    def change(self, account: str, present: str, secret: str) -> bool:
        same = (accounts.c.account == account) & (accounts.c.password_hash == present)
        if self._connection.execute(update(accounts).where(same).values(password_hash=secret)).rowcount != 1:
            return False
        self._no_longer_one_time(account)
        return True

    def reset(self, account: str, secret: str, until: datetime) -> None:
        own = accounts.c.account == account
        self._connection.execute(update(accounts).where(own).values(password_hash=secret))
        self._no_longer_one_time(account)
        self._serves_once(account, until)

    def _serves_once(self, account: str, until: datetime) -> None:
        row = {"account": account, "expires_at_us": to_microseconds(until, "until")}
        self._connection.execute(insert(one_time_passwords).values(row))

    def _no_longer_one_time(self, account: str) -> None:
        self._connection.execute(delete(one_time_passwords).where(one_time_passwords.c.account == account))

    def keep_secret(self, key_id: KeyId, sha256: str, *, issued_at: datetime, ends_at: datetime) -> None:
        row = {
            "secret_sha256": sha256,
            "key_id": key_id,
            "issued_at_us": to_microseconds(issued_at, "issued_at"),
            "ends_at_us": to_microseconds(ends_at, "ends_at"),
        }
        self._connection.execute(insert(key_secrets).values(row))

    def let_end(self, key_id: KeyId, *, issued_at: datetime, at: datetime) -> None:
        own, issued_at_us = key_secrets.c.key_id == key_id, to_microseconds(issued_at, "issued_at")
        self._connection.execute(delete(key_secrets).where(own, key_secrets.c.issued_at_us < issued_at_us))
        at_us = to_microseconds(at, "at")
        later = own & (key_secrets.c.ends_at_us > at_us)
        self._connection.execute(update(key_secrets).where(later).values(ends_at_us=at_us))

    def add_client(self, client: OAuthClient, sha256: str) -> None:
        taken = select(oauth_clients.c.id).where(oauth_clients.c.id == client.id)
        if self._connection.scalar(taken) is not None:
            raise refuse("duplicate", "client_id", "There is such a client already; choose another name.")
        self._connection.execute(insert(oauth_clients).values(client_row(client, sha256)))

    def end_client(self, client_id: str) -> bool:
        own = (oauth_clients.c.id == client_id) & (oauth_clients.c.active == 1)
        if self._connection.execute(update(oauth_clients).where(own).values(active=0)).rowcount != 1:
            return False
        for table in (logins, refresh_tokens):
            self._connection.execute(delete(table).where(table.c.client_id == client_id))
        return True

    def forget_secrets(self, key_id: KeyId) -> None:
        self._connection.execute(delete(key_secrets).where(key_secrets.c.key_id == key_id))

    def _must_be_free(self, account: str) -> None:
        for table in (accounts, applicants):
            taken = select(table.c.account).where(table.c.account == account)
            if self._connection.scalar(taken) is not None:
                raise refuse("duplicate", "account", _TAKEN)


def _called(login_id: LoginId | None) -> ColumnElement[bool]:
    """The sessions and tokens that `login_id` names; see `app.persistence.who.login_id`."""
    if not login_id:
        return literal(False)
    alone = logins.c.family.is_(None) & (func.substr(logins.c.token_sha256, 1, ID_CHARS) == login_id)
    return func.coalesce(logins.c.family == login_id, literal(False)) | alone
