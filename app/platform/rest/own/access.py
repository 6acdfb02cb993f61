"""Health, tokens and one-time passwords of a company's people and customers."""

from __future__ import annotations

from fastapi import APIRouter, Request

from app.rest import access_schemas as s
from app.rest.access import FromServices, address_of
from app.rest.account import get_health, get_readiness, get_refusals
from app.rest.account_schemas import TokenIn, TokenOut
from app.rest.strict import StrictRoute
from domain.commands import ChangePassword

public = APIRouter(route_class=StrictRoute, tags=["access"])
refusals = APIRouter()
refusals.add_api_route("/docs/refusals.md", get_refusals, methods=["GET"], include_in_schema=False)
public.add_api_route("/health", get_health, methods=["GET"])
public.add_api_route(
    "/ready",
    get_readiness,
    methods=["GET"],
    responses={503: {"description": "Something is missing; `findings` say what."}},
)


@public.post("/auth/token", name="own_token")
def issue_token(body: TokenIn, request: Request, services: FromServices) -> TokenOut:
    """A bearer token for an account and its password."""
    issued = services.auth.issue_token(body.account, body.password, address_of(request))
    return TokenOut(access_token=issued.token, expires_at=issued.expires_at)


@public.post("/auth/password", name="own_password", status_code=204)
def change_password(body: s.PasswordIn, request: Request, services: FromServices) -> None:
    """Another password for an account; all its sessions and tokens end. No token is needed but the present
    password, which may be a one-time password."""
    principal = services.auth.whoever_chooses(body.account, body.password, address_of(request))
    services.desk.execute(principal, ChangePassword(present=body.password, password=body.new_password))
