"""Which buses zones and congested regions hold, on the region's present network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from app.bridge import networks
from domain.flexibility.grids import Network
from domain.flexibility.zones import CongestedRegion, Corner, GridZone, inside
from domain.ids import RegionId, ZoneId
from domain.ports import UnitOfWork


def network_of(uow: UnitOfWork, region_id: RegionId) -> Network | None:
    """A region's present network, or None before it is uploaded."""
    found = uow.find(Network, id=region_id)
    return found[0] if found else None


def buses_within(network: Network | None, corners: tuple[Corner, ...]) -> tuple[str, ...]:
    """The network's buses in an area; none without a network or without its coordinates."""
    return () if network is None else _within(network.document, corners)


@lru_cache(maxsize=256)
def _within(document: str, corners: tuple[Corner, ...]) -> tuple[str, ...]:
    return inside(networks.places(networks.read(document)), corners)


def buses_of(network: Network | None, point: CongestedRegion, zones: Mapping[ZoneId, GridZone]) -> tuple[str, ...]:
    """A congested region's buses: those of its zone, those it names, and both ends of the branches it names."""
    if network is None:
        return ()
    facts, named = networks.read(network.document), set(point.elements)
    zone = zones.get(point.zone_id) if point.zone_id else None
    wanted = {*named, *(buses_within(network, zone.corners) if zone else ())}
    for branch in facts.grid.branches:
        if branch.id in named:
            wanted |= {branch.from_bus, branch.to_bus}
    return tuple(bus for bus in facts.bus_ids if bus in wanted)
