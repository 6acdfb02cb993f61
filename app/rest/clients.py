"""OAuth2 clients, as the market operator registers and ends them."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query

from app.queries.models import ListClients
from app.rest import access_schemas as s
from app.rest.access import FromCaller
from app.rest.fields import Id
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page, Paging
from app.rest.strict import StrictRoute
from domain.commands import EndClient, RegisterClient
from domain.parties.tokens import Grant, IssuedClient, OAuthClient

router = APIRouter(route_class=StrictRoute, tags=["access"])
CLIENTS = Listing(s.ClientOut, "id")


@router.get("/oauth/clients")
def list_clients(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[s.ClientOut]:
    """FMO: all OAuth2 clients."""
    return pager.page(CLIENTS, where, caller.query(ListClients()), _out)


@router.post("/oauth/clients", status_code=201)
def register_client(caller: FromCaller, body: s.ClientIn) -> s.IssuedClientOut:
    """FMO: a new OAuth2 client; its secret is in this answer and nowhere else."""
    command = RegisterClient(client_id=body.client_id, grants=tuple(map(Grant, body.grants)), account=body.account)
    issued = cast(IssuedClient, caller.execute(command))
    return s.IssuedClientOut.model_validate(_fields(issued.client) | {"client_secret": issued.secret})


@router.delete("/oauth/clients/{client_id}", status_code=204)
def end_client(caller: FromCaller, client_id: Annotated[Id, Path()]) -> None:
    """FMO: the client gets no tokens any more, and those it has end."""
    caller.execute(EndClient(client_id=client_id))


def _out(client: OAuthClient) -> s.ClientOut:
    return s.ClientOut.model_validate(_fields(client))


def _fields(client: OAuthClient) -> dict[str, object]:
    grants = [grant.value for grant in client.grants]
    return {"id": client.id, "grants": grants, "account": client.account, "active": client.active}
