"""Points of delivery, meter readings, forecasts, and what was delivered of an award."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query

from app.queries.models import GetDelivery, ListForecasts, ListPods, ListReadings, PodRow, ReadingRow
from app.rest import settlement_schemas as s
from app.rest.access import FromCaller
from app.rest.documents import TABLES, MeteringTable, described
from app.rest.fields import Day, Id
from app.rest.paging import FromPager, Listing
from app.rest.schemas import DayFilter, Items, Page, RegionFilter
from app.rest.strict import StrictRoute
from domain.commands import MapPod, ReportReading, UploadForecast, UploadMetering
from domain.flexibility.commodity import Commodity
from domain.flexibility.metering import AssetForecast, MeterReading, PodMapping
from domain.flexibility.reference import BaselineMethod
from domain.ids import AssetId, AwardId, PodId, RegionId

router = APIRouter(route_class=StrictRoute, tags=["metering"])
documents = APIRouter(tags=["metering"])
PathId = Annotated[Id, Path()]
PathPod = Annotated[s.PodCode, Path()]
PathDay = Annotated[Day, Path()]
PODS = Listing(s.PodOut, "pod_id,valid_from", by=("asset_id", "asset_name", "region_id", "bus"))
READINGS = Listing(s.ReadingRowOut, "pod_id,revision", by=("reported_at",))
FORECASTS = Listing(s.ForecastOut, "asset_id", by=("uploaded_at",))


@router.get("/pods")
def list_pods(caller: FromCaller, pager: FromPager, where: Annotated[RegionFilter, Query()]) -> Page[s.PodOut]:
    """Points of delivery with the assets that they stand for."""
    region_id = RegionId(where.region_id) if where.region_id else None
    return pager.page(PODS, where, caller.query(ListPods(region_id=region_id)), _pod)


@router.put("/pods/{pod_id}")
def map_pod(caller: FromCaller, pod_id: PathPod, body: s.PodIn) -> s.PodOut:
    """FMO, DSO of the region: the asset that a point of delivery stands for from a day on."""
    command = MapPod(pod_id=PodId(pod_id), asset_id=AssetId(body.asset_id), valid_from=body.valid_from)
    mapping = cast(PodMapping, caller.execute(command))
    (row,) = [row for row in caller.query(ListPods()) if row.mapping.id == mapping.id]
    return _pod(row)


def _pod(row: PodRow) -> s.PodOut:
    return s.PodOut(
        pod_id=row.mapping.pod_id,
        asset_id=row.asset.id,
        asset_name=row.asset.name,
        region_id=row.asset.region_id,
        bus=row.asset.bus,
        valid_from=row.mapping.valid_from,
    )


@router.get("/metering")
def list_readings(
    caller: FromCaller, pager: FromPager, where: Annotated[s.ReadingFilter, Query()]
) -> Page[s.ReadingRowOut]:
    """Every revision of a day's readings that the caller may see."""
    pod_id = PodId(where.pod_id) if where.pod_id else None
    part = pager.part(READINGS, where)
    rows = caller.query(ListReadings(delivery_day=where.delivery_day, pod_id=pod_id, part=part))
    return pager.cut(READINGS, where, rows, _reading)


def _reading(row: ReadingRow) -> s.ReadingRowOut:
    return s.ReadingRowOut(
        **dict(s.ReadingOut.model_validate(row.reading)),
        asset_id=row.asset.id,
        asset_name=row.asset.name,
        latest=row.latest,
    )


@router.put("/metering/{delivery_day}/{pod_id}")
def report_reading(caller: FromCaller, delivery_day: PathDay, pod_id: PathPod, body: s.ReadingIn) -> s.ReadingOut:
    """FMO, DSO of the region: what was metered at one point of delivery; other values are a new revision."""
    command = ReportReading(
        pod_id=PodId(pod_id),
        delivery_day=delivery_day,
        p_mw=tuple(body.p_mw),
        q_mvar=tuple(body.q_mvar),
    )
    return s.ReadingOut.model_validate(cast(MeterReading, caller.execute(command)))


@documents.put(
    "/metering/{delivery_day}",
    openapi_extra=described(
        "`pod_id`, `quantity`, then a value per quarter hour; empty or null where unknown.", *TABLES
    ),
)
def upload_metering(caller: FromCaller, delivery_day: PathDay, document: MeteringTable) -> Items[s.ReadingOut]:
    """FMO, DSO of the regions: a day's readings of many points of delivery, all or none."""
    command = UploadMetering(delivery_day=delivery_day, document=document)
    readings = cast(tuple[MeterReading, ...], caller.execute(command))
    return Items(items=[s.ReadingOut.model_validate(reading) for reading in readings])


@router.get("/forecasts")
def list_forecasts(
    caller: FromCaller, pager: FromPager, where: Annotated[DayFilter, Query()]
) -> Page[s.ForecastOut]:
    """Forecasts of a day that the caller may see."""
    rows = caller.query(ListForecasts(delivery_day=where.delivery_day))
    return pager.page(FORECASTS, where, rows, s.ForecastOut.model_validate)


@router.put("/forecasts/{asset_id}/{delivery_day}")
def upload_forecast(
    caller: FromCaller, asset_id: PathId, delivery_day: PathDay, body: s.ForecastIn
) -> s.ForecastOut:
    """Owner: an asset's forecast of a day, before its gate closes."""
    command = UploadForecast(asset_id=AssetId(asset_id), delivery_day=delivery_day, p_mw=tuple(body.p_mw))
    return s.ForecastOut.model_validate(cast(AssetForecast, caller.execute(command)))


@router.get("/deliveries/{award_id}")
def get_delivery(
    caller: FromCaller, award_id: PathId, where: Annotated[s.DeliveryFilter, Query()]
) -> s.DeliveryOut:
    """An award's day, by the contract's baseline method or by `method`."""
    method = BaselineMethod(where.method) if where.method else None
    view = caller.query(GetDelivery(award_id=AwardId(award_id), method=method))
    award, measured, reading = view.delivery.award, view.measured, view.measured.reading
    metered = () if reading is None else reading.q_mvar if award.commodity is Commodity.Q else reading.p_mw
    used = measured.reference
    return s.DeliveryOut(
        award_id=award.id,
        asset_id=award.asset_id,
        commodity=award.commodity.value,
        direction=award.direction.value,
        pod_id=measured.pod_id,
        reading_revision=reading.revision if reading else None,
        agreed_baseline=view.agreed.value,
        baseline_method=used.method.value,
        baseline_source=used.source,
        baseline_reason=used.reason,
        baseline_mw=None if used.p_mw is None else list(used.p_mw),
        metered_mw=list(metered),
        awarded_mw=list(award.accepted_mw),
        delivered_mw=list(view.delivery.delivered_mw),
        remarks=[s.RemarkOut.model_validate(remark) for remark in view.delivery.remarks],
    )
