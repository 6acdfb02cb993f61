"""What signing in needs to be stored, as protocols. Tokens come here hashed, passwords too."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.ids import PartyId
from domain.parties import Principal, Role


class StoredAccount(Protocol):
    """An account as it is now. `principal` is None when it may not act: it or its party is suspended, or the
    party does not hold the account's role."""

    @property
    def password_hash(self) -> str: ...
    @property
    def principal(self) -> Principal | None: ...


class StoredLogin(Protocol):
    """A login session (`kind` "session") or bearer token ("bearer") with its account's principal as it is now."""

    @property
    def kind(self) -> str: ...
    @property
    def seen_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def principal(self) -> Principal | None: ...


class Storage(Protocol):
    """Accounts and logins. Every method is a transaction of its own."""

    def add_account(self, account: str, password_hash: str, party_id: PartyId, role: Role) -> None:
        """Raises `Refused`: `duplicate`, `unknown_party`."""
        ...

    def find_account(self, account: str) -> StoredAccount | None: ...

    def set_password_hash(self, account: str, password_hash: str) -> None: ...

    def set_role(self, account: str, role: Role) -> None: ...

    def set_active(self, account: str, active: bool) -> None: ...

    def add_login(
        self, token_sha256: str, kind: str, account: str, seen_at: datetime, expires_at: datetime
    ) -> None:
        """Store a login; those that expired before `seen_at` are dropped."""
        ...

    def find_login(self, token_sha256: str) -> StoredLogin | None: ...

    def touch_login(self, token_sha256: str, seen_at: datetime) -> None: ...

    def remove_login(self, token_sha256: str) -> None: ...

    def remove_logins(self, account: str) -> None: ...
