"""Energy services between platforms: offers and answers go to the requester, acquisitions and call-ups to the
provider."""

from __future__ import annotations

from fastapi import APIRouter

from app.platform.rest import energy_schemas as s
from app.rest.access import FromCaller
from app.rest.envelopes import FromEnvelope, ReceiptOut
from app.rest.strict import StrictRoute
from domain.commands.platform import (
    AskAcquisition,
    AskCallUp,
    TakeAcquisitionAnswer,
    TakeCallUpAnswer,
    TakeFlexibility,
)
from domain.ids import AcquisitionId, CallUpId, FlexibilityId, SubscriptionId

router = APIRouter(route_class=StrictRoute, tags=["energy services"])


@router.post("/flexibilities", operation_id="b2b_flexibility")
def flexibility(caller: FromCaller, envelope: FromEnvelope, body: s.FlexibilityNoticeIn) -> ReceiptOut:
    """Provider to requester: an offer, or that it was withdrawn."""
    command = TakeFlexibility(
        envelope=envelope,
        flexibility_id=FlexibilityId(body.flexibility_id),
        subscription_id=SubscriptionId(body.subscription_id),
        area=body.area,
        direction=body.direction,
        starts_at=body.starts_at,
        power_mw=tuple(body.power_mw),
        price_eur_per_mwh=body.price_eur_per_mwh,
        acquire_until=body.acquire_until,
        made_from=body.made_from,
        offered_at=body.offered_at,
        withdrawn=body.withdrawn,
    )
    return ReceiptOut.of(caller.execute(command))


@router.post("/acquisitions", operation_id="b2b_acquisition")
def acquisition(caller: FromCaller, envelope: FromEnvelope, body: s.AcquisitionIn) -> ReceiptOut:
    """Requester to provider: a part of an offer is asked for."""
    command = AskAcquisition(
        envelope=envelope,
        acquisition_id=AcquisitionId(body.acquisition_id),
        flexibility_id=FlexibilityId(body.flexibility_id),
        subscription_id=SubscriptionId(body.subscription_id),
        power_mw=body.power_mw,
    )
    return ReceiptOut.of(caller.execute(command))


@router.post("/acquisition-answers", operation_id="b2b_acquisition_answer")
def acquisition_answer(caller: FromCaller, envelope: FromEnvelope, body: s.AcquisitionAnswerIn) -> ReceiptOut:
    """Provider to requester: what is given of what was asked for."""
    command = TakeAcquisitionAnswer(
        envelope=envelope,
        acquisition_id=AcquisitionId(body.acquisition_id),
        status=body.status,
        power_mw=body.power_mw,
        reason=body.reason,
    )
    return ReceiptOut.of(caller.execute(command))


@router.post("/call-ups", operation_id="b2b_call_up")
def call_up(caller: FromCaller, envelope: FromEnvelope, body: s.CallUpIn) -> ReceiptOut:
    """Requester to provider: some of what was acquired is activated."""
    command = AskCallUp(
        envelope=envelope,
        call_up_id=CallUpId(body.call_up_id),
        acquisition_id=AcquisitionId(body.acquisition_id),
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        power_mw=body.power_mw,
    )
    return ReceiptOut.of(caller.execute(command))


@router.post("/call-up-answers", operation_id="b2b_call_up_answer")
def call_up_answer(caller: FromCaller, envelope: FromEnvelope, body: s.CallUpAnswerIn) -> ReceiptOut:
    """Provider to requester: it delivers, or it does not and says why."""
    command = TakeCallUpAnswer(
        envelope=envelope, call_up_id=CallUpId(body.call_up_id), delivers=body.delivers, reason=body.reason
    )
    return ReceiptOut.of(caller.execute(command))
