"""Passwords, own sessions and tokens, and the market operator's reset of passwords."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from app.queries.models import ListAccounts, ListLogins
from app.rest import access_schemas as s
from app.rest.access import FromCaller, FromServices, address_of
from app.rest.fields import Id, Text
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page, Paging
from app.rest.strict import StrictRoute
from domain.commands import ChangePassword, EndLogin, ResetPassword, SignOutEverywhere
from domain.ids import LoginId, PartyId
from domain.parties import Login
from domain.parties.access import one_time_password

public = APIRouter(route_class=StrictRoute, tags=["access"])
router = APIRouter(route_class=StrictRoute, tags=["access"])
own = APIRouter(route_class=StrictRoute, tags=["access"])
"""Everybody's own sessions and tokens, of whatever interface."""
PathId = Annotated[Id, Path()]
LOGINS = Listing(s.LoginOut, "-seen_at,id", by=("began_at", "expires_at", "kind"))
ACCOUNTS = Listing(s.AccountOut, "name")


@public.post("/password", status_code=204)
def change_password(body: s.PasswordIn, request: Request, services: FromServices) -> None:
    """Another password for an account; all its sessions and tokens end. No token is needed but the present
    password, which may be a one-time password."""
    principal = services.auth.whoever_chooses(body.account, body.password, address_of(request))
    services.desk.execute(principal, ChangePassword(present=body.password, password=body.new_password))


@own.get("/logins")
def list_logins(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[s.LoginOut]:
    """Own sessions at the desks and tokens, the latest seen first."""
    own = caller.principal.login
    return pager.page(LOGINS, where, caller.query(ListLogins()), lambda login: _login(login, own))


def _login(login: Login, own: str) -> s.LoginOut:
    return s.LoginOut(
        id=login.id,
        kind=login.kind.value,
        began_at=login.began_at,
        seen_at=login.seen_at,
        expires_at=login.expires_at,
        address=login.address,
        client=login.client,
        this=login.id == own,
    )


@own.delete("/logins/{login_id}", status_code=204)
def end_login(caller: FromCaller, login_id: PathId) -> None:
    """End an own session, or all tokens of an own grant."""
    caller.execute(EndLogin(login_id=LoginId(login_id)))


@own.delete("/logins", status_code=204)
def sign_out_everywhere(caller: FromCaller, where: Annotated[s.LoginFilter, Query()]) -> None:
    """End all own sessions and tokens; `but_this` keeps the one that this comes with."""
    caller.execute(SignOutEverywhere(but_this=where.but_this))


@router.get("/parties/{party_id}/accounts")
def list_accounts(
    caller: FromCaller, pager: FromPager, party_id: PathId, where: Annotated[Paging, Query()]
) -> Page[s.AccountOut]:
    """An operator: the accounts of a participant of its market; a registration of the market place: its own."""
    rows = caller.query(ListAccounts(party_id=PartyId(party_id)))
    return pager.page(ACCOUNTS, where, rows, s.AccountOut.model_validate)


@router.post("/accounts/{account}/reset")
def reset_password(caller: FromCaller, account: Annotated[Text, Path()]) -> s.OneTimeOut:
    """An operator: a one-time password for an account of its market, shown this once; its logins end. No body."""
    password = one_time_password()
    caller.execute(ResetPassword(account=account, password=password))
    return s.OneTimeOut(account=account, one_time_password=password)
