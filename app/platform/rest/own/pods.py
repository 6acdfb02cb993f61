"""Points of delivery for the company's own programs, and of how many of them an aggregate is at least."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from app.platform.rest.value_schemas import BadLineOut, bad_lines
from app.platform.values.lines import Uploaded
from app.platform.values.pods import MAX_CHARS
from app.queries.models.platform import GetPod, ListPods
from app.rest.access import FromCaller
from app.rest.compressed import pieces_of
from app.rest.documents import described, text_of
from app.rest.fields import Id, In, Out, Text
from app.rest.media import CSV, checked_media_type
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page, Paging
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
from domain.commands.platform import ChangePod, RegisterPod, SetLeastPods, UploadPods
from domain.ids import PartyId, PodId
from domain.platform.pods import Pod
from domain.platform.rules import ValueRules

router = APIRouter(route_class=StrictRoute, tags=["points of delivery"])
bulk = APIRouter(tags=["points of delivery"])
BULK = "/own/v1/pods"
MAX_SENT = MAX_CHARS
"""Bytes of a file, also decompressed."""
Flag = Annotated[bool, Query(strict=False)]
PathId = Annotated[Id, Path()]


class PlaceIn(In):
    """Where a point of delivery is, and whose; `country` by two capitals."""

    country: Text
    postcode: Text
    city: Text
    street: Text
    customer_id: Id | None = None


class PodIn(PlaceIn):
    pod_id: Id


class PodOut(Out):
    """A point of delivery; `customer_id`: the customer behind it, if the platform knows one."""

    id: str
    country: str
    postcode: str
    city: str
    street: str
    customer_id: str | None


class PodFilter(Paging):
    country: Text | None = None
    city: Text | None = None


class UploadedPodsOut(Out):
    """What became of a file: `n_same` were there already, `n_bad` lines were left out."""

    n_stored: int
    n_same: int
    n_bad: int
    bad: list[BadLineOut]


class ValueRulesBody(In):
    """`least_pods`: of so many points of delivery an aggregate is at least."""

    least_pods: Annotated[int, Field(ge=0, le=10**9)]


class ValueRulesOut(Out):
    least_pods: int


PODS = Listing(PodOut, "id", by=("country", "city"))


@router.get("/pods", name="own_pods")
def list_pods(caller: FromCaller, pager: FromPager, where: Annotated[PodFilter, Query()]) -> Page[PodOut]:
    """Points of delivery; for a customer its own."""
    query = ListPods(part=pager.part(PODS, where), country=where.country, city=where.city)
    rows = caller.query(query)
    return pager.cut(PODS, where, rows, PodOut.model_validate)


@router.get("/pods/{pod_id}", name="own_pod")
def get_pod(caller: FromCaller, pod_id: PathId, response: Response) -> PodOut:
    """One of them."""
    pod = caller.query(GetPod(pod_id=PodId(pod_id)))
    tag(response, pod.version)
    return PodOut.model_validate(pod)


@router.post("/pods", name="own_register_pod", status_code=201)
def register_pod(caller: FromCaller, body: PodIn, response: Response) -> PodOut:
    """Provider: a point of delivery with its place; the same again changes nothing."""
    command = RegisterPod(
        pod_id=PodId(body.pod_id),
        country=body.country,
        postcode=body.postcode,
        city=body.city,
        street=body.street,
        customer_id=PartyId(body.customer_id) if body.customer_id else None,
    )
    pod = cast(Pod, caller.execute(command))
    response.headers["Location"] = f"{BULK}/{pod.id}"
    return PodOut.model_validate(pod)


@router.put("/pods/{pod_id}", name="own_change_pod")
def change_pod(caller: FromChanger, pod_id: PathId, body: PlaceIn) -> PodOut:
    """Provider: another place or customer. With another customer, consents of the one before end for it."""
    command = ChangePod(
        pod_id=PodId(pod_id),
        country=body.country,
        postcode=body.postcode,
        city=body.city,
        street=body.street,
        customer_id=PartyId(body.customer_id) if body.customer_id else None,
    )
    return PodOut.model_validate(caller.change(command, Pod, id=pod_id))


@bulk.put(
    "/pods",
    name="own_upload_pods",
    openapi_extra=described(
        "`pod_id,country,postcode,city,street` and, if wanted, `customer_id`; gzip is taken.", CSV
    ),
)
async def upload_pods(caller: FromCaller, request: Request, good_only: Flag = False) -> UploadedPodsOut:
    """Provider: many points of delivery. A line that is bad is reported with its number and keeps all of it
    out, or with `good_only` itself."""
    checked_media_type(request.headers, CSV)
    async with pieces_of(request, MAX_SENT, MAX_SENT) as pieces:
        sent = await run_in_threadpool(b"".join, pieces)
    command = UploadPods(document=text_of(sent), good_only=good_only)
    made = cast(Uploaded, await run_in_threadpool(caller.execute, command))
    return UploadedPodsOut(n_stored=made.n_stored, n_same=made.n_same, n_bad=made.n_bad, bad=bad_lines(made.bad))


@router.put("/value-rules", name="own_set_least_pods")
def set_least_pods(caller: FromCaller, body: ValueRulesBody) -> ValueRulesOut:
    """Provider: nothing is told of aggregates of fewer points of delivery."""
    rules = cast(ValueRules, caller.execute(SetLeastPods(least_pods=body.least_pods)))
    return ValueRulesOut(least_pods=rules.least_pods)
