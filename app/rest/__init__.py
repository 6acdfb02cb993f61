"""The REST interface under `/api/v1` and InterFlex's: same desk, same policy, bearer token, problem details."""

from __future__ import annotations

from fastapi import FastAPI

from app.rest import (
    account,
    alarms,
    assets,
    clearings,
    clients,
    grid,
    guide,
    inputs,
    interfaces,
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
from app.rest.access import Services
from app.rest.description import SUMMARY, TITLE
from app.rest.edge import Edge
from app.rest.eu_mp_notifications import NOTIFICATIONS
from app.rest.interfaces import Interface, Part
from app.rest.market_place import PLACE

PREFIX = "/api/v1"
_PLAIN = frozenset(
    f"{PREFIX}/{name}" for name in ("health", "ready", "openapi.json", "docs", "notifications/stream")
)
"""What is for browsers, probes and those who still learn to ask; and streams, which go out event by event."""

_OWN = Part(
    prefix=PREFIX,
    open=(swagger.router,),
    public=(account.public, oauth.router, logins.public),
    keyed=(participants.public,),
    known=(
        account.router,
        logins.own,
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
    ),
)
_INTERFLEX = Part(prefix=interflex.PREFIX, public=(interflex.public,), known=interflex.ROUTERS)
MARKET = Interface(
    f"{PREFIX}/openapi.json", TITLE, SUMMARY, (_OWN, _INTERFLEX), keyed=frozenset({f"{PREFIX}/applications"})
)
_DESCRIBED = (PLACE.path, NOTIFICATIONS.path)
INTERFACES = (MARKET, PLACE, NOTIFICATIONS)


def build_api(services: Services) -> FastAPI:
    """The application without its outer layer; `build_asgi` adds it."""
    return interfaces.build_api(services, INTERFACES)


def build_asgi(services: Services) -> Edge:
    """The interfaces as they are served."""
    return interfaces.build_asgi(services, INTERFACES, _goes_plain)


def _goes_plain(path: str) -> bool:
    return path in _PLAIN or path.startswith((f"{PREFIX}/docs/", interflex.PREFIX)) or path in _DESCRIBED
