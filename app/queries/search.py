"""Search: everything the asker may see elsewhere, by the words in its id, its name and its note.

Requests, offers, assets and parties come from the handlers that list them: whom they are shown to finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from app.bridge import networks
from app.queries import everyone, grids, market, search_place
from app.queries import models as q
from app.queries.visibility import OFFERING, sees_result, visible_regions
from domain.flexibility.commodity import Commodity
from domain.flexibility.grids import Network
from domain.flexibility.market import MarketSession
from domain.ids import SessionId
from domain.parties import PLACE, Principal, Region, Role
from domain.ports import UnitOfWork
from domain.units import energy_mwh, total

Find = Callable[[UnitOfWork, Principal], Iterable[q.Hit]]
MAX_CHARS = 200

_GRID = frozenset({Role.FMO, Role.DSO, Role.TSO, *OFFERING})
_OWNED = frozenset({Role.FMO, Role.DSO, *OFFERING})
_WITH_UNITS = _OWNED | {Role.RETAILER}
_PLAYERS = _GRID | {Role.RETAILER, Role.BRP}


def search(uow: UnitOfWork, principal: Principal, query: q.Search) -> tuple[q.Hit, ...]:
    """Best first: the word itself, what begins with it, what has a word that does, what holds it."""
    words = query.text[:MAX_CHARS].casefold().split()
    if not words:
        return ()
    found: list[tuple[tuple[int, int, str], q.Hit]] = []
    for place, (find, roles) in enumerate(FINDERS.values()):
        if principal.role in roles:
            hits = ((rank(hit, words), hit) for hit in find(uow, principal))
            found += [((worth, place, hit.label), hit) for worth, hit in hits if worth is not None]
    return tuple(hit for _, hit in sorted(found, key=lambda pair: pair[0])[: max(query.limit, 0)])


def rank(hit: q.Hit, words: list[str]) -> int | None:
    """0 is best; None when a word is nowhere in it."""
    text = f"{hit.id} {hit.label} {hit.note}".casefold()
    if not all(word in text for word in words):
        return None
    asked, names = " ".join(words), (hit.id.casefold(), hit.label.casefold())
    if asked in names:
        return 0
    if any(name.startswith(asked) for name in names):
        return 1
    parts = " ".join(names).split()
    return 2 if all(any(part.startswith(word) for part in parts) for word in words) else 3


@dataclass(frozen=True)
class _Place:
    """A visible region with its network and the session on which its elements are looked at."""

    region: Region
    network: networks.NetworkFacts
    session_id: SessionId | None

    def hit(self, kind: q.HitKind, id: str, note: str, bus: str) -> q.Hit:
        region_id = self.region.id
        return q.Hit(
            kind=kind, id=id, label=id, note=note, region_id=region_id, session_id=self.session_id, bus=bus
        )


def _places(uow: UnitOfWork, principal: Principal) -> Iterator[_Place]:
    for region in visible_regions(uow, principal):
        for network in uow.find(Network, id=region.id):
            sessions = uow.find(MarketSession, region_id=region.id)
            ranked = [(sees_result(principal, s), s.delivery_day, s.id) for s in sessions]
            newest = max(ranked)[2] if ranked else None
            yield _Place(region, networks.read(network.document), newest)


def _buses(uow: UnitOfWork, principal: Principal) -> Iterator[q.Hit]:
    for place in _places(uow, principal):
        for bus in place.network.bus_ids:
            yield place.hit(q.HitKind.BUS, bus, place.region.name, bus)


def _branches(uow: UnitOfWork, principal: Principal) -> Iterator[q.Hit]:
    for place in _places(uow, principal):
        for branch in place.network.branch_ids:
            yield place.hit(q.HitKind.BRANCH, branch, place.region.name, "")


def _units(uow: UnitOfWork, principal: Principal) -> Iterator[q.Hit]:
    for place in _places(uow, principal):
        for unit in place.network.units:
            note = f"{unit.kind} at {unit.bus}, {place.region.name}"
            yield place.hit(q.HitKind.UNIT, unit.unit_id, note, unit.bus)


def _assets(uow: UnitOfWork, principal: Principal) -> Iterator[q.Hit]:
    for asset in grids.list_assets(uow, principal, q.ListAssets()):
        yield q.Hit(
            kind=q.HitKind.ASSET,
            id=asset.id,
            label=asset.name,
            note=f"{asset.kind.value} at {asset.bus}, {asset.unit_id}, {asset.state.value}",
            region_id=asset.region_id,
            bus=asset.bus,
        )


def _parties(uow: UnitOfWork, principal: Principal) -> Iterator[q.Hit]:
    for party in everyone.list_parties(uow, principal, q.ListParties()):
        yield q.Hit(kind=q.HitKind.PARTY, id=party.id, label=party.name, note=party.role.value)


def _sessions(uow: UnitOfWork, principal: Principal) -> Iterator[q.Hit]:
    regions = {region.id: region.name for region in visible_regions(uow, principal)}
    for session in uow.find(MarketSession, region_id=tuple(regions)):
        yield q.Hit(
            kind=q.HitKind.SESSION,
            id=session.id,
            label=f"{regions[session.region_id]}, {session.delivery_day:%d.%m.%Y}",
            note=f"{session.id}, {session.state.value}",
            region_id=session.region_id,
            session_id=session.id,
            delivery_day=session.delivery_day,
        )


def _requests(uow: UnitOfWork, principal: Principal) -> Iterator[q.Hit]:
    days = _days(uow)
    for request in market.list_requests(uow, principal, q.ListRequests()):
        asked = _energy(energy_mwh(request.quantity_mw), request.commodity)
        yield q.Hit(
            kind=q.HitKind.REQUEST,
            id=request.id,
            label=f"{request.congestion_point}, {request.direction.value}",
            note=f"{request.id}, {asked}, {request.state.value}",
            region_id=request.region_id,
            session_id=request.session_id,
            delivery_day=days[request.session_id],
        )


def _offers(uow: UnitOfWork, principal: Principal) -> Iterator[q.Hit]:
    days = _days(uow)
    for row in market.list_offers(uow, principal, q.ListOffers()):
        offer = row.offer
        offered = _energy(total([energy_mwh(line.quantity_mw) for line in offer.lines]), offer.commodity)
        yield q.Hit(
            kind=q.HitKind.OFFER,
            id=offer.id,
            label=offer.id,
            note=f"{row.party.name}, {offer.direction.value}, {offered}, {offer.state.value}",
            region_id=offer.region_id,
            session_id=offer.session_id,
            delivery_day=days[offer.session_id],
        )


def _days(uow: UnitOfWork) -> dict[str, date]:
    return {session.id: session.delivery_day for session in uow.find(MarketSession)}


def _energy(value: object, commodity: Commodity) -> str:
    return f"{value:.2f} {commodity.units.energy}"


FINDERS: Mapping[q.HitKind, tuple[Find, frozenset[Role]]] = {
    q.HitKind.BUS: (_buses, _GRID),
    q.HitKind.BRANCH: (_branches, _GRID),
    q.HitKind.UNIT: (_units, _WITH_UNITS),
    q.HitKind.ASSET: (_assets, _WITH_UNITS),
    q.HitKind.PARTY: (_parties, _PLAYERS),
    q.HitKind.SESSION: (_sessions, _PLAYERS),
    q.HitKind.REQUEST: (_requests, _GRID | {Role.BRP}),
    q.HitKind.OFFER: (_offers, _OWNED),
    q.HitKind.COMPANY: (search_place.companies, PLACE),
    q.HitKind.SERVICE_OFFER: (search_place.offers, PLACE),
    q.HitKind.SERVICE_REQUEST: (search_place.wishes, PLACE),
    q.HitKind.SUBSCRIPTION: (search_place.subscriptions, PLACE),
}
"""For each kind how it is found and by whom: the roles of the query that lists it, which a test compares."""
