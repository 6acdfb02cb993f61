"""Who asks: the bearer token's principal, and the desk as that principal sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol, TypeVar, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.applying import Applying
from app.auth import Issued
from app.queries.models import Query
from app.rest.issuer import Issuer
from domain.commands import Command
from domain.errors import refuse
from domain.parties import Principal

A = TypeVar("A")


class Doorway(Protocol):
    """The desk: every command and query of a principal, access checked there."""

    def execute(self, principal: Principal, command: Command) -> object: ...
    def query(self, principal: Principal, query: Query[A]) -> A: ...


class TokenAuth(Protocol):
    """Bearer tokens."""

    def issue_token(self, account: str, password: str, remote_ip: str) -> Issued: ...
    def principal_of_bearer(self, token: str) -> Principal | None: ...


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
    """One request's principal at the desk."""

    principal: Principal
    desk: Doorway

    def execute(self, command: Command) -> object:
        return self.desk.execute(self.principal, command)

    def query(self, query: Query[A]) -> A:
        return self.desk.query(self.principal, query)


def services(request: Request) -> Services:
    """The services this interface was built with."""
    return cast(Services, request.app.state.services)


_bearer = HTTPBearer(auto_error=False, description="A token from POST /api/v1/token.")


def caller(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    built_on: Annotated[Services, Depends(services)],
) -> Caller:
    """The request's principal.

    Raises:
        Refused: `signed_out` without a valid token.
    """
    principal = built_on.auth.principal_of_bearer(credentials.credentials) if credentials else None
    if principal is None:
        raise refuse("signed_out", "Authorization", "Send a valid token: Authorization: Bearer ...")
    return Caller(principal=principal, desk=built_on.desk)


FromServices = Annotated[Services, Depends(services)]
FromCaller = Annotated[Caller, Depends(caller)]
