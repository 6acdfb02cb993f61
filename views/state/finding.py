"""Where something that was found is shown: the page of the asker's role, opened on it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from app.queries.models import Hit, HitKind
from domain.parties import Role

_OFFERING = (Role.ESP, Role.AGGREGATOR)
_SUPPLYING = (Role.RETAILER, Role.BRP)
_OF_PLACE = (Role.PLACE_OPERATOR, Role.PROVIDER, Role.REQUESTER)
_REGION = {"region": "region_id"}
_SESSION = {"session": "session_id"}

Target = tuple[str, Mapping[str, str]]
"""A path, and for each key of its permalink the field of the hit that it holds."""

_ROOM = {"id": "session_id"}
_PRICES = {**_ROOM, "bus": "bus"}
_ON_DAY = {"day": "delivery_day", "request": "id"}
_ROWS: tuple[tuple[tuple[HitKind, ...], tuple[Role, ...], Target], ...] = (
    ((HitKind.BUS, HitKind.BRANCH), (Role.DSO,), ("/dso", {**_REGION, "element": "id"})),
    ((HitKind.UNIT,), (Role.DSO,), ("/dso/assets", {"bus": "bus"})),
    ((HitKind.ASSET,), (Role.DSO,), ("/dso/assets", {"asset": "id"})),
    ((HitKind.REQUEST,), (Role.DSO,), ("/dso/requests", {**_REGION, **_ON_DAY})),
    ((HitKind.BUS, HitKind.UNIT), (Role.FMO,), ("/fmo/prices", _PRICES)),
    ((HitKind.ASSET,), (Role.FMO,), ("/fmo/prices", {"bus": "bus"})),
    ((HitKind.BRANCH,), (Role.FMO,), ("/fmo/session", {**_ROOM, "limit": "id"})),
    ((HitKind.PARTY,), (Role.FMO,), ("/fmo/participants", {"party": "id"})),
    ((HitKind.SESSION,), (Role.FMO,), ("/fmo/session", _ROOM)),
    ((HitKind.REQUEST,), (Role.FMO,), ("/fmo/session", {**_ROOM, "request": "id"})),
    ((HitKind.OFFER,), (Role.FMO,), ("/fmo/session", {**_ROOM, "offer": "id"})),
    ((HitKind.BUS, HitKind.BRANCH), (Role.TSO,), ("/tso/locations", _REGION)),
    ((HitKind.REQUEST,), (Role.TSO,), ("/tso/requests", {**_REGION, **_ON_DAY})),
    ((HitKind.BUS, HitKind.BRANCH), _OFFERING, ("/supply", _REGION)),
    ((HitKind.UNIT,), (*_OFFERING, Role.RETAILER), ("/supply/assets", {})),
    ((HitKind.ASSET,), (*_OFFERING, Role.RETAILER), ("/supply/assets", {"asset": "id"})),
    ((HitKind.REQUEST,), (Role.BRP,), ("/brp/requests", _ON_DAY)),
    ((HitKind.REQUEST,), _OFFERING, ("/supply", {**_REGION, "request": "id"})),
    ((HitKind.OFFER,), _OFFERING, ("/supply", {**_REGION, "offer": "id"})),
    ((HitKind.SESSION,), (Role.DSO, Role.TSO, *_OFFERING), ("/results", _SESSION)),
    ((HitKind.OFFER,), (Role.DSO,), ("/results", {**_SESSION, "offer": "id"})),
    ((HitKind.COMPANY,), (Role.PLACE_OPERATOR,), ("/place", {"company": "id"})),
    ((HitKind.COMPANY,), (Role.REQUESTER,), ("/requester", {"q": "label"})),
    ((HitKind.COMPANY,), (Role.PROVIDER,), ("/place/registration", {})),
    ((HitKind.SERVICE_OFFER,), (Role.PLACE_OPERATOR, Role.REQUESTER), ("/requester", {"offer": "id"})),
    ((HitKind.SERVICE_OFFER,), (Role.PROVIDER,), ("/provider", {"offer": "id"})),
    ((HitKind.SERVICE_REQUEST,), (Role.REQUESTER,), ("/requester/requests", {"request": "id"})),
    ((HitKind.SERVICE_REQUEST,), (Role.PROVIDER,), ("/place/proposals", {"request": "id"})),
    ((HitKind.SUBSCRIPTION,), _OF_PLACE, ("/place/subscriptions", {"subscription": "id"})),
    ((HitKind.SESSION,), _SUPPLYING, ("/wholesale", {"day": "delivery_day"})),
)
TARGETS: Mapping[tuple[HitKind, Role], Target] = {
    (kind, role): target for kinds, roles, target in _ROWS for kind in kinds for role in roles
}


def link(hit: Hit, role: Role) -> str | None:
    """The permalink, or None where the role has no page that shows such a thing."""
    target = TARGETS.get((hit.kind, role))
    if target is None:
        return None
    path, keys = target
    values = {key: str(getattr(hit, name)) for key, name in keys.items() if getattr(hit, name)}
    return f"{path}?{urlencode(values)}" if values else path
