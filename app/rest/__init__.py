"""The REST interface under `/api/v1`: same desk, same policy, bearer token, problem details."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.types import ASGIApp

from app.rest import (
    account,
    alarms,
    assets,
    clearings,
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
    trading,
    what_ifs,
    zones,
)
from app.rest.access import Services, caller
from app.rest.edge import Edge
from app.rest.problems import MEDIA_TYPE, Problem, install
from app.settings import VERSION

PREFIX = "/api/v1"
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
    install(api)
    api.include_router(_routes())
    api.include_router(_interflex())
    _describe_problems(api)
    return api


def build_asgi(services: Services) -> ASGIApp:
    """The interface as it is served."""
    return Edge(build_api(services), services.max_body_bytes)


def _routes() -> APIRouter:
    """All routes; behind the token unless they are named public."""
    top = APIRouter(prefix=PREFIX, responses={"default": _PROBLEM, 422: _PROBLEM})
    top.include_router(account.public)
    top.include_router(participants.public)
    top.include_router(oauth.router)
    top.include_router(logins.public)
    for part in (
        account.router,
        logins.router,
        keys.router,
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
        top.include_router(part, dependencies=[Depends(caller)])
    return top


def _interflex() -> APIRouter:
    top = APIRouter(prefix=interflex.PREFIX, responses={"default": _PROBLEM, 422: _PROBLEM})
    top.include_router(interflex.public)
    for part in interflex.ROUTERS:
        top.include_router(part, dependencies=[Depends(caller)])
    return top


def _describe_problems(api: FastAPI) -> None:
    """Put the schema of problem details into the description."""
    describe = api.openapi

    def described() -> dict[str, Any]:
        document = describe()
        definitions = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        inner = definitions.pop("$defs", {})
        document["components"]["schemas"].update(inner, Problem=definitions)
        return document

    api.openapi = described  # type: ignore[method-assign]
