"""Grid zones, congested regions, conditional confirmation; for the TSO reviews, coupling, locations and calls."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response

from app.queries.models import (
    CallRow,
    CongestedRow,
    CouplingRow,
    GetLocations,
    ListCongestedRegions,
    ListZones,
    LocationDay,
    SumByCoupling,
    SumCalls,
    ZoneRow,
)
from app.rest import zones_schemas as s
from app.rest.access import Caller, FromCaller
from app.rest.assets_schemas import AssetOut
from app.rest.fields import Id
from app.rest.market_schemas import RequestOut
from app.rest.paging import FromPager, Listing, only
from app.rest.schemas import DayFilter, Page, RegionFilter
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
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
from domain.flexibility.assets import FlexAsset
from domain.flexibility.conditions import Condition
from domain.flexibility.market import FlexRequest
from domain.flexibility.zones import CongestedRegion, Corner, GridZone
from domain.ids import AssetId, CongestedRegionId, RegionId, RequestId, ZoneId

router = APIRouter(route_class=StrictRoute, tags=["zones"])
PathId = Annotated[Id, Path()]
ZONES = Listing(s.ZoneOut, "region_id,name,id")
CONGESTED = Listing(s.CongestedOut, "region_id,-active,name,id", by=("registered_at", "zone_id"))
COUPLING = Listing(s.CouplingOut, "region_id", by=("coupling_bus",))
LOCATIONS = Listing(s.LocationOut)
CALLS = Listing(s.CallOut, "region_id", by=("coupling_bus", "n_held"))


@router.get("/zones")
def list_zones(caller: FromCaller, pager: FromPager, where: Annotated[RegionFilter, Query()]) -> Page[s.ZoneOut]:
    """Grid zones with their corners and buses."""
    region_id = RegionId(where.region_id) if where.region_id else None
    return pager.page(ZONES, where, caller.query(ListZones(region_id=region_id)), _zone_out)


@router.get("/zones/{zone_id}")
def get_zone(caller: FromCaller, zone_id: PathId, response: Response) -> s.ZoneOut:
    """One grid zone."""
    row = only(caller.query(ListZones()), "zone_id", lambda row: row.zone.id == zone_id)
    tag(response, row.zone.version)
    return _zone_out(row)


@router.post("/zones", status_code=201)
def define_zone(caller: FromCaller, body: s.ZoneIn, response: Response) -> s.ZoneOut:
    """DSO: define a zone of an own region."""
    command = DefineZone(region_id=RegionId(body.region_id), name=body.name, corners=_corners(body))
    zone = cast(GridZone, caller.execute(command))
    response.headers["Location"] = f"/api/v1/zones/{zone.id}"
    return _zone(caller, zone)


@router.put("/zones/{zone_id}")
def change_zone(caller: FromChanger, zone_id: PathId, body: s.AreaIn) -> s.ZoneOut:
    """DSO: another name or other corners."""
    command = ChangeZone(zone_id=ZoneId(zone_id), name=body.name, corners=_corners(body))
    return _zone(caller, cast(GridZone, caller.change(command, GridZone, id=zone_id)))


@router.delete("/zones/{zone_id}", status_code=204)
def remove_zone(caller: FromChanger, zone_id: PathId) -> None:
    """DSO: take a zone away that no congested region needs."""
    caller.change(RemoveZone(zone_id=ZoneId(zone_id)), GridZone, id=zone_id)


def _corners(body: s.AreaIn) -> tuple[Corner, ...]:
    return tuple(Corner(lon=corner.lon, lat=corner.lat) for corner in body.corners)


def _zone_out(row: ZoneRow) -> s.ZoneOut:
    return s.ZoneOut(
        id=row.zone.id,
        region_id=row.zone.region_id,
        name=row.zone.name,
        corners=[s.CornerOut.model_validate(corner) for corner in row.zone.corners],
        buses=list(row.buses),
    )


def _zone(caller: Caller, zone: GridZone) -> s.ZoneOut:
    rows = caller.query(ListZones(region_id=zone.region_id))
    return _zone_out(only(rows, "zone_id", lambda row: row.zone.id == zone.id))


@router.get("/congested-regions")
def list_congested_regions(
    caller: FromCaller, pager: FromPager, where: Annotated[s.CongestedFilter, Query()]
) -> Page[s.CongestedOut]:
    """Registered congestion points; closed ones with `all_states`."""
    region_id = RegionId(where.region_id) if where.region_id else None
    rows = caller.query(ListCongestedRegions(region_id=region_id, all_states=where.all_states))
    return pager.page(CONGESTED, where, rows, _congested_out)


@router.get("/congested-regions/{congested_region_id}")
def get_congested_region(caller: FromCaller, congested_region_id: PathId, response: Response) -> s.CongestedOut:
    """One registered congestion point."""
    rows = caller.query(ListCongestedRegions(all_states=True))
    row = only(rows, "congested_region_id", lambda row: row.point.id == congested_region_id)
    tag(response, row.point.version)
    return _congested_out(row)


@router.post("/congested-regions", status_code=201)
def register_congested_region(caller: FromCaller, body: s.CongestedIn, response: Response) -> s.CongestedOut:
    """DSO: register a congestion point of an own region."""
    command = RegisterCongestedRegion(
        region_id=RegionId(body.region_id),
        name=body.name,
        zone_id=ZoneId(body.zone_id) if body.zone_id else None,
        elements=tuple(body.elements),
        note=body.note,
    )
    point = cast(CongestedRegion, caller.execute(command))
    response.headers["Location"] = f"/api/v1/congested-regions/{point.id}"
    return _point(caller, point)


@router.post("/congested-regions/{congested_region_id}/close")
def close_congested_region(caller: FromChanger, congested_region_id: PathId) -> s.CongestedOut:
    """DSO: it is congested no more."""
    command = CloseCongestedRegion(congested_region_id=CongestedRegionId(congested_region_id))
    return _point(caller, cast(CongestedRegion, caller.change(command, CongestedRegion, id=congested_region_id)))


def _congested_out(row: CongestedRow) -> s.CongestedOut:
    return s.CongestedOut(
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


def _point(caller: Caller, point: CongestedRegion) -> s.CongestedOut:
    rows = caller.query(ListCongestedRegions(region_id=point.region_id, all_states=True))
    return _congested_out(only(rows, "congested_region_id", lambda row: row.point.id == point.id))


@router.post("/assets/{asset_id}/confirm-conditionally")
def confirm_asset_conditionally(caller: FromChanger, asset_id: PathId, body: s.ConditionIn) -> AssetOut:
    """DSO: the asset may be offered up to a limit."""
    condition = Condition(
        most_up_mw=body.most_up_mw,
        most_down_mw=body.most_down_mw,
        from_hour=body.from_hour,
        to_hour=body.to_hour,
    )
    command = ConfirmConditionally(asset_id=AssetId(asset_id), condition=condition, reason=body.reason)
    return AssetOut.model_validate(caller.change(command, FlexAsset, id=asset_id))


@router.put("/requests/{request_id}/review")
def review_request(caller: FromChanger, request_id: PathId, body: s.ReviewIn) -> RequestOut:
    """TSO: accept, hold or ask to change a request below its grid."""
    command = ReviewRequest(request_id=RequestId(request_id), verdict=Verdict(body.verdict), note=body.note)
    return RequestOut.model_validate(caller.change(command, FlexRequest, id=request_id))


@router.get("/coupling")
def sum_by_coupling(
    caller: FromCaller, pager: FromPager, where: Annotated[DayFilter, Query()]
) -> Page[s.CouplingOut]:
    """Requests, awards and exchange by region and coupling point."""
    rows = caller.query(SumByCoupling(delivery_day=where.delivery_day))
    return pager.page(COUPLING, where, rows, _coupling_out)


def _coupling_out(row: CouplingRow) -> s.CouplingOut:
    return s.CouplingOut(
        region_id=row.region.id,
        coupling_bus=row.coupling_bus,
        requested_up_mw=list(row.requested_up_mw),
        requested_down_mw=list(row.requested_down_mw),
        awarded_up_mw=list(row.awarded_up_mw),
        awarded_down_mw=list(row.awarded_down_mw),
        p_before_mw=None if row.p_before_mw is None else row.p_before_mw.tolist(),
        p_after_mw=None if row.p_after_mw is None else row.p_after_mw.tolist(),
    )


@router.get("/locations")
def list_locations(
    caller: FromCaller, pager: FromPager, where: Annotated[s.LocationFilter, Query()]
) -> Page[s.LocationOut]:
    """Schedules and baselines of a region's day by bus."""
    query = GetLocations(region_id=RegionId(where.region_id), delivery_day=where.delivery_day)
    day = caller.query(query)
    if day is None:
        raise refuse("no_result", "delivery_day", "The day has no schedules yet.")
    return pager.page(LOCATIONS, where, tuple(range(len(day.bus_ids))), lambda k: _location_out(day, k))


def _location_out(day: LocationDay, k: int) -> s.LocationOut:
    return s.LocationOut(
        bus=day.bus_ids[k],
        zone=day.zone_of_bus[k],
        production_mw=day.production_mw[:, k].tolist(),
        load_mw=day.load_mw[:, k].tolist(),
        baseline_mw=day.baseline_mw[:, k].tolist(),
    )


@router.get("/calls")
def sum_calls(caller: FromCaller, pager: FromPager, where: Annotated[DayFilter, Query()]) -> Page[s.CallOut]:
    """What was asked, awarded and answered by region."""
    return pager.page(CALLS, where, caller.query(SumCalls(delivery_day=where.delivery_day)), _call_out)


def _call_out(row: CallRow) -> s.CallOut:
    return s.CallOut(
        region_id=row.region.id,
        coupling_bus=row.coupling_bus,
        up=s.CallSumsOut.model_validate(row.up),
        down=s.CallSumsOut.model_validate(row.down),
        n_held=row.n_held,
        delivered_if_kept_mwh=row.delivered_if_kept_mwh,
    )
