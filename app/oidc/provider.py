"""The provider over HTTP: its description, its keys, and codes exchanged for ID tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.oidc.configuration import Configuration, is_safe
from app.oidc.errors import NotSignedInError
from app.oidc.pending import Pending

TIMEOUT_S = 5.0
FRESH_S = 3600.0
ASK_AGAIN_AFTER_S = 60.0
"""A token signed by an unknown key is asked about once in this time at most: nobody makes us ask all the time."""
_AUTH_METHODS = ("client_secret_basic", "client_secret_post")
_FORM = "application/x-www-form-urlencoded"

T = TypeVar("T")


class ProviderError(Exception):
    """The provider does not answer, or not as it should."""


def default_http() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, headers={"User-Agent": "FlexDesk"})


@dataclass(frozen=True, kw_only=True)
class Described:
    """What is needed of the provider's description."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    auth_method: str


@dataclass
class _Kept(Generic[T]):
    """An answer that is asked for again when it is old, or when it is not enough; one asks at a time."""

    ask: Callable[[], Awaitable[T]]
    value: T | None = None
    at: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, *, not_older_than_s: float = FRESH_S) -> T:
        async with self.lock:
            now = time.monotonic()
            if self.value is None or now - self.at > not_older_than_s:
                self.value, self.at = await self.ask(), now
            return self.value


class Provider:
    """Used on one event loop. `http` opens a client, which is closed after each use."""

    def __init__(self, config: Configuration, http: Callable[[], httpx.AsyncClient] = default_http) -> None:
        self._config, self._http = config, http
        self._described = _Kept(self._ask_description)
        self._keys = _Kept(self._ask_keys)

    async def address(self, pending: Pending) -> str:
        """Where the browser goes to sign in.

        Raises:
            NotSignedInError: the provider cannot be asked.
        """
        described = await self._guarded(self._described.get())
        client = OAuth2Client(None, client_id=self._config.client_id, code_challenge_method="S256")
        address, _ = client.create_authorization_url(
            described.authorization_endpoint,
            state=pending.state,
            code_verifier=pending.verifier,
            nonce=pending.nonce,
            redirect_uri=pending.redirect_uri,
            scope=self._config.scopes,
        )
        return str(address)

    async def id_token(self, pending: Pending, code: str) -> str:
        """The ID token for a code, not verified yet.

        Raises:
            NotSignedInError: the provider refuses the code or cannot be asked.
        """
        return await self._guarded(self._exchange(pending, code))

    async def keys(self, *, anew: bool = False) -> KeySet:
        """The keys that the provider signs with; `anew` when a token names another one.

        Raises:
            NotSignedInError: the provider cannot be asked.
        """
        return await self._guarded(self._keys.get(not_older_than_s=ASK_AGAIN_AFTER_S if anew else FRESH_S))

    async def _guarded(self, asking: Awaitable[T]) -> T:
        try:
            return await asking
        except (ProviderError, httpx.HTTPError, httpx.InvalidURL, JoseError, ValueError, TypeError) as error:
            sentence = f"{self._config.label} could not be asked who you are. Try again in a moment."
            raise NotSignedInError(sentence, f"{type(error).__name__}: {error}") from error

    async def _ask_description(self) -> Described:
        document = await self._json(self._config.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if document.get("issuer") != self._config.issuer:
            raise ProviderError(f"the description is of the issuer {document.get('issuer')!r}")
        offered = document.get("token_endpoint_auth_methods_supported") or [_AUTH_METHODS[0]]
        usable = [method for method in _AUTH_METHODS if method in offered] or [_AUTH_METHODS[0]]
        return Described(
            authorization_endpoint=_safe(document, "authorization_endpoint"),
            token_endpoint=_safe(document, "token_endpoint"),
            jwks_uri=_safe(document, "jwks_uri"),
            auth_method=usable[0] if self._config.client_secret else "none",
        )

    async def _ask_keys(self) -> KeySet:
        described = await self._described.get()
        return KeySet.import_key_set(await self._json(described.jwks_uri))  # type: ignore[arg-type]

    async def _json(self, address: str) -> dict[str, Any]:
        async with self._http() as http:
            return _object((await http.get(address, headers={"Accept": "application/json"})).raise_for_status())

    async def _exchange(self, pending: Pending, code: str) -> str:
        described = await self._described.get()
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=pending.redirect_uri,
            code=code,
            code_verifier=pending.verifier,
        )
        auth = ClientAuth(self._config.client_id, self._config.client_secret, described.auth_method)
        headers = {"Accept": "application/json", "Content-Type": _FORM}
        address, headers, body = auth.prepare("POST", described.token_endpoint, headers, body)
        async with self._http() as http:
            answer = _object((await http.post(address, content=body, headers=headers)).raise_for_status())
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderError("the answer to the code has no ID token")
        return token


def _object(answer: httpx.Response) -> dict[str, Any]:
    document = answer.json()
    if not isinstance(document, dict):
        raise ProviderError(f"{answer.url} answers with no object")
    return document


def _safe(document: dict[str, Any], name: str) -> str:
    address = document.get(name)
    if not isinstance(address, str) or not is_safe(address):
        raise ProviderError(f"{name} is no https address")
    return address
