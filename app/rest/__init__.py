"""The REST interface under `/api/v1`: same desk, same policy, bearer token, problem details."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, Depends, FastAPI, Request, Response

from app.rest import (
    account,
    alarms,
    assets,
    clearings,
    clients,
    grid,
    guide,
    inputs,
    interflex,
    keys,
    logins,
    market,
    metering,
    oauth,
    offers,
    operation,
    participants,
    portfolio,
    search,
    settlement,
    swagger,
    trading,
    what_ifs,
    zones,
)
from app.rest.access import Services, anybody, caller
from app.rest.edge import Edge
from app.rest.edges.described import describe
from app.rest.problems import MEDIA_TYPE, install
from app.rest.repeating import (
    InFlight,
    Repeatable,
    RepeatableByAnybody,
    Replayed,
    replayed_answer,
)
from app.rest.streams import Streams
from app.settings import VERSION

PREFIX = "/api/v1"
_PLAIN = frozenset(
    f"{PREFIX}/{name}" for name in ("health", "ready", "openapi.json", "docs", "notifications/stream")
)
"""What is for browsers, probes and those who still learn to ask; and streams, which go out event by event."""
_KEYED = frozenset({f"{PREFIX}/applications"})
_PROBLEM: dict[str, Any] = {
    "description": "Refused: problem details.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def build_api(services: Services) -> FastAPI:
    """The application without its outer layer; `build_asgi` adds it."""
    api = FastAPI(
        title="FlexDesk",
        version=VERSION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    api.state.services = services
    api.state.in_flight = InFlight()
    api.state.streams = Streams()
    install(api)
    api.add_exception_handler(Replayed, _replay)
    api.include_router(_routes())
    api.include_router(_interflex())
    _describe(api)
    return api


def _replay(_request: Request, replayed: Exception) -> Response:
    return replayed_answer(cast(Replayed, replayed))


def build_asgi(services: Services) -> Edge:
    """The interface as it is served."""
    api = build_api(services)
    streams: Streams = api.state.streams
    services.bus.subscribe(streams.on_events)

    def plain_allowed(path: str) -> bool:
        return services.plain_allowed or path in _PLAIN or path.startswith((f"{PREFIX}/docs/", interflex.PREFIX))

    return Edge(api, services.max_body_bytes, plain_allowed, streams.close)


def _routes() -> APIRouter:
    """All routes; behind the token unless they are named public."""
    top = APIRouter(prefix=PREFIX, responses={"default": _PROBLEM, 422: _PROBLEM})
    top.include_router(swagger.router)
    for part in (account.public, oauth.router, logins.public):
        top.include_router(part, dependencies=[Depends(anybody)])
    top.include_router(participants.public, dependencies=[Depends(anybody), RepeatableByAnybody])
    for part in (
        account.router,
        logins.router,
        keys.router,
        clients.router,
        search.router,
        participants.router,
        portfolio.router,
        market.router,
        grid.router,
        alarms.router,
        what_ifs.router,
        inputs.router,
        inputs.documents,
        assets.router,
        metering.router,
        metering.documents,
        settlement.router,
        operation.router,
        guide.router,
        trading.router,
        zones.router,
        clearings.router,
        offers.router,
    ):
        top.include_router(part, dependencies=[Depends(caller), Repeatable])
    return top


def _interflex() -> APIRouter:
    top = APIRouter(prefix=interflex.PREFIX, responses={"default": _PROBLEM, 422: _PROBLEM})
    top.include_router(interflex.public, dependencies=[Depends(anybody)])
    for part in interflex.ROUTERS:
        top.include_router(part, dependencies=[Depends(caller), Repeatable])
    return top


def _describe(api: FastAPI) -> None:
    """Put what holds for every route into the description."""
    made = api.openapi

    def described() -> dict[str, Any]:
        document = made()
        describe(document, _KEYED)
        return document

    api.openapi = described  # type: ignore[method-assign]
