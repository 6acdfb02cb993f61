"""Values between platforms: pushed in parts, acknowledged, asked for again, or pulled."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.platform.rest import value_schemas as s
from app.platform.rest.deliveries import one_of, page_of
from app.queries.models.platform import PullValues
from app.rest.access import FromCaller
from app.rest.envelopes import FromEnvelope, ReceiptOut, domain_of
from app.rest.fields import Id
from app.rest.paging import FromPager
from app.rest.schemas import Page
from app.rest.strict import StrictRoute
from domain.commands.platform import TakeAcknowledgement, TakeAgain, TakeValues
from domain.ids import DeliveryId
from domain.platform.deliveries import AcknowledgedMessage, AgainMessage, ValuesMessage

router = APIRouter(route_class=StrictRoute, tags=["values"])


@router.post("/values", name="b2b_values")
def values(caller: FromCaller, envelope: FromEnvelope, body: s.ValuesIn) -> ReceiptOut:
    """Provider: a part of a delivery (IND-DAT-VAL, AGG-DAT-VAL). It is acknowledged by a message of its own."""
    return ReceiptOut.of(caller.execute(TakeValues(envelope=envelope, message=domain_of(ValuesMessage, body))))


@router.post("/values/acknowledgements", name="b2b_acknowledge_values")
def acknowledge(caller: FromCaller, envelope: FromEnvelope, body: s.AcknowledgedIn) -> ReceiptOut:
    """Requester: what became of a part, PoD by PoD or aggregate by aggregate (IND-DAT-ACK, AGG-DAT-ACK)."""
    message = domain_of(AcknowledgedMessage, body)
    return ReceiptOut.of(caller.execute(TakeAcknowledgement(envelope=envelope, message=message)))


@router.post("/values/again", name="b2b_values_again")
def again(caller: FromCaller, envelope: FromEnvelope, body: s.AgainIn) -> ReceiptOut:
    """Requester: send a delivery's period again, as it stands then."""
    return ReceiptOut.of(caller.execute(TakeAgain(envelope=envelope, message=domain_of(AgainMessage, body))))


@router.get("/deliveries", name="b2b_deliveries")
def list_deliveries(
    caller: FromCaller, pager: FromPager, where: Annotated[s.DeliveryFilter, Query()]
) -> Page[s.DeliveryOut]:
    """Deliveries between the caller and this platform, the newest first."""
    return page_of(caller, pager, where)


@router.get("/deliveries/{delivery_id}", name="b2b_delivery")
def get_delivery(caller: FromCaller, delivery_id: Annotated[Id, Path()]) -> s.DeliveryViewOut:
    """One of them, with the status of each series."""
    return one_of(caller, delivery_id)


@router.get("/deliveries/{delivery_id}/values", name="b2b_pull_values")
def pull(
    caller: FromCaller,
    delivery_id: Annotated[Id, Path()],
    cursor: Annotated[int, Query(ge=0, le=10**9, strict=False)] = 0,
) -> s.PulledOut:
    """Requester: the values of a delivery's period as they may be given at this moment, a part at a time."""
    pulled = caller.query(PullValues(delivery_id=DeliveryId(delivery_id), cursor=cursor))
    return s.PulledOut.model_validate(pulled)
