"""The audit trail over REST: a page of it, the whole as an export with a signed head, and the key to check it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from app.queries.models import Part
from app.queries.models.base import Query as Asked
from app.rest.access import FromCaller, FromServices
from app.rest.documents import AsUploaded
from app.rest.fields import Instant, Out
from app.rest.media import JSON_LINES
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page, Paging
from app.rest.strict import StrictRoute
from app.signing import public_keys
from domain.paging import Slice
from domain.trail import TrailLine


class TrailLineOut(Out):
    """Who did what when. `account` and `body` (the command as JSON text): null for what others did.
    `party_name` is what the party is called now: no part of the row."""

    sequence: int
    wall_at: Instant
    market_at: Instant
    party_id: str
    role: str
    command: str
    account: str | None
    body: str | None
    party_name: str


class TrailKeyOut(Out):
    """A public key as JWK (RFC 7517, RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str
    alg: str


class TrailKeysOut(Out):
    keys: list[TrailKeyOut]


TRAIL = Listing(TrailLineOut, "-sequence")


@dataclass(frozen=True, kw_only=True)
class TrailRouters:
    """`known`: for those who say who they are; `public`: for anybody."""

    known: APIRouter
    public: APIRouter


def trail_routers(
    name: str, listed: Callable[[Slice], Asked[Part[TrailLine]]], exported: Callable[[], Asked[str]]
) -> TrailRouters:
    """The routes of one interface. `name`: what its operations' names begin with."""
    known = APIRouter(route_class=StrictRoute, tags=["trail"])
    public = APIRouter(route_class=StrictRoute, tags=["trail"])

    @known.get("/trail", name=f"{name}_trail")
    def list_trail(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[TrailLineOut]:
        """Who did what when, as far as the caller may see it, the newest first."""
        rows: Any = caller.query(listed(pager.part(TRAIL, where)))
        return pager.cut(TRAIL, where, rows, TrailLineOut.model_validate)

    @known.get(
        "/trail/export",
        name=f"{name}_trail_export",
        response_class=Response,
        responses={200: {"content": {JSON_LINES: {"schema": {"type": "string"}}}}},
    )
    def export_trail(caller: FromCaller) -> Response:
        """The same as JSON lines under a signed head; rows that are left out show their hashes."""
        return AsUploaded(caller.query(exported()), media_type=JSON_LINES)

    @public.get("/trail/keys", name=f"{name}_trail_keys")
    def get_keys(services: FromServices) -> TrailKeysOut:
        """The public key (JWKS) that exports are checked with."""
        return TrailKeysOut.model_validate(public_keys(services.fingerprint_key))

    return TrailRouters(known=known, public=public)
