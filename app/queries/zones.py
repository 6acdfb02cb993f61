"""Zones and congested regions with their buses; a grid's locations over the day; what became of calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from app.bridge import locations, networks
from app.offering import schedule_of
from app.queries import models as q
from app.queries.market import session_of_day
from app.queries.visibility import region_for, visible_awards, visible_regions
from app.zones import buses_of, buses_within, network_of
from domain.flexibility.assets import AssetBaseline, Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.grids import Schedule
from domain.flexibility.market import Activation, Award, FlexRequest, MarketSession
from domain.flexibility.zones import CongestedRegion, GridZone
from domain.ids import AwardId, RegionId
from domain.lifecycle import MAY_OFFER, ActivationState, RequestState
from domain.parties import Principal, Region
from domain.ports import UnitOfWork
from domain.time import DeliveryDay
from domain.units import Series, add_series, energy_mwh


def _regions(uow: UnitOfWork, principal: Principal, region_id: RegionId | None) -> tuple[Region, ...]:
    return (region_for(uow, principal, region_id),) if region_id else visible_regions(uow, principal)


def list_zones(uow: UnitOfWork, principal: Principal, query: q.ListZones) -> tuple[q.ZoneRow, ...]:
    """Raises `Refused` (`not_found`) for a region that the asker may not see."""
    rows: list[q.ZoneRow] = []
    for region in _regions(uow, principal, query.region_id):
        network = network_of(uow, region.id)
        zones = sorted(uow.find(GridZone, region_id=region.id), key=lambda zone: (zone.name, zone.id))
        rows += [q.ZoneRow(zone=zone, buses=buses_within(network, zone.corners)) for zone in zones]
    return tuple(rows)


def list_congested(
    uow: UnitOfWork, principal: Principal, query: q.ListCongestedRegions
) -> tuple[q.CongestedRow, ...]:
    """Raises `Refused` (`not_found`) for a region that the asker may not see."""
    rows: list[q.CongestedRow] = []
    for region in _regions(uow, principal, query.region_id):
        network = network_of(uow, region.id)
        zones = {zone.id: zone for zone in uow.find(GridZone, region_id=region.id)}
        wanted = {} if query.all_states else {"active": True}
        points = uow.find(CongestedRegion, region_id=region.id, **wanted)
        rows += [
            q.CongestedRow(
                point=point,
                zone_name=zones[point.zone_id].name if point.zone_id in zones else "",
                buses=buses_of(network, point, zones),
            )
            for point in sorted(points, key=lambda point: (not point.active, point.name, point.id))
        ]
    return tuple(rows)


def get_locations(uow: UnitOfWork, principal: Principal, query: q.GetLocations) -> q.LocationDay | None:
    """Raises `Refused` (`not_found`) for a region that the asker may not see."""
    region = region_for(uow, principal, query.region_id)
    schedules = uow.find(Schedule, region_id=region.id, delivery_day=query.delivery_day)
    if network_of(uow, region.id) is None or not schedules:
        return None
    planned = schedule_of(uow, region.id, query.delivery_day)
    facts = networks.read(schedules[0].network_document)
    assets = {a.id: a for a in uow.find(FlexAsset, region_id=region.id, state=MAY_OFFER)}
    baselines = uow.find(AssetBaseline, asset_id=tuple(assets), delivery_day=query.delivery_day)
    own = {assets[b.asset_id].unit_id: b.p_mw for b in baselines if assets[b.asset_id].unit_id in planned.p_mw}
    summed = locations.by_bus(facts, planned.p_mw, own)
    return q.LocationDay(
        region=region,
        bus_ids=facts.bus_ids,
        zone_of_bus=tuple(facts.zone_of_bus[bus] for bus in facts.bus_ids),
        production_mw=summed.production_mw,
        load_mw=summed.load_mw,
        baseline_mw=summed.baseline_mw,
        n_baselines=len(own),
        n_assets=len(assets),
    )


def sum_calls(uow: UnitOfWork, principal: Principal, query: q.SumCalls) -> tuple[q.CallRow, ...]:
    """One row for each visible region that has a network and a session for the day."""
    rows = []
    for region in visible_regions(uow, principal):
        network = network_of(uow, region.id)
        session = session_of_day(uow, region, query.delivery_day)
        if network is not None and session is not None:
            bus = networks.read(network.document).coupling_bus
            rows.append(_call_row(uow, principal, region, bus, session))
    return tuple(rows)


def _call_row(
    uow: UnitOfWork, principal: Principal, region: Region, coupling_bus: str, session: MarketSession
) -> q.CallRow:
    found = uow.find(FlexRequest, session_id=session.id)
    requests = [r for r in found if r.state is not RequestState.WITHDRAWN]
    awards = visible_awards(principal, session, uow.find(Award, session_id=session.id))
    calls = {a.award_id: a.state for a in uow.find(Activation, session_id=session.id)}
    n_steps = DeliveryDay(day=session.delivery_day).n_steps
    up, down = (_sums(requests, awards, calls, direction, n_steps) for direction in Direction)
    return q.CallRow(
        region=region,
        coupling_bus=coupling_bus,
        up=up,
        down=down,
        n_held=sum(request.held for request in requests),
        delivered_if_kept_mwh=energy_mwh(up.acknowledged_mw) - energy_mwh(down.acknowledged_mw),
    )


def _sums(
    requests: Iterable[FlexRequest],
    awards: Iterable[Award],
    calls: Mapping[AwardId, ActivationState],
    direction: Direction,
    n_steps: int,
) -> q.CallSums:
    wanted = (direction, Commodity.P)
    asked = [r.quantity_mw for r in requests if (r.direction, r.commodity) == wanted and not r.held]
    own = [award for award in awards if (award.direction, award.commodity) == wanted]

    def of(*states: ActivationState) -> Series:
        kept: list[tuple[Decimal, ...]] = [a.accepted_mw for a in own if calls.get(a.id) in states]
        return add_series(kept, n_steps)

    return q.CallSums(
        requested_mw=add_series(asked, n_steps),
        awarded_mw=add_series([award.accepted_mw for award in own], n_steps),
        acknowledged_mw=of(ActivationState.ACKNOWLEDGED),
        refused_mw=of(ActivationState.REFUSED),
    )
