"""Interfaces, each with its routes and a description of exactly these; a server may have several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute

from app.rest.access import Services, anybody, caller
from app.rest.description import MARKETS_OWN, described
from app.rest.edge import Edge
from app.rest.edges.described import describe
from app.rest.problems import install
from app.rest.repeating import InFlight, Repeatable, RepeatableByAnybody, Replayed, replayed_answer
from app.rest.streams import Streams
from app.rest.tags import Conditional
from app.settings import VERSION


@dataclass(frozen=True, kw_only=True)
class Part:
    """Routers under a prefix. `open`: pages about the interface; `public`: for anybody, counted by address;
    `keyed`: so too, with idempotency keys; `known`: for those who say who they are."""

    prefix: str
    open: Sequence[APIRouter] = ()
    public: Sequence[APIRouter] = ()
    keyed: Sequence[APIRouter] = ()
    known: Sequence[APIRouter] = ()

    def router(self) -> APIRouter:
        top = APIRouter(prefix=self.prefix)
        guards: tuple[tuple[Sequence[APIRouter], list[Any]], ...] = (
            (self.open, []),
            (self.public, [Depends(anybody)]),
            (self.keyed, [Depends(anybody), RepeatableByAnybody]),
            (self.known, [Depends(caller), Repeatable]),
        )
        for routers, dependencies in guards:
            for router in routers:
                top.include_router(router, dependencies=dependencies)
        return top


class Interface:
    """What one description in OpenAPI tells of, at `path`. `keyed`: see `edges.described.describe`; `signing_in`:
    the ways to, see `description.described`."""

    def __init__(
        self,
        path: str,
        title: str,
        summary: str,
        parts: Sequence[Part],
        keyed: frozenset[str] = frozenset(),
        signing_in: Mapping[str, Any] = MARKETS_OWN,
    ) -> None:
        self.path, self._title, self._summary = path, title, summary
        self._parts, self._keyed, self._signing_in = parts, keyed, signing_in

    @cached_property
    def routes(self) -> tuple[BaseRoute, ...]:
        """Made once: routes know no services."""
        holder = APIRouter()
        for part in self._parts:
            holder.include_router(part.router(), generate_unique_id_function=lambda route: route.name)
        return tuple(holder.routes)

    @cached_property
    def description(self) -> dict[str, Any]:
        """In OpenAPI 3.1."""
        made = get_openapi(title=self._title, version=VERSION, summary=self._summary, routes=list(self.routes))
        document = described(made, self._signing_in)
        describe(document, self._keyed)
        return document

    async def answer(self, _request: Request) -> Response:
        return JSONResponse(self.description)


def build_api(services: Services, interfaces: Sequence[Interface]) -> FastAPI:
    """The application without its outer layer; `build_asgi` adds it."""
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    api.state.services = services
    api.state.in_flight = InFlight()
    api.state.streams = Streams()
    api.add_middleware(Conditional)
    install(api)
    api.add_exception_handler(Replayed, _replay)
    for interface in interfaces:
        api.router.routes.extend(interface.routes)
        api.add_route(interface.path, interface.answer, include_in_schema=False)
    return api


def build_asgi(
    services: Services,
    interfaces: Sequence[Interface],
    plain: Callable[[str], bool],
    streamed: Callable[[str], bool] = lambda _: False,
) -> Edge:
    """The interfaces as they are served. `plain`: whether a path's answer may go without compression; `streamed`:
    whether a PUT's body is read by the route."""
    api = build_api(services, interfaces)
    streams: Streams = api.state.streams
    services.bus.subscribe(streams.on_events)
    return Edge(
        api, services.max_body_bytes, lambda path: services.plain_allowed or plain(path), streams.close, streamed
    )


def _replay(_request: Request, replayed: Exception) -> Response:
    return replayed_answer(cast(Replayed, replayed))
