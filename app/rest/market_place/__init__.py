"""The interface of the EU Market Place, under `/api/v1/market-place`; tokens and keys are those of `/api/v1`."""

from __future__ import annotations

from app.rest import messages
from app.rest.interfaces import Interface, Part
from app.rest.market_place import catalogue, companies, deals, monitoring, place, platforms, trails

PREFIX = "/api/v1/market-place"
PLACE = Interface(
    f"{PREFIX}/openapi.json",
    "FlexDesk: EU Market Place",
    "Companies, the catalogue of services, requests and subscriptions.",
    (
        Part(
            prefix=PREFIX,
            public=(place.public, trails.routers.public),
            keyed=(companies.public,),
            known=(
                place.router,
                companies.router,
                platforms.router,
                catalogue.router,
                deals.router,
                monitoring.router,
                messages.PLACE,
                trails.routers.known,
            ),
        ),
    ),
    keyed=frozenset({f"{PREFIX}/enrolments"}),
)
