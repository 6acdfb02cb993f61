"""API keys: list, make, rotate, revoke."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query

from app.queries.models import ListApiKeys
from app.rest import access_schemas as s
from app.rest.access import FromCaller
from app.rest.fields import Id
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page
from app.rest.strict import StrictRoute
from domain.commands import CreateApiKey, RevokeApiKey, RotateApiKey
from domain.ids import KeyId, PartyId
from domain.parties import IssuedKey, Scope

router = APIRouter(route_class=StrictRoute, tags=["access"])
PathId = Annotated[Id, Path()]
KEYS = Listing(s.KeyOut, "-created_at,id", by=("name", "account"))


@router.get("/keys")
def list_keys(caller: FromCaller, pager: FromPager, where: Annotated[s.KeyFilter, Query()]) -> Page[s.KeyOut]:
    """Own API keys, newest first; the FMO those of any participant."""
    party_id = PartyId(where.party_id) if where.party_id else None
    return pager.page(KEYS, where, caller.query(ListApiKeys(party_id=party_id)), s.KeyOut.of)


@router.post("/keys", status_code=201)
def create_key(caller: FromCaller, body: s.KeyIn) -> s.IssuedKeyOut:
    """A new API key; its secret is in this answer and nowhere else."""
    command = CreateApiKey(
        name=body.name,
        scopes=tuple(map(Scope, body.scopes)),
        days=body.days,
        calls_per_minute=body.calls_per_minute,
    )
    return _issued(caller.execute(command))


@router.post("/keys/{key_id}/rotate")
def rotate_key(caller: FromCaller, key_id: PathId, body: s.RotateIn) -> s.IssuedKeyOut:
    """A new secret; the old one works for the overlap."""
    return _issued(caller.execute(RotateApiKey(key_id=KeyId(key_id), overlap_hours=body.overlap_hours)))


@router.delete("/keys/{key_id}", status_code=204)
def revoke_key(caller: FromCaller, key_id: PathId) -> None:
    """The key ends now. The FMO may revoke everybody's."""
    caller.execute(RevokeApiKey(key_id=KeyId(key_id)))


def _issued(answer: object) -> s.IssuedKeyOut:
    issued = cast(IssuedKey, answer)
    return s.IssuedKeyOut.model_validate(s.fields_of(issued.key) | {"key": issued.secret})
