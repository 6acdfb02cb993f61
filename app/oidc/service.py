"""A sign-in at the provider, from the button to the login session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
from joserfc.errors import InvalidKeyIdError, JoseError

from app.auth import Issued, Limit, Throttle, Throttled
from app.oidc.accounts import Joining
from app.oidc.configuration import Configuration
from app.oidc.errors import NotSignedInError
from app.oidc.identity import identity_of
from app.oidc.pending import Pending, PendingSignIns
from app.oidc.provider import Provider, default_http
from app.oidc.tokens import verified

PER_ADDRESS = Limit(attempts=30, window=timedelta(minutes=5))
GONE = "This sign-in is over: it took too long, was used already, or was begun in another browser. Begin again."
_MAX_CODE = 4096

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Begun:
    """Where the browser goes, and what it keeps in a cookie until it comes back."""

    address: str
    browser: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Finished:
    """The login session, and the page that was asked for in the beginning."""

    session: Issued
    leads_to: str


class SingleSignOn:
    """Used on one event loop; the database is asked on threads."""

    def __init__(
        self,
        config: Configuration,
        joining: Joining,
        wall_clock: Callable[[], datetime],
        http: Callable[[], httpx.AsyncClient] = default_http,
    ) -> None:
        self.label = config.label
        self._config, self._joining, self._wall_clock = config, joining, wall_clock
        self._provider = Provider(config, http)
        self._pending = PendingSignIns(wall_clock)
        self._begun = Throttle(PER_ADDRESS, wall_clock)

    async def begin(self, redirect_uri: str, leads_to: str, remote_ip: str) -> Begun:
        """A new sign-in.

        Raises:
            NotSignedInError: too many, or the provider cannot be asked.
        """
        try:
            self._begun.count(remote_ip)
        except Throttled as throttled:
            sentence = throttled.findings[0].sentence
            raise NotSignedInError(sentence, "throttled", retry_after_s=throttled.retry_after_s) from throttled
        pending = Pending(redirect_uri=redirect_uri, leads_to=leads_to)
        address = await self._told(remote_ip, self._provider.address(pending))
        self._pending.keep(pending)
        return Begun(address=address, browser=pending.browser)

    async def finish(self, answer: Mapping[str, str], browser: str, remote_ip: str, agent: str = "") -> Finished:
        """The sign-in that comes back with the provider's `answer` in its query. `agent`: as `Auth.sign_in`.

        Raises:
            NotSignedInError: whatever does not fit.
        """
        return await self._told(remote_ip, self._finish(answer, browser, remote_ip, agent))

    async def _told(self, remote_ip: str, work: Awaitable[T]) -> T:
        """Tell the log why not."""
        try:
            return await work
        except NotSignedInError as error:
            _log.warning("single sign-on from %s refused: %s", remote_ip, error.why or error.sentence)
            raise

    async def _finish(self, answer: Mapping[str, str], browser: str, remote_ip: str, agent: str) -> Finished:
        pending = self._pending.take(answer.get("state", ""), browser)
        if pending is None:
            raise NotSignedInError(GONE, "unknown state")
        code = answer.get("code", "")
        if "error" in answer or not 0 < len(code) <= _MAX_CODE:
            raise NotSignedInError(f"{self.label} did not sign you in.", "the provider refused")
        if answer.get("iss", self._config.issuer) != self._config.issuer:
            raise NotSignedInError(f"{self.label} did not sign you in.", "the answer is of another issuer")
        claims = await self._claims(await self._provider.id_token(pending, code), pending.nonce)
        identity = identity_of(claims, self._config)
        session = await asyncio.to_thread(self._joining.sign_in, identity, remote_ip, agent)
        return Finished(session=session, leads_to=pending.leads_to)

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            try:
                return self._verified(token, nonce, await self._provider.keys())
            except InvalidKeyIdError:
                return self._verified(token, nonce, await self._provider.keys(anew=True))
        except (JoseError, ValueError) as error:
            sentence = f"What {self.label} says about you could not be verified. Begin again."
            raise NotSignedInError(sentence, f"ID token: {type(error).__name__}: {error}") from error

    def _verified(self, token: str, nonce: str, keys: Any) -> dict[str, Any]:
        config, now = self._config, self._wall_clock()
        return verified(token, keys, issuer=config.issuer, client_id=config.client_id, nonce=nonce, now=now)
