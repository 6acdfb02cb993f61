"""Who asks: the bearer token's principal, and the desk as that principal sees it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Protocol, TypeVar, cast

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from app.applying import Applying
from app.auth import Issued, KeyCaller, Tokens
from app.bus import Bus
from app.queries.models import Query
from app.repeats import Repeats
from app.rest import rows_place, rows_platform
from app.rest.edges.rates import Rates
from app.rest.issuer import Issuer
from app.rest.rows import ANYBODY, may_call
from domain.commands import Command
from domain.errors import refuse
from domain.parties import Principal
from domain.parties.access import KEY_PREFIX
from domain.ports import Expected

A = TypeVar("A")


class Doorway(Protocol):
    """The desk: every command and query of a principal, access checked there."""

    def execute(self, principal: Principal, command: Command, expected: Expected | None = None) -> object: ...
    def query(self, principal: Principal, query: Query[A]) -> A: ...


class TokenAuth(Protocol):
    """Bearer tokens, OAuth2 grants and API keys; see `app.auth.Auth`."""

    def issue_token(self, account: str, password: str, remote_ip: str, agent: str = "") -> Issued: ...
    def principal_of_bearer(self, token: str) -> Principal | None: ...
    def caller_of_key(self, secret: str) -> KeyCaller | None: ...
    def whoever_chooses(self, account: str, password: str, remote_ip: str) -> Principal: ...

    def grant_password(
        self, account: str, password: str, client_id: str, client_secret: str, remote_ip: str, agent: str = ""
    ) -> Tokens: ...
    def grant_refresh(
        self, refresh_token: str, client_id: str, client_secret: str, remote_ip: str = "", agent: str = ""
    ) -> Tokens: ...
    def grant_client(self, client_id: str, client_secret: str, remote_ip: str, agent: str = "") -> Tokens: ...
    def revoke_token(self, token: str, client_id: str, client_secret: str, remote_ip: str) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Services:
    """What the interface is built on.

    market_now : reads market time from the database; an exception means that the database does not answer
    missing : what the server lacks to do its work, as (what, sentence)
    fingerprint_key : with what bodies are hashed that may hold passwords; the same after a restart
    plain_allowed : answers may be sent without compression to those who want none
    pages_url : where a platform's customers find its pages; "" for nowhere
    """

    desk: Doorway
    auth: TokenAuth
    applying: Applying
    market_now: Callable[[], datetime]
    max_body_bytes: int
    issuer: Issuer
    bus: Bus
    repeats: Repeats
    missing: Callable[[], Sequence[tuple[str, str]]]
    fingerprint_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    rates: Rates = field(default_factory=Rates)
    plain_allowed: bool = False
    pages_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """One request's principal at the desk. `key`: the API key it calls with, None with a token; `again`: who its
    credentials stand for by now, None when for nobody."""

    principal: Principal
    desk: Doorway
    again: Callable[[], Principal | None]
    key: KeyCaller | None = None

    def execute(self, command: Command, expected: Expected | None = None) -> object:
        return self.desk.execute(self.principal, command, expected)

    def query(self, query: Query[A]) -> A:
        return self.desk.query(self.principal, query)


def services(request: Request) -> Services:
    """The services this interface was built with."""
    return cast(Services, request.app.state.services)


_bearer = HTTPBearer(auto_error=False, description="A token from a token route, or an API key.")
_api_key = APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key, if no token is sent.")


def address_of(request: Request) -> str:
    """Where a request comes from; headers that claim another place are not believed."""
    return request.client.host if request.client else ""


def anybody(request: Request, built_on: Annotated[Services, Depends(services)]) -> None:
    """Whoever calls a public route, counted by address.

    Raises:
        Refused: `throttled` (as `Throttled`); `not_permitted` where no row says that anybody may.
    """
    built_on.rates.count(f"address {address_of(request)}")
    if operation_of(request) not in ANYBODY | rows_place.ANYBODY | rows_platform.ANYBODY:
        raise refuse("not_permitted", "", "Nobody may do this.")


def caller(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    api_key: Annotated[str | None, Depends(_api_key)],
    built_on: Annotated[Services, Depends(services)],
) -> Caller:
    """The request's principal, by its token or API key, when its role may call this operation.

    Raises:
        Refused: `signed_out` without a valid one, or with two; `throttled` (as `Throttled`); `not_permitted`, also
            where the operation has no row.
    """
    sent = [text for text in (credentials.credentials if credentials else None, api_key) if text is not None]

    def resolved() -> tuple[Principal | None, KeyCaller | None]:
        if len(sent) != 1:
            return None, None
        if api_key is None and not sent[0].startswith(KEY_PREFIX):
            return built_on.auth.principal_of_bearer(sent[0]), None
        found = built_on.auth.caller_of_key(sent[0])
        return (found.principal if found else None), found

    principal, key = resolved()
    if key is not None:
        built_on.rates.count(f"key {key.key_id}", key.calls_per_minute)
    else:
        who = f"account {principal.account}" if principal else f"address {address_of(request)}"
        built_on.rates.count(who)
    if principal is None:
        raise refuse("signed_out", "Authorization", "Send one valid token or key: Authorization: Bearer ...")
    if not may_call(principal.role, operation_of(request)):
        raise refuse("not_permitted", "", f"The role {principal.role.value} may not do this.")
    return Caller(principal=principal, desk=built_on.desk, again=lambda: resolved()[0], key=key)


def operation_of(request: Request) -> str:
    """Its name, by which it has a row."""
    route = request.scope["route"]
    return str(route.operation_id or route.name)


FromServices = Annotated[Services, Depends(services)]
FromCaller = Annotated[Caller, Depends(caller)]
