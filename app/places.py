"""Where flexibility is asked for and offered, by name: a zone, a congestion point, a bus, a whole region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.bridge import networks
from app.zones import buses_of, buses_within, network_of
from domain.errors import refuse
from domain.flexibility.grids import Network
from domain.flexibility.market import FlexRequest
from domain.flexibility.zones import CongestedRegion, GridZone
from domain.ids import RegionId
from domain.lifecycle import RequestState
from domain.parties import Region
from domain.ports import UnitOfWork

MOST_CHARS = 100


@dataclass(frozen=True, kw_only=True)
class Place:
    """A named place: its region and the buses that it holds there."""

    region_id: RegionId
    buses: tuple[str, ...]


def place_of(uow: UnitOfWork, name: str, regions: Iterable[Region], field: str = "region_id") -> Place:
    """The one place with a name in these regions. `REGION/NAME` says in which.

    Raises:
        Refused: `unknown_place`; `ambiguous_place` where several regions have one of that name.
    """
    found = [place for region in regions for place in _in(uow, name, region)]
    if not found:
        sentence = "No zone, congestion point, bus or region has this name, or it holds no bus."
        raise refuse("unknown_place", field, sentence)
    if len(found) > 1:
        several = ", ".join(f"{place.region_id}/{name}" for place in found)
        raise refuse("ambiguous_place", field, f"Several regions have one; say which: {several}.")
    return found[0]


def _in(uow: UnitOfWork, name: str, region: Region) -> Iterator[Place]:
    network = network_of(uow, region.id)
    if network is None:
        return
    own = name.removeprefix(f"{region.id}/")
    for buses in _meanings(uow, own, region, network):
        if buses:
            yield Place(region_id=region.id, buses=buses)
            return


def _meanings(uow: UnitOfWork, name: str, region: Region, network: Network) -> Iterator[tuple[str, ...]]:
    """What a name can mean in a region, the most particular first."""
    zones = {zone.id: zone for zone in uow.find(GridZone, region_id=region.id)}
    for zone in zones.values():
        if name in (zone.id, zone.name):
            yield buses_within(network, zone.corners)
    for point in uow.find(CongestedRegion, region_id=region.id, active=True):
        if name in (point.id, point.name):
            yield buses_of(network, point, zones)
    bus_ids = networks.read(network.document).bus_ids
    if name in bus_ids:
        yield (name,)
    for request in uow.find(FlexRequest, region_id=region.id, state=RequestState.PUBLISHED):
        if name == request.congestion_point:
            yield request.buses
    if name in (region.id, region.name):
        yield tuple(bus_ids)
