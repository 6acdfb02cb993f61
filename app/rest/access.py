"""Who asks: the bearer token's principal, and the desk as that principal sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol, TypeVar, cast

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from app.applying import Applying
from app.auth import Issued, KeyCaller, Tokens
from app.queries.models import Query
from app.rest.issuer import Issuer
from domain.commands import Command
from domain.errors import refuse
from domain.parties import Principal
from domain.parties.access import KEY_PREFIX

A = TypeVar("A")


class Doorway(Protocol):
    """The desk: every command and query of a principal, access checked there."""

    def execute(self, principal: Principal, command: Command) -> object: ...
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
    """

    desk: Doorway
    auth: TokenAuth
    applying: Applying
    market_now: Callable[[], datetime]
    max_body_bytes: int
    issuer: Issuer


@dataclass(frozen=True, kw_only=True)
class Caller:
    """One request's principal at the desk. `key`: the API key it calls with, None with a token."""

    principal: Principal
    desk: Doorway
    key: KeyCaller | None = None

    def execute(self, command: Command) -> object:
        return self.desk.execute(self.principal, command)

    def query(self, query: Query[A]) -> A:
        return self.desk.query(self.principal, query)


def services(request: Request) -> Services:
    """The services this interface was built with."""
    return cast(Services, request.app.state.services)


_bearer = HTTPBearer(auto_error=False, description="A token from a token route, or an API key.")
_api_key = APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key, if no token is sent.")


def caller(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    api_key: Annotated[str | None, Depends(_api_key)],
    built_on: Annotated[Services, Depends(services)],
) -> Caller:
    """The request's principal, by its token or API key.

    Raises:
        Refused: `signed_out` without a valid one, or with two.
    """
    sent = [text for text in (credentials.credentials if credentials else None, api_key) if text is not None]
    if len(sent) != 1:
        raise refuse("signed_out", "Authorization", "Send one valid token or key: Authorization: Bearer ...")
    if api_key is None and not sent[0].startswith(KEY_PREFIX):
        principal, key = built_on.auth.principal_of_bearer(sent[0]), None
    else:
        key = built_on.auth.caller_of_key(sent[0])
        principal = key.principal if key else None
    if principal is None:
        raise refuse("signed_out", "Authorization", "Send a valid token or key: Authorization: Bearer ...")
    return Caller(principal=principal, desk=built_on.desk, key=key)


FromServices = Annotated[Services, Depends(services)]
FromCaller = Annotated[Caller, Depends(caller)]
