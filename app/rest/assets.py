"""FlexAssets, the units they stand behind, and their baselines."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Query, Response

from app.queries.models import GetAssetDay, ListAssets, ListUnits
from app.rest import assets_schemas as s
from app.rest.access import FromCaller
from app.rest.assets_schemas import AssetOut
from app.rest.fields import Day, Id
from app.rest.paging import FromPager, Listing, only
from app.rest.schemas import Page, Paging, ReasonIn, RegionFilter
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
from domain.commands import ConfirmAsset, RefuseAsset, RegisterAsset, UploadBaseline
from domain.flexibility.assets import AssetBaseline, AssetKind, FlexAsset
from domain.ids import AssetId, PartyId, RegionId

router = APIRouter(route_class=StrictRoute, tags=["assets"])
PathId = Annotated[Id, Path()]
PathDay = Annotated[Day, Path()]
UNITS = Listing(s.UnitOut, "unit_id", by=("bus", "kind", "type", "p_max_mw"))
ASSETS = Listing(AssetOut, "name,id", by=("owner_id", "region_id", "unit_id", "bus", "kind", "state"))


@router.get("/regions/{region_id}/units")
def list_units(
    caller: FromCaller, pager: FromPager, region_id: PathId, where: Annotated[Paging, Query()]
) -> Page[s.UnitOut]:
    """Units of a region's network, with the asset behind each."""
    rows = caller.query(ListUnits(region_id=RegionId(region_id)))
    return pager.page(UNITS, where, rows, s.UnitOut.model_validate)


@router.get("/assets")
def list_assets(caller: FromCaller, pager: FromPager, where: Annotated[RegionFilter, Query()]) -> Page[AssetOut]:
    """FlexAssets that the caller may see."""
    region_id = RegionId(where.region_id) if where.region_id else None
    rows = caller.query(ListAssets(region_id=region_id))
    return pager.page(ASSETS, where, rows, AssetOut.model_validate)


@router.get("/assets/{asset_id}")
def get_asset(caller: FromCaller, asset_id: PathId, response: Response) -> AssetOut:
    """One FlexAsset."""
    asset = only(caller.query(ListAssets()), "asset_id", lambda row: row.id == asset_id)
    tag(response, asset.version)
    return AssetOut.model_validate(asset)


@router.post("/assets", status_code=201)
def register_asset(caller: FromCaller, body: s.AssetIn, response: Response) -> AssetOut:
    """Register an asset behind a unit of a DSO's network."""
    fields: dict[str, Any] = dict(body)
    fields |= {"region_id": RegionId(body.region_id), "kind": AssetKind(body.kind)}
    fields["brp_id"] = PartyId(body.brp_id) if body.brp_id else None
    fields["customer_id"] = PartyId(body.customer_id) if body.customer_id else None
    asset = cast(FlexAsset, caller.execute(RegisterAsset(**fields)))
    response.headers["Location"] = f"/api/v1/assets/{asset.id}"
    return AssetOut.model_validate(asset)


@router.post("/assets/{asset_id}/confirm")
def confirm_asset(caller: FromChanger, asset_id: PathId) -> AssetOut:
    """DSO: the asset may be offered from."""
    command = ConfirmAsset(asset_id=AssetId(asset_id))
    return AssetOut.model_validate(caller.change(command, FlexAsset, id=command.asset_id))


@router.post("/assets/{asset_id}/refuse")
def refuse_asset(caller: FromChanger, asset_id: PathId, body: ReasonIn) -> AssetOut:
    """DSO: the asset may not be offered from, and why."""
    command = RefuseAsset(asset_id=AssetId(asset_id), reason=body.reason)
    return AssetOut.model_validate(caller.change(command, FlexAsset, id=command.asset_id))


@router.get("/assets/{asset_id}/days/{delivery_day}")
def get_asset_day(caller: FromCaller, asset_id: PathId, delivery_day: PathDay) -> s.AssetDayOut:
    """An asset's day: schedule, baseline, what can be offered and what is."""
    day = caller.query(GetAssetDay(asset_id=AssetId(asset_id), delivery_day=delivery_day))
    return s.AssetDayOut(
        asset=AssetOut.model_validate(day.asset),
        schedule_p_mw=list(day.schedule_p_mw),
        baseline_p_mw=list(day.baseline.p_mw) if day.baseline else None,
        headroom=s.HeadroomOut.model_validate(day.headroom),
        offered=s.HeadroomOut.model_validate(day.offered),
    )


@router.put("/assets/{asset_id}/baselines/{delivery_day}")
def upload_baseline(
    caller: FromCaller, asset_id: PathId, delivery_day: PathDay, body: s.BaselineIn
) -> s.BaselineOut:
    """Owner: the asset's injection over a day."""
    command = UploadBaseline(asset_id=AssetId(asset_id), delivery_day=delivery_day, p_mw=tuple(body.p_mw))
    return s.BaselineOut.model_validate(cast(AssetBaseline, caller.execute(command)))
