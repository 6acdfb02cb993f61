"""What a day needs before it is traded: networks, schedules and wholesale prices."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response

from app.queries.models import GetFiles, ListPrices
from app.rest import inputs_schemas as s
from app.rest.access import FromCaller
from app.rest.documents import TABLES, AsUploaded, JsonDocument, ScheduleTable, described
from app.rest.fields import Day, Id
from app.rest.media import CSV, JSON
from app.rest.paging import FromPager, Listing, only
from app.rest.schemas import DayFilter, Page
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
from domain.commands import UploadNetwork, UploadPrices, UploadSchedules
from domain.flexibility.grids import Network, Schedule
from domain.flexibility.market import PriceKind, PriceSeries
from domain.ids import RegionId

router = APIRouter(route_class=StrictRoute, tags=["inputs"])
documents = APIRouter(tags=["inputs"])
PathId = Annotated[Id, Path()]
PathDay = Annotated[Day, Path()]
PRICES = Listing(s.PricesOut, "kind")


@router.get("/regions/{region_id}/files/{delivery_day}/network")
def get_network(caller: FromCaller, region_id: PathId, delivery_day: PathDay) -> Response:
    """FMO, DSO of the region: the network of a day's schedules, as it was uploaded."""
    files = caller.query(GetFiles(region_id=RegionId(region_id), delivery_day=delivery_day))
    return AsUploaded(files.network_json, media_type=JSON)


@router.get("/regions/{region_id}/files/{delivery_day}/schedules")
def get_schedules(caller: FromCaller, region_id: PathId, delivery_day: PathDay) -> Response:
    """FMO, DSO of the region: a day's schedules, as they were uploaded."""
    files = caller.query(GetFiles(region_id=RegionId(region_id), delivery_day=delivery_day))
    return AsUploaded(files.schedule_csv, media_type=CSV)


@documents.put("/regions/{region_id}/network", openapi_extra=described("The network as `flexdesk.grid/1`.", JSON))
def upload_network(caller: FromCaller, region_id: PathId, document: JsonDocument) -> s.NetworkOut:
    """DSO: the region's network; needs of coming days are computed again."""
    command = UploadNetwork(region_id=RegionId(region_id), document=document)
    return s.NetworkOut.model_validate(cast(Network, caller.execute(command)))


@documents.put(
    "/regions/{region_id}/schedules/{delivery_day}",
    openapi_extra=described("`unit_id`, `quantity`, then a value per quarter hour; a row per unit.", *TABLES),
)
def upload_schedules(
    caller: FromCaller, region_id: PathId, delivery_day: PathDay, document: ScheduleTable
) -> s.ScheduleOut:
    """DSO: the day's schedules per generator and load; its needs are computed again."""
    command = UploadSchedules(region_id=RegionId(region_id), delivery_day=delivery_day, document=document)
    return s.ScheduleOut.model_validate(cast(Schedule, caller.execute(command)))


@router.get("/prices")
def list_prices(caller: FromCaller, pager: FromPager, where: Annotated[DayFilter, Query()]) -> Page[s.PricesOut]:
    """Day-ahead and balancing prices of a day."""
    rows = caller.query(ListPrices(delivery_day=where.delivery_day))
    return pager.page(PRICES, where, rows, s.PricesOut.model_validate)


@router.get("/prices/{kind}/{delivery_day}")
def get_prices(
    caller: FromCaller, kind: Annotated[s.Kind, Path()], delivery_day: PathDay, response: Response
) -> s.PricesOut:
    """A day's day-ahead or balancing prices."""
    rows = caller.query(ListPrices(delivery_day=delivery_day))
    series = only(rows, "kind", lambda row: row.kind.value == kind)
    tag(response, series.version)
    return s.PricesOut.model_validate(series)


@router.put("/prices/{kind}/{delivery_day}")
def upload_prices(
    caller: FromChanger, kind: Annotated[s.Kind, Path()], delivery_day: PathDay, body: s.PricesIn
) -> s.PricesOut:
    """FMO: a day's day-ahead or balancing prices, replacing those of before."""
    command = UploadPrices(
        kind=PriceKind(kind),
        delivery_day=delivery_day,
        price_eur_per_mwh=tuple(body.price_eur_per_mwh),
        source=body.source,
    )
    stored = caller.change(command, PriceSeries, kind=command.kind, delivery_day=delivery_day)
    return s.PricesOut.model_validate(cast(PriceSeries, stored))
