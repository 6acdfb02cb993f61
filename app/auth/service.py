"""Who is asking: accounts, login sessions and bearer tokens.

Nothing secret is stored in the clear: passwords by argon2id, tokens (256 random bits) by SHA-256. Principals
are read anew each time, so that a changed role, a suspension or a sign-out works at once.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from threading import BoundedSemaphore
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.auth.grants import BEARER, Grants, Lifetimes, Tokens
from app.auth.secret import new_token, sha256
from app.auth.storage import Storage, StoredAccount
from app.auth.throttle import Limit, Throttle, Throttled
from domain.commands import ChangePassword, EnterOperator, ResetPassword
from domain.commands.place import AddContactPoint, AddRegistration
from domain.errors import Finding, raise_if, refuse
from domain.ids import KeyId, PartyId
from domain.parties import Principal, Role, Scope, account_findings
from domain.parties.tokens import Grant, NewLogin

SESSION = "session"
Resetting = TypeVar("Resetting", ResetPassword, EnterOperator)
Enrolling = TypeVar("Enrolling", AddRegistration, AddContactPoint)

MIN_PASSWORD, MAX_PASSWORD = 8, 1024
_TOUCH_EVERY = timedelta(minutes=1)
_HASHES_AT_ONCE = 2
"""Each takes 64 MiB for some tens of milliseconds."""

_PER_ACCOUNT = Limit(attempts=5, window=timedelta(minutes=5))
_PER_ADDRESS = Limit(attempts=20, window=timedelta(minutes=5))

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How long logins last, and how many attempts there are before one has to wait.

    access_lifetime, refresh_lifetime : of OAuth2 access tokens, and for how long a grant can be refreshed
    password_grant : whether OAuth2 clients may exchange somebody's password for tokens
    """

    session_idle: timedelta = timedelta(hours=4)
    session_lifetime: timedelta = timedelta(hours=12)
    bearer_lifetime: timedelta = timedelta(hours=1)
    access_lifetime: timedelta = timedelta(hours=1)
    refresh_lifetime: timedelta = timedelta(days=30)
    password_grant: bool = False
    per_account: Limit = _PER_ACCOUNT
    per_address: Limit = _PER_ADDRESS


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A new token, shown this once. `expires_at`: wall clock, UTC, at the latest."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class KeyCaller:
    """Who calls with an API key. `calls_per_minute`: the key's own limit, None for the server's."""

    principal: Principal
    key_id: KeyId
    scopes: frozenset[Scope]
    calls_per_minute: int | None


class Auth:
    """Thread-safe. Methods that check a password take some tens of milliseconds by design."""

    def __init__(
        self,
        storage: Storage,
        wall_clock: Callable[[], datetime],
        *,
        policy: Policy | None = None,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._storage = storage
        self._wall_clock = wall_clock
        self._policy = policy or Policy()
        self._hasher = hasher or PasswordHasher()
        self._hashing = BoundedSemaphore(_HASHES_AT_ONCE)
        self._by_account = Throttle(self._policy.per_account, wall_clock)
        self._by_address = Throttle(self._policy.per_address, wall_clock)
        lifetimes = Lifetimes(access=self._policy.access_lifetime, family=self._policy.refresh_lifetime)
        self._grants = Grants(storage, wall_clock, self._by_address, lifetimes)

    @cached_property
    def _nobodys_hash(self) -> str:
        return self._hash(secrets.token_urlsafe())

    def sign_in_findings(self, account: str, password: str) -> list[Finding]:
        """What is wrong with a sign-in name and a password that somebody wishes to have."""
        return [*account_findings(account), *_password_findings(password)]

    def password_findings(self, password: str) -> list[Finding]:
        """What is wrong with a password that somebody wishes to have."""
        return _password_findings(password)

    def hashed(self, password: str) -> str:
        """A new password as it is stored. Raises `Refused`: `out_of_range`, `malformed`."""
        raise_if(_password_findings(password))
        return self._hash(password)

    def create_account(self, account: str, password: str, party_id: PartyId, role: Role) -> None:
        """Raises `Refused`: `missing`, `out_of_range`, `malformed`, `not_permitted` (the market's own role),
        `duplicate`, `unknown_party`."""
        raise_if(self.sign_in_findings(account, password))
        if role is Role.SYSTEM:
            raise refuse("not_permitted", "role", "No account can act as the market itself.")
        self._storage.add_account(account, self._hash(password), party_id, role)
        _log.info("account %s created for %s as %s", account, party_id, role.value)

    def set_password(self, account: str, password: str) -> None:
        """A new password; every login of the account ends. Raises `Refused`: `out_of_range`, `malformed`."""
        raise_if(_password_findings(password))
        self._storage.set_password_hash(account, self._hash(password))
        self.revoke_all(account)

    def set_role(self, account: str, role: Role) -> None:
        """Raises `Refused`: `not_permitted` for the market's own role."""
        if role is Role.SYSTEM:
            raise refuse("not_permitted", "role", "No account can act as the market itself.")
        self._storage.set_role(account, role)

    def set_active(self, account: str, active: bool) -> None:
        """Suspend an account, or let it act again; its logins end when it is suspended."""
        self._storage.set_active(account, active)
        if not active:
            self.revoke_all(account)

    def sign_in(self, account: str, password: str, remote_ip: str, agent: str = "") -> Issued:
        """Open a login session. `agent`: what the client says it is.

        Raises:
            Refused: `wrong_credentials`, `throttled` (as `Throttled`), `must_change` for a one-time password.
        """
        self._check(account, password, remote_ip)
        return self._issue(SESSION, account, self._policy.session_lifetime, remote_ip, agent)

    def open_session(self, account: str, remote_ip: str, agent: str = "") -> Issued:
        """A login session for a person that somebody else vouches for. Raises `Refused`: `not_permitted`."""
        stored = self._storage.find_account(account)
        if stored is None or stored.principal is None:
            raise refuse("not_permitted", "account", "This account may not act now.")
        _log.info("%s signed in from %s by single sign-on", account, remote_ip)
        return self._issue(SESSION, account, self._policy.session_lifetime, remote_ip, agent)

    def principal_of_session(self, token: str, *, active: bool = False) -> Principal | None:
        """Who a login session belongs to, as of now; None when it is unknown, expired, idle or revoked.

        active : a person did something just now, so the idle time starts anew
        """
        return self._principal(SESSION, token, active=active)

    def sign_out(self, token: str) -> None:
        """End a login session; nothing happens when it has ended already."""
        self._storage.remove_login(sha256(token))

    def whoever_chooses(self, account: str, password: str, remote_ip: str) -> Principal:
        """Who may choose another password with this one, which may be a one-time password. Raises as `sign_in`."""
        return self._check(account, password, remote_ip, one_time=True)

    def issue_token(self, account: str, password: str, remote_ip: str, agent: str = "") -> Issued:
        """A bearer token for programs. Raises as `sign_in`."""
        self._check(account, password, remote_ip)
        return self._issue(BEARER, account, self._policy.bearer_lifetime, remote_ip, agent)

    def principal_of_bearer(self, token: str) -> Principal | None:
        """Who a bearer token belongs to, as of now; None when it is unknown, expired or revoked."""
        return self._principal(BEARER, token, active=True)

    def grant_password(
        self, account: str, password: str, client_id: str, client_secret: str, remote_ip: str, agent: str = ""
    ) -> Tokens:
        """OAuth2 tokens for somebody's password.

        Raises:
            Refused: `grant_not_allowed` unless the policy's switch is on and the client may; as `sign_in`;
                `wrong_client`.
        """
        if not self._policy.password_grant:
            raise refuse("grant_not_allowed", "grant_type", "This server takes no passwords from OAuth2 clients.")
        self._grants.client(client_id, client_secret, Grant.PASSWORD, remote_ip)
        self._check(account, password, remote_ip)
        return self._grants.begin(account, client_id, remote_ip, agent)

    def grant_refresh(
        self, refresh_token: str, client_id: str, client_secret: str, remote_ip: str = "", agent: str = ""
    ) -> Tokens:
        """The next tokens for a refresh token, which is spent. Using it again ends all tokens of its grant.

        Raises:
            Refused: `wrong_client`, `grant_not_allowed`, `wrong_grant`, `throttled`.
        """
        self._grants.client(client_id, client_secret, Grant.REFRESH, remote_ip)
        return self._grants.refresh(refresh_token, client_id, remote_ip, agent)

    def grant_client(self, client_id: str, client_secret: str, remote_ip: str, agent: str = "") -> Tokens:
        """A token for a client that acts as an account of its own.

        Raises:
            Refused: `wrong_client`, `grant_not_allowed`, `throttled`.
        """
        client = self._grants.client(client_id, client_secret, Grant.CLIENT, remote_ip)
        stored = self._storage.find_account(client.account) if client.account else None
        if client.account is None or stored is None or stored.principal is None:
            raise refuse("grant_not_allowed", "client_id", "There is no active account that this client acts as.")
        return self._grants.alone(client.account, client_id, remote_ip, agent)

    def revoke_token(self, token: str, client_id: str, client_secret: str, remote_ip: str) -> None:
        """End an OAuth2 token of the client; nothing happens for any other. Raises `Refused`: `wrong_client`."""
        self._grants.client(client_id, client_secret, None, remote_ip)
        self._grants.revoke(token, client_id)

    def create_client(
        self, client_id: str, secret: str, grants: frozenset[Grant], account: str | None = None
    ) -> None:
        """A new OAuth2 client. `secret` has to be random: it is stored by a plain hash.

        Raises:
            Refused: `missing`, `malformed`, `duplicate`, `not_found`.
        """
        raise_if(account_findings(client_id))
        self._storage.add_client(client_id, sha256(secret), grants, account)

    def caller_of_key(self, secret: str) -> KeyCaller | None:
        """Who calls with this API key, as of now; None when it is unknown, over or revoked."""
        digest, now = sha256(secret), self._wall_clock()
        key = self._storage.find_key(digest)
        if key is None or now >= key.ends_at or key.principal is None or key.principal.scopes is None:
            return None
        if key.used_at is None or now >= key.used_at + _TOUCH_EVERY:
            self._storage.touch_key(digest, now)
        return KeyCaller(
            principal=key.principal,
            key_id=key.key_id,
            scopes=key.principal.scopes,
            calls_per_minute=key.calls_per_minute or None,
        )

    def prepared_change(self, principal: Principal, command: ChangePassword) -> ChangePassword:
        """A change of password with the present one checked and the other hashed.

        Raises:
            Refused: `out_of_range`, `malformed`, `duplicate` (the same again), `wrong_credentials`, `throttled`.
        """
        raise_if(_password_findings(command.password))
        if command.password == command.present:
            raise refuse("duplicate", "password", "Choose another password than the present one.")
        self._by_account.count(principal.account)
        stored = self._storage.find_account(principal.account)
        if stored is None or not self._verified(stored.password_hash, command.present):
            _log.warning("change of the password of %s refused", principal.account)
            raise refuse("wrong_credentials", "present", "The present password does not fit.")
        self._by_account.forgive(principal.account, all_of_them=True)
        return replace(command, present=stored.password_hash, password=self._hash(command.password))

    def prepared_reset(self, _principal: Principal, command: Resetting) -> Resetting:
        """A reset, or an operator's sign-in, with its one-time password hashed.

        Raises:
            Refused: `out_of_range`, `malformed`.
        """
        return replace(command, password=self.hashed(command.password))

    def prepared_registration(self, _principal: Principal, command: Enrolling) -> Enrolling:
        """A registration, or a contact point of one, with its password hashed.

        Raises:
            Refused: `out_of_range`, `malformed`.
        """
        return replace(command, secret=self.hashed(command.secret))

    def revoke_all(self, account: str) -> None:
        """End every session and token of an account."""
        self._storage.remove_logins(account)

    def _check(self, account: str, password: str, remote_ip: str, *, one_time: bool = False) -> Principal:
        try:
            self._by_address.count(remote_ip)
            self._by_account.count(account)
        except Throttled:
            _log.warning("sign-in of %r from %s throttled", account, remote_ip)
            raise
        stored = self._storage.find_account(account) if not account_findings(account) else None
        if not self._fits(account, password, stored) or stored is None or stored.principal is None:
            _log.warning("sign-in of %r from %s refused", account, remote_ip)
            raise refuse("wrong_credentials", "account", "Account and password do not fit.")
        self._by_address.forgive(remote_ip)
        self._by_account.forgive(account, all_of_them=True)
        if stored.one_time_until is not None and not one_time:
            raise refuse("must_change", "password", "This password serves once: choose another one with it.")
        return stored.principal

    def _fits(self, account: str, password: str, stored: StoredAccount | None) -> bool:
        """The same work whether there is such an account or not, and whether it may act or not."""
        nobodys = self._nobodys_hash
        known = stored.password_hash if stored else nobodys
        if not self._verified(known, password) or stored is None or stored.principal is None:
            return False
        if stored.one_time_until is not None and self._wall_clock() >= stored.one_time_until:
            return False
        if self._hasher.check_needs_rehash(known):
            self._storage.set_password_hash(account, self._hash(password))
        return True

    def _verified(self, known: str, password: str) -> bool:
        tried = "" if _password_findings(password) else password  # no account has an empty one
        with self._hashing:
            try:
                return self._hasher.verify(known, tried)
            except (Argon2Error, InvalidHashError):
                return False

    def _hash(self, password: str) -> str:
        with self._hashing:
            return self._hasher.hash(password)

    def _issue(self, kind: str, account: str, lifetime: timedelta, remote_ip: str, agent: str) -> Issued:
        token, now = new_token(), self._wall_clock()
        issued = Issued(token=token, expires_at=now + lifetime)
        login = NewLogin(
            token_sha256=sha256(token),
            kind=kind,
            account=account,
            began_at=now,
            expires_at=issued.expires_at,
            address=remote_ip,
            agent=agent,
        )
        self._storage.add_login(login)
        _log.info("%s issued to %s", kind, account)
        return issued

    def _principal(self, kind: str, token: str, *, active: bool) -> Principal | None:
        digest = sha256(token)
        login = self._storage.find_login(digest)
        now = self._wall_clock()
        if login is None or login.kind != kind or now >= login.expires_at:
            return None
        if kind == SESSION and now >= login.seen_at + self._policy.session_idle:
            return None
        if active and now >= login.seen_at + _TOUCH_EVERY:
            self._storage.touch_login(digest, now)
        return login.principal


def _password_findings(password: str) -> list[Finding]:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        sentence = f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters."
        return [Finding(code="out_of_range", field="password", sentence=sentence)]
    if any("\ud800" <= char <= "\udfff" for char in password):
        return [Finding(code="malformed", field="password", sentence="The password is no valid text.")]
    return []
