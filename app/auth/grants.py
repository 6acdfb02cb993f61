"""OAuth2 tokens (RFC 6749, RFC 7009, RFC 9700): clients, grants, rotation of refresh tokens, revocation."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.auth.secret import new_token, sha256
from app.auth.storage import Storage, StoredClient
from app.auth.throttle import Throttle
from domain.errors import refuse
from domain.ids import new_id
from domain.parties import account_findings
from domain.parties.tokens import Grant, NewLogin, Spent

BEARER = "bearer"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """What a grant gives, shown this once. `refresh_token` is None where the client can ask anew by itself."""

    access_token: str
    refresh_token: str | None
    expires_in_s: int

    def __repr__(self) -> str:
        return f"Tokens(expires_in_s={self.expires_in_s})"


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """`access`: of an access token; `family`: how long a grant can be refreshed, counted from its beginning."""

    access: timedelta
    family: timedelta


class Grants:
    """Thread-safe. Every wrong client, token or code counts as an attempt from its address."""

    def __init__(
        self, storage: Storage, wall_clock: Callable[[], datetime], by_address: Throttle, lifetimes: Lifetimes
    ) -> None:
        self._storage, self._wall_clock = storage, wall_clock
        self._by_address, self._lifetimes = by_address, lifetimes
        self._nobodys = sha256(new_token())

    def client(self, client_id: str, client_secret: str, grant: Grant | None, remote_ip: str) -> StoredClient:
        """The client with this id and secret.

        Raises:
            Refused: `throttled`, `wrong_client`; `grant_not_allowed` when it may not use `grant`.
        """
        self._by_address.count(remote_ip)
        found = None if account_findings(client_id) else self._storage.find_client(client_id)
        known = found.secret_sha256 if found else self._nobodys
        fits = hmac.compare_digest(known, sha256(client_secret))
        if not fits or found is None or not found.active:
            _log.warning("OAuth2 client %r from %s refused", client_id[:64], remote_ip)
            raise refuse("wrong_client", "client_id", "The client's id and secret do not fit.")
        self._by_address.forgive(remote_ip)
        if grant is not None and grant not in found.grants:
            raise refuse("grant_not_allowed", "grant_type", f"This client may not use {grant.value}.")
        return found

    def begin(self, account: str, client_id: str, remote_ip: str, agent: str) -> Tokens:
        """An access token of a new family, and what it can be refreshed with."""
        access, refresh, now = new_token(), new_token(), self._wall_clock()
        until = now + self._lifetimes.family
        login = self._login(access, account, client_id, now, remote_ip, agent)
        login = replace(login, expires_at=min(login.expires_at, until))
        self._storage.begin_family(login, sha256(refresh), until)
        _log.info("tokens issued to %s for %s", client_id, account)
        return _tokens(access, refresh, login)

    def refresh(self, token: str, client_id: str, remote_ip: str, agent: str) -> Tokens:
        """The next tokens of a family. Raises `Refused`: `throttled`, `wrong_grant`."""
        self._by_address.count(remote_ip)
        access, refresh, now = new_token(), new_token(), self._wall_clock()
        login = self._login(access, "", client_id, now, remote_ip, agent)
        expires_at = self._storage.rotate(sha256(token), login, sha256(refresh))
        if isinstance(expires_at, Spent):
            _log.warning("refresh token of %s from %s: %s", client_id, remote_ip, expires_at.value)
            raise refuse("wrong_grant", "refresh_token", "The refresh token is unknown, spent or over.")
        self._by_address.forgive(remote_ip)
        return _tokens(access, refresh, replace(login, expires_at=expires_at))

    def alone(self, account: str, client_id: str, remote_ip: str, agent: str) -> Tokens:
        """An access token for a client that asks for itself; it needs nothing to refresh with."""
        access, now = new_token(), self._wall_clock()
        login = self._login(access, account, client_id, now, remote_ip, agent)
        self._storage.add_login(login)
        _log.info("token issued to %s as %s", client_id, account)
        return _tokens(access, None, login)

    def revoke(self, token: str, client_id: str) -> None:
        """End a token of the client; a refresh token with its whole family. Nothing for other tokens."""
        self._storage.remove_tokens(sha256(token), client_id)

    def _login(
        self, token: str, account: str, client_id: str, now: datetime, remote_ip: str, agent: str
    ) -> NewLogin:
        return NewLogin(
            token_sha256=sha256(token),
            kind=BEARER,
            account=account,
            began_at=now,
            expires_at=now + self._lifetimes.access,
            address=remote_ip,
            agent=agent,
            client_id=client_id,
            family=new_id("TF"),
        )


def _tokens(access: str, refresh: str | None, login: NewLogin) -> Tokens:
    lifetime = login.expires_at - login.began_at
    return Tokens(access_token=access, refresh_token=refresh, expires_in_s=int(lifetime.total_seconds()))
