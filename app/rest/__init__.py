"""The REST interface under `/api/v1`: same desk, same policy, bearer token, problem details."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

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
from app.rest.description import SUMMARY, TITLE, described
from app.rest.edge import Edge
from app.rest.edges.described import describe
from app.rest.problems import install
from app.rest.repeating import (
    InFlight,
    Repeatable,
    RepeatableByAnybody,
    Replayed,
    replayed_answer,
)
from app.rest.streams import Streams
from app.rest.tags import Conditional
from app.settings import VERSION

PREFIX = "/api/v1"
_PLAIN = frozenset(
    f"{PREFIX}/{name}" for name in ("health", "ready", "openapi.json", "docs", "notifications/stream")
)
"""What is for browsers, probes and those who still learn to ask; and streams, which go out event by event."""
_KEYED = frozenset({f"{PREFIX}/applications"})


def build_api(services: Services) -> FastAPI:
    """The application without its outer layer; `build_asgi` adds it."""
    api = FastAPI(
        title=TITLE,
        version=VERSION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    api.state.services = services
    api.state.in_flight = InFlight()
    api.state.streams = Streams()
    api.add_middleware(Conditional)
    install(api)
    api.add_exception_handler(Replayed, _replay)
    api.router.routes.extend(_routes())
    api.openapi = _description  # type: ignore[method-assign]
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


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """All routes, made once: they know no services."""
    holder = APIRouter()
    for part in (_router(), _interflex()):
        holder.include_router(part, generate_unique_id_function=lambda route: route.name)
    return tuple(holder.routes)


def _router() -> APIRouter:
    """All routes; behind the token unless they are named public."""
    top = APIRouter(prefix=PREFIX)
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
    top = APIRouter(prefix=interflex.PREFIX)
    top.include_router(interflex.public, dependencies=[Depends(anybody)])
    for part in interflex.ROUTERS:
        top.include_router(part, dependencies=[Depends(caller), Repeatable])
    return top


@cache
def _description() -> dict[str, Any]:
    """The description in OpenAPI."""
    made = get_openapi(title=TITLE, version=VERSION, summary=SUMMARY, routes=list(_routes()))
    document = described(made)
    describe(document, _KEYED)
    return document
