"""What signing in needs to be stored, as protocols. Tokens come here hashed, passwords too."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.ids import KeyId, PartyId
from domain.parties import Principal, Role
from domain.parties.tokens import Grant, NewLogin, Spent


class StoredAccount(Protocol):
    """An account as it is now. `principal` is None when it may not act: it or its party is suspended, or the
    party does not hold the account's role. `one_time_until`: its password serves to choose another until then."""

    @property
    def password_hash(self) -> str: ...
    @property
    def principal(self) -> Principal | None: ...
    @property
    def one_time_until(self) -> datetime | None: ...


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


class StoredClient(Protocol):
    """An OAuth2 client. `account`: whom it acts as with client credentials, if anybody."""

    @property
    def secret_sha256(self) -> str: ...
    @property
    def grants(self) -> frozenset[Grant]: ...
    @property
    def account(self) -> str | None: ...
    @property
    def active(self) -> bool: ...


class StoredKey(Protocol):
    """A secret of an API key, with the principal (and its scopes) of the key's account as it is now.

    ends_at : of the key or of this secret, whichever is sooner; at once for a revoked key
    """

    @property
    def key_id(self) -> KeyId: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def used_at(self) -> datetime | None: ...
    @property
    def calls_per_minute(self) -> int: ...
    @property
    def principal(self) -> Principal | None: ...


class Accounts(Protocol):
    """Accounts and logins. Every method is a transaction of its own."""

    def add_account(self, account: str, password_hash: str, party_id: PartyId, role: Role) -> None:
        """Raises `Refused`: `duplicate`, `unknown_party`."""
        ...

    def find_account(self, account: str) -> StoredAccount | None: ...

    def set_password_hash(self, account: str, password_hash: str) -> None: ...

    def set_role(self, account: str, role: Role) -> None: ...

    def set_active(self, account: str, active: bool) -> None: ...

    def add_login(self, login: NewLogin) -> None:
        """Store a login; those that expired before it began are dropped."""
        ...

    def find_login(self, token_sha256: str) -> StoredLogin | None: ...

    def touch_login(self, token_sha256: str, seen_at: datetime) -> None: ...

    def remove_login(self, token_sha256: str) -> None: ...

    def remove_logins(self, account: str) -> None:
        """Sessions, tokens, and what tokens could be refreshed with."""
        ...


class Storage(Accounts, Protocol):
    """Also OAuth2 clients, families of tokens, and API keys."""

    def add_client(
        self, client_id: str, secret_sha256: str, grants: frozenset[Grant], account: str | None
    ) -> None:
        """Raises `Refused`: `duplicate`, `not_found` (the account)."""
        ...

    def find_client(self, client_id: str) -> StoredClient | None: ...

    def begin_family(self, login: NewLogin, refresh_sha256: str, until: datetime) -> None:
        """Store an access token and the refresh token beside it, both of a new family that ends at `until`."""
        ...

    def rotate(self, spent_sha256: str, login: NewLogin, refresh_sha256: str) -> datetime | Spent:
        """Spend a refresh token for the next tokens of its family, in one transaction, so that of many uses at
        once one wins; each further use ends the family. `login` gets the spent token's account and family, and
        lasts no longer than the family: when it ends is answered."""
        ...

    def remove_tokens(self, token_sha256: str, client_id: str) -> None:
        """End an access token of the client, or the family of a refresh token of it; nothing for other tokens."""
        ...

    def find_key(self, secret_sha256: str) -> StoredKey | None: ...

    def touch_key(self, secret_sha256: str, used_at: datetime) -> None: ...
