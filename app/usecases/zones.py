"""Grid zones and congested regions: a DSO draws and registers them in its own region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.bridge import networks
from app.usecases.ownership import own_region
from app.zones import buses_within, network_of
from domain.commands import (
    ChangeZone,
    CloseCongestedRegion,
    DefineZone,
    RegisterCongestedRegion,
    RemoveZone,
)
from domain.errors import Finding, raise_if, refuse
from domain.events import CongestedRegionClosed, CongestedRegionRegistered, ZonesChanged
from domain.flexibility.grids import Network
from domain.flexibility.zones import (
    MOST_ELEMENTS,
    MOST_ZONES,
    CongestedRegion,
    Corner,
    GridZone,
    corner_findings,
)
from domain.ids import CongestedRegionId, RegionId, ZoneId, new_id
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings


def define_zone(uow: UnitOfWork, principal: Principal, command: DefineZone) -> GridZone:
    """A new zone with at least one bus of the region's network in it.

    Raises:
        Refused: `not_yours`, `no_network`, `duplicate` name, all findings on name and corners.
    """
    region = own_region(uow, principal, command.region_id)
    others = uow.find(GridZone, region_id=region.id)
    raise_if(_zone_findings(uow, region.id, command, others))
    if len(others) >= MOST_ZONES:
        raise refuse("out_of_range", "region_id", f"A region has at most {MOST_ZONES} zones; remove one first.")
    zone = GridZone(
        id=ZoneId(new_id("GZ")), region_id=region.id, name=command.name.strip(), corners=command.corners
    )
    uow.add(zone)
    uow.record(ZonesChanged(zone_id=zone.id, region_id=region.id))
    return zone


def change_zone(uow: UnitOfWork, principal: Principal, command: ChangeZone) -> GridZone:
    """Another name or other corners. Raises `Refused` as `define_zone`, `not_found`."""
    zone = _own_zone(uow, principal, command.zone_id)
    others = tuple(other for other in uow.find(GridZone, region_id=zone.region_id) if other.id != zone.id)
    raise_if(_zone_findings(uow, zone.region_id, command, others))
    changed = replace(zone, name=command.name.strip(), corners=command.corners)
    uow.save(changed)
    uow.record(ZonesChanged(zone_id=zone.id, region_id=zone.region_id))
    return changed


def remove_zone(uow: UnitOfWork, principal: Principal, command: RemoveZone) -> None:
    """Take a zone away. Raises `Refused`: `not_found`, `not_yours`, `in_use` by a congested region that stands."""
    zone = _own_zone(uow, principal, command.zone_id)
    using = uow.find(CongestedRegion, region_id=zone.region_id, zone_id=zone.id, active=True)
    if using:
        raise refuse("in_use", "zone_id", f"The congested region {using[0].name} needs the zone; close it first.")
    uow.remove(zone)
    uow.record(ZonesChanged(zone_id=zone.id, region_id=zone.region_id))


def _own_zone(uow: UnitOfWork, principal: Principal, zone_id: ZoneId) -> GridZone:
    zone = uow.get(GridZone, zone_id)
    own_region(uow, principal, zone.region_id, "zone_id")
    return zone


def _zone_findings(
    uow: UnitOfWork, region_id: RegionId, command: DefineZone | ChangeZone, others: Sequence[GridZone]
) -> list[Finding]:
    found = text_findings(command.name, "name")
    if command.name.strip() in {other.name for other in others}:
        found.append(Finding(code="duplicate", field="name", sentence="Another zone has this name."))
    found += corner_findings(command.corners)
    return found or _place_findings(_network(uow, region_id), command.corners)


def _place_findings(network: Network, corners: tuple[Corner, ...]) -> list[Finding]:
    if not networks.places(networks.read(network.document)):
        sentence = "The network does not say where its buses are; upload it with `lon` and `lat` of every bus."
        return [Finding(code="no_bus_inside", field="corners", sentence=sentence)]
    if buses_within(network, corners):
        return []
    sentence = "No bus of your grid is inside; move the corners around the buses that the zone is to have."
    return [Finding(code="no_bus_inside", field="corners", sentence=sentence)]


def _network(uow: UnitOfWork, region_id: RegionId) -> Network:
    network = network_of(uow, region_id)
    if network is None:
        raise refuse("no_network", "region_id", "Upload the network first.")
    return network


def register_congested_region(
    uow: UnitOfWork, principal: Principal, command: RegisterCongestedRegion
) -> CongestedRegion:
    """A congestion point that requests can be published for.

    Raises:
        Refused: `not_yours`, `no_network`, `duplicate` name, all findings on name, note, zone and elements.
    """
    region = own_region(uow, principal, command.region_id)
    facts = networks.read(_network(uow, region.id).document)
    found = text_findings(command.name, "name")
    if command.note.strip():
        found += text_findings(command.note, "note", REASON)
    standing = uow.find(CongestedRegion, region_id=region.id, active=True)
    if command.name.strip() in {point.name for point in standing}:
        found.append(Finding(code="duplicate", field="name", sentence="Another congested region has this name."))
    if command.zone_id is not None and not uow.find(GridZone, id=command.zone_id, region_id=region.id):
        found.append(Finding(code="not_found", field="zone_id", sentence="There is no such zone in your region."))
    raise_if(found + _element_findings(command, facts))
    point = CongestedRegion(
        id=CongestedRegionId(new_id("CR")),
        region_id=region.id,
        name=command.name.strip(),
        registered_at=uow.market,
        zone_id=command.zone_id,
        elements=command.elements,
        note=command.note.strip(),
    )
    uow.add(point)
    uow.record(CongestedRegionRegistered(congested_region_id=point.id, region_id=region.id))
    return point


def _element_findings(command: RegisterCongestedRegion, facts: networks.NetworkFacts) -> list[Finding]:
    if command.zone_id is None and not command.elements:
        return [Finding(code="missing", field="elements", sentence="Choose a zone, or name buses or branches.")]
    if len(command.elements) > MOST_ELEMENTS:
        sentence = f"{len(command.elements)} elements; at most {MOST_ELEMENTS} are allowed. Draw a zone instead."
        return [Finding(code="out_of_range", field="elements", sentence=sentence)]
    known = {*facts.bus_ids, *facts.branch_ids}
    found = []
    for index, element in enumerate(command.elements):
        field = f"elements[{index}]"
        if element not in known:
            sentence = f"Your grid has no bus or branch {element[:60]}."
            found.append(Finding(code="unknown_bus", field=field, sentence=sentence))
        elif element in command.elements[:index]:
            found.append(Finding(code="duplicate", field=field, sentence=f"{element} is named twice."))
    return found[:10]


def close_congested_region(
    uow: UnitOfWork, principal: Principal, command: CloseCongestedRegion
) -> CongestedRegion:
    """It is congested no more; what was published for it stays. Raises `Refused`: `not_yours`, `wrong_state`."""
    point = uow.get(CongestedRegion, command.congested_region_id)
    own_region(uow, principal, point.region_id, "congested_region_id")
    if not point.active:
        raise refuse("wrong_state", "congested_region_id", "It is closed already.")
    closed = replace(point, active=False)
    uow.save(closed)
    uow.record(CongestedRegionClosed(congested_region_id=point.id, region_id=point.region_id))
    return closed
