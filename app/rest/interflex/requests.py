"""`/dsos/{dso}/flexibilityRequests`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from app.queries.models import ListAskedFlexibility
from app.rest.access import FromCaller, FromServices
from app.rest.fields import Id, Instant, Out
from app.rest.interflex.entity import Entity, OnDay, act_as, new_id
from app.rest.interflex.fields import MarketTime, Nothing, Place, Timed, TimedOut, written
from app.rest.strict import StrictRoute
from domain.commands import RequestFlexibility, WithdrawRequest
from domain.ids import PartyId, RequestId

ID = "FR"
router = APIRouter(route_class=StrictRoute, tags=["interflex"], prefix="/dsos/{dso}/flexibilityRequests")


class FlexibilityRequestIn(Timed):
    """A flexibility request. Without `activation_time` it is wanted as soon after the deadline as can be."""

    request_id: Id
    deadline: Annotated[Instant, Field(description="Until when offers are accepted.")]
    region_id: Place
    activation_time: Instant | None = None


class FlexibilityRequestOut(TimedOut):
    request_id: str
    deadline: MarketTime
    region_id: str


class RequestIdOut(Out):
    request_id: str


@router.get("/requestId", operation_id="interflex_get_request_id")
def get_request_id(caller: FromCaller, services: FromServices, dso: Entity) -> RequestIdOut:
    """DSO: a new id for a request of its own."""
    return RequestIdOut(request_id=new_id(services, caller, dso, ID, RequestFlexibility))


@router.post("", status_code=201, operation_id="interflex_post_request")
def post_request(caller: FromCaller, services: FromServices, dso: Entity, body: FlexibilityRequestIn) -> Nothing:
    """DSO: publish a flexibility request."""
    act_as(caller, dso, RequestFlexibility)
    services.issuer.check(body.request_id, ID, dso, "request_id")
    command = RequestFlexibility(
        request_id=RequestId(body.request_id),
        place=body.region_id,
        power_mw=body.power_mw,
        starts_at=body.activation_time,
        duration_s=body.duration,
        deadline=body.deadline,
        commodity=body.commodity,
    )
    caller.execute(command)
    return Nothing()


@router.get("", operation_id="interflex_list_requests")
def list_requests(
    caller: FromCaller, dso: Entity, where: Annotated[OnDay, Query()]
) -> list[FlexibilityRequestOut]:
    """The DSO itself and everybody who offers: its requests that can still be answered."""
    rows = caller.query(ListAskedFlexibility(dso_id=PartyId(dso), delivery_day=where.date))
    return [
        FlexibilityRequestOut.model_validate(
            {"request_id": row.request_id, "deadline": row.deadline, "region_id": row.place}
            | written(row.stretch, row.asked_at)
        )
        for row in rows
    ]


@router.delete("/{request_id}", operation_id="interflex_delete_request")
def delete_request(caller: FromCaller, dso: Entity, request_id: Id) -> Nothing:
    """DSO: withdraw an own request before the gate."""
    act_as(caller, dso, WithdrawRequest)
    caller.execute(WithdrawRequest(request_id=RequestId(request_id)))
    return Nothing()
