"""Values for the company's own programs: bulk files, series, aggregates, deliveries, what was received."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from app.platform.rest import value_schemas as s
from app.platform.rest.deliveries import one_of, page_of
from app.platform.values.documents import DocumentSeries
from app.platform.values.exporting import as_csv, as_xml, of_pods, of_received
from app.platform.values.reading import Format
from app.platform.values.uploading import upload
from app.queries.models.platform import AggregateValues, ListReceived, ListValues
from app.rest.access import FromCaller
from app.rest.compressed import pieces_of
from app.rest.documents import AsUploaded, described
from app.rest.fields import Id, Instant, Text
from app.rest.media import CSV, JSON_LINES, NDJSON, checked_media_type
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page
from app.rest.strict import StrictRoute
from domain.commands.platform import AskAgain, SendAgain
from domain.ids import DeliveryId, PodId, ServiceAgreementId
from domain.marketplace.words import AggregationLevel, AggregationMethod, Quantity, TimeStep
from domain.paging import Slice

router = APIRouter(route_class=StrictRoute, tags=["values"])
bulk = APIRouter(tags=["values"])

BULK = "/own/v1/values"
MAX_SENT, MAX_READ = 256 * 2**20, 1024 * 2**20
"""Bytes of a bulk file as it is sent, and when it is decompressed."""
XML = "application/xml"
_FORMATS = {CSV: Format.CSV, JSON_LINES: Format.JSON_LINES, NDJSON: Format.JSON_LINES, XML: Format.XML}
Flag = Annotated[bool, Query(strict=False)]
OfQuantity = Annotated[Quantity, Query(strict=False, description="What was measured.")]
InSteps = Annotated[TimeStep, Query(strict=False, description="Of the values that are wanted.")]
RECEIVED = Listing(s.ReceivedOut, "-period_start,name,id")


@bulk.put(
    "/values",
    name="own_upload_values",
    openapi_extra=described("`pod_id,quantity,time_step,start,value,...`; gzip is taken.", *_FORMATS),
)
async def upload_values(
    caller: FromCaller, request: Request, good_only: Flag = False, correct: Flag = False
) -> s.UploadedOut:
    """Provider: values of many points of delivery. The body is read as it comes.

    A line that is bad is reported with its number and keeps all of it out, or with `good_only` itself. A value
    that is stored with another number is refused, or with `correct` replaced.
    """
    form = _FORMATS[checked_media_type(request.headers, *_FORMATS)]
    async with pieces_of(request, MAX_SENT, MAX_READ) as pieces:
        made = await run_in_threadpool(upload, caller, pieces, form, good_only=good_only, correct=correct)
    return s.UploadedOut.told(made)


@router.get("/values", name="own_values")
def list_values(
    caller: FromCaller,
    pod_id: Annotated[list[Text], Query(min_length=1, max_length=1000)],
    quantity: OfQuantity,
    time_step: InSteps,
    start: Annotated[Instant, Query()],
    end: Annotated[Instant, Query()],
) -> list[s.PodSeriesOut]:
    """Values of points of delivery, from `start` to before `end`, resampled where the stored ones are finer."""
    query = ListValues(
        pod_ids=tuple(map(PodId, pod_id)), quantity=quantity, time_step=time_step, start=start, end=end
    )
    return [s.PodSeriesOut.model_validate(one) for one in caller.query(query)]


class FileFormat(StrEnum):
    CSV = "csv"
    XML = "xml"


def _file(form: FileFormat, mrid: str, series: Iterable[DocumentSeries]) -> Response:
    if form is FileFormat.CSV:
        return AsUploaded(as_csv(series), media_type=CSV)
    return AsUploaded(as_xml(mrid, datetime.now(UTC), series), media_type=XML)


_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}, XML: {"schema": {"type": "string"}}}}
}


@router.get("/values/export", name="own_export_values", response_class=Response, responses=_FILE)
def export_values(
    caller: FromCaller,
    pod_id: Annotated[list[Text], Query(min_length=1, max_length=1000)],
    quantity: OfQuantity,
    time_step: InSteps,
    start: Annotated[Instant, Query()],
    end: Annotated[Instant, Query()],
    form: Annotated[FileFormat, Query(alias="format", strict=False)] = FileFormat.CSV,
) -> Response:
    """Values of points of delivery as the CSV that is uploaded, or as an IEC 62325 market document."""
    query = ListValues(
        pod_ids=tuple(map(PodId, pod_id)), quantity=quantity, time_step=time_step, start=start, end=end
    )
    found = caller.query(query)
    return _file(form, f"values-{pod_id[0]}", of_pods(found, end))


@router.get("/received-values/export", name="own_export_received", response_class=Response, responses=_FILE)
def export_received(
    caller: FromCaller,
    agreement_id: Annotated[Text, Query()],
    form: Annotated[FileFormat, Query(alias="format", strict=False)] = FileFormat.CSV,
    name: Annotated[Text | None, Query()] = None,
) -> Response:
    """Requester: received values of an agreement, the newest thousand series, as CSV or as a market document."""
    order = (("period_start", True), ("name", False), ("id", False))
    query = ListReceived(
        part=Slice(order=order, limit=1000), agreement_id=ServiceAgreementId(agreement_id), name=name
    )
    found = caller.query(query)
    return _file(form, f"received-{agreement_id}", of_received(found))


@router.get("/aggregates", name="own_aggregates")
def aggregates(
    caller: FromCaller,
    level: Annotated[AggregationLevel, Query(strict=False)],
    method: Annotated[AggregationMethod, Query(strict=False, description="Sum or mean.")],
    quantity: OfQuantity,
    time_step: InSteps,
    start: Annotated[Instant, Query()],
    end: Annotated[Instant, Query()],
    localisation: Annotated[list[Text] | None, Query(max_length=1000)] = None,
    pod_id: Annotated[list[Text] | None, Query(max_length=1000)] = None,
) -> list[s.AggregateOut]:
    """Sums or means by country, city, street or of a list of points of delivery; never of few of them."""
    query = AggregateValues(
        level=level,
        method=method,
        quantity=quantity,
        time_step=time_step,
        start=start,
        end=end,
        localisation=tuple(localisation or ()),
        pod_ids=tuple(map(PodId, pod_id or ())),
    )
    return [s.AggregateOut.model_validate(one) for one in caller.query(query)]


@router.get("/deliveries", name="own_deliveries")
def list_deliveries(
    caller: FromCaller, pager: FromPager, where: Annotated[s.DeliveryFilter, Query()]
) -> Page[s.DeliveryOut]:
    """Own deliveries, sent or received, the newest first."""
    return page_of(caller, pager, where)


@router.get("/deliveries/{delivery_id}", name="own_delivery")
def get_delivery(caller: FromCaller, delivery_id: Annotated[Id, Path()]) -> s.DeliveryViewOut:
    """One of them, with the status of each series (IND-DAT-ACK, AGG-DAT-ACK)."""
    return one_of(caller, delivery_id)


@router.post("/deliveries/{delivery_id}/again", name="own_delivery_again")
def ask_again(caller: FromCaller, delivery_id: Annotated[Id, Path()]) -> s.DeliveryOut:
    """Requester: ask the provider to send the period again."""
    return s.DeliveryOut.of(caller.execute(AskAgain(delivery_id=DeliveryId(delivery_id))))


@router.post("/deliveries/{delivery_id}/revision", name="own_delivery_revision")
def send_again(caller: FromCaller, delivery_id: Annotated[Id, Path()]) -> s.DeliveryOut:
    """Provider: send the period again as it stands."""
    return s.DeliveryOut.of(caller.execute(SendAgain(delivery_id=DeliveryId(delivery_id))))


@router.get("/received-values", name="own_received_values")
def list_received(
    caller: FromCaller, pager: FromPager, where: Annotated[s.ReceivedFilter, Query()]
) -> Page[s.ReceivedOut]:
    """Requester: what was received, the newest revision of each series and period."""
    query = ListReceived(
        part=pager.part(RECEIVED, where),
        agreement_id=ServiceAgreementId(where.agreement_id) if where.agreement_id else None,
        name=where.name,
    )
    rows = caller.query(query)
    return pager.cut(RECEIVED, where, rows, s.ReceivedOut.model_validate)
