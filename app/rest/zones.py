"""Grid zones, congested regions, conditional confirmation; for the TSO reviews, coupling, locations and calls."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response

from app.queries.models import GetLocations, ListCongestedRegions, ListZones, SumByCoupling, SumCalls
from app.rest import zones_schemas as s
from app.rest.access import FromCaller
from app.rest.assets_schemas import AssetOut
from app.rest.fields import Id
from app.rest.market_schemas import RequestOut
from app.rest.schemas import Items, RegionFilter
from app.rest.strict import StrictRoute
from domain.commands import (
    ChangeZone,
    CloseCongestedRegion,
    ConfirmConditionally,
    DefineZone,
    RegisterCongestedRegion,
    RemoveZone,
    ReviewRequest,
    Verdict,
)
from domain.errors import refuse
from domain.flexibility.conditions import Condition
from domain.flexibility.zones import CongestedRegion, Corner, GridZone
from domain.ids import AssetId, CongestedRegionId, RegionId, RequestId, ZoneId

router = APIRouter(route_class=StrictRoute, tags=["zones"])
PathId = Annotated[Id, Path()]


@router.get("/zones")
def list_zones(caller: FromCaller, where: Annotated[RegionFilter, Query()]) -> Items[s.ZoneOut]:
    """Grid zones with their corners and buses."""
    region_id = RegionId(where.region_id) if where.region_id else None
    return Items(items=_zones(caller, region_id))


@router.post("/zones", status_code=201)
def define_zone(caller: FromCaller, body: s.ZoneIn, response: Response) -> s.ZoneOut:
    """DSO: define a zone of an own region."""
    command = DefineZone(region_id=RegionId(body.region_id), name=body.name, corners=_corners(body))
    zone = cast(GridZone, caller.execute(command))
    response.headers["Location"] = f"/api/v1/zones/{zone.id}"
    return _zone(caller, zone)


@router.put("/zones/{zone_id}")
def change_zone(caller: FromCaller, zone_id: PathId, body: s.AreaIn) -> s.ZoneOut:
    """DSO: another name or other corners."""
    command = ChangeZone(zone_id=ZoneId(zone_id), name=body.name, corners=_corners(body))
    return _zone(caller, cast(GridZone, caller.execute(command)))


@router.delete("/zones/{zone_id}", status_code=204)
def remove_zone(caller: FromCaller, zone_id: PathId) -> None:
    """DSO: take a zone away that no congested region needs."""
    caller.execute(RemoveZone(zone_id=ZoneId(zone_id)))


def _corners(body: s.AreaIn) -> tuple[Corner, ...]:
    return tuple(Corner(lon=corner.lon, lat=corner.lat) for corner in body.corners)


def _zones(caller: FromCaller, region_id: RegionId | None) -> list[s.ZoneOut]:
    return [
        s.ZoneOut(
            id=row.zone.id,
            region_id=row.zone.region_id,
            name=row.zone.name,
            corners=[s.CornerOut.model_validate(corner) for corner in row.zone.corners],
            buses=list(row.buses),
        )
        for row in caller.query(ListZones(region_id=region_id))
    ]


def _zone(caller: FromCaller, zone: GridZone) -> s.ZoneOut:
    for row in _zones(caller, zone.region_id):
        if row.id == zone.id:
            return row
    raise refuse("not_found", "zone_id", "There is no such zone.")


@router.get("/congested-regions")
def list_congested(caller: FromCaller, where: Annotated[s.CongestedFilter, Query()]) -> Items[s.CongestedOut]:
    """Registered congestion points; closed ones with `all_states`."""
    region_id = RegionId(where.region_id) if where.region_id else None
    return Items(items=_congested(caller, region_id, where.all_states))


@router.post("/congested-regions", status_code=201)
def register_congested(caller: FromCaller, body: s.CongestedIn) -> s.CongestedOut:
    """DSO: register a congestion point of an own region."""
    command = RegisterCongestedRegion(
        region_id=RegionId(body.region_id),
        name=body.name,
        zone_id=ZoneId(body.zone_id) if body.zone_id else None,
        elements=tuple(body.elements),
        note=body.note,
    )
    return _point(caller, cast(CongestedRegion, caller.execute(command)))


@router.post("/congested-regions/{congested_region_id}/close")
def close_congested(caller: FromCaller, congested_region_id: PathId) -> s.CongestedOut:
    """DSO: it is congested no more."""
    command = CloseCongestedRegion(congested_region_id=CongestedRegionId(congested_region_id))
    return _point(caller, cast(CongestedRegion, caller.execute(command)))


def _congested(caller: FromCaller, region_id: RegionId | None, all_states: bool) -> list[s.CongestedOut]:
    rows = caller.query(ListCongestedRegions(region_id=region_id, all_states=all_states))
    return [
        s.CongestedOut(
            id=row.point.id,
            region_id=row.point.region_id,
            name=row.point.name,
            zone_id=row.point.zone_id,
            elements=list(row.point.elements),
            buses=list(row.buses),
            note=row.point.note,
            active=row.point.active,
            registered_at=row.point.registered_at,
        )
        for row in rows
    ]


def _point(caller: FromCaller, point: CongestedRegion) -> s.CongestedOut:
    for row in _congested(caller, point.region_id, True):
        if row.id == point.id:
            return row
    raise refuse("not_found", "congested_region_id", "There is no such congested region.")


@router.post("/assets/{asset_id}/confirm-conditionally")
def confirm_conditionally(caller: FromCaller, asset_id: PathId, body: s.ConditionIn) -> AssetOut:
    """DSO: the asset may be offered up to a limit."""
    condition = Condition(
        most_up_mw=body.most_up_mw,
        most_down_mw=body.most_down_mw,
        from_hour=body.from_hour,
        to_hour=body.to_hour,
    )
    command = ConfirmConditionally(asset_id=AssetId(asset_id), condition=condition, reason=body.reason)
    return AssetOut.model_validate(caller.execute(command))


@router.put("/requests/{request_id}/review")
def review_request(caller: FromCaller, request_id: PathId, body: s.ReviewIn) -> RequestOut:
    """TSO: accept, hold or ask to change a request below its grid."""
    command = ReviewRequest(request_id=RequestId(request_id), verdict=Verdict(body.verdict), note=body.note)
    return RequestOut.model_validate(caller.execute(command))


@router.get("/coupling")
def sum_by_coupling(caller: FromCaller, where: Annotated[s.DayFilter, Query()]) -> Items[s.CouplingOut]:
    """Requests, awards and exchange by region and coupling point."""
    rows = caller.query(SumByCoupling(delivery_day=where.delivery_day))
    return Items(
        items=[
            s.CouplingOut(
                region_id=row.region.id,
                coupling_bus=row.coupling_bus,
                requested_up_mw=list(row.requested_up_mw),
                requested_down_mw=list(row.requested_down_mw),
                awarded_up_mw=list(row.awarded_up_mw),
                awarded_down_mw=list(row.awarded_down_mw),
                p_before_mw=None if row.p_before_mw is None else row.p_before_mw.tolist(),
                p_after_mw=None if row.p_after_mw is None else row.p_after_mw.tolist(),
            )
            for row in rows
        ]
    )


@router.get("/locations")
def list_locations(caller: FromCaller, where: Annotated[s.LocationFilter, Query()]) -> Items[s.LocationOut]:
    """Schedules and baselines of a region's day by bus."""
    query = GetLocations(region_id=RegionId(where.region_id), delivery_day=where.delivery_day)
    day = caller.query(query)
    if day is None:
        raise refuse("no_result", "delivery_day", "The day has no schedules yet.")
    return Items(
        items=[
            s.LocationOut(
                bus=bus,
                zone=day.zone_of_bus[k],
                production_mw=day.production_mw[:, k].tolist(),
                load_mw=day.load_mw[:, k].tolist(),
                baseline_mw=day.baseline_mw[:, k].tolist(),
            )
            for k, bus in enumerate(day.bus_ids)
        ]
    )


@router.get("/calls")
def sum_calls(caller: FromCaller, where: Annotated[s.DayFilter, Query()]) -> Items[s.CallOut]:
    """What was asked, awarded and answered by region."""
    return Items(
        items=[
            s.CallOut(
                region_id=row.region.id,
                coupling_bus=row.coupling_bus,
                up=s.CallSumsOut.model_validate(row.up),
                down=s.CallSumsOut.model_validate(row.down),
                n_held=row.n_held,
                delivered_if_kept_mwh=row.delivered_if_kept_mwh,
            )
            for row in caller.query(SumCalls(delivery_day=where.delivery_day))
        ]
    )
