"""The four operations of the EU-MP API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path

from app.platform.rest.eu_mp import schemas as s
from app.rest.access import FromCaller
from app.rest.envelopes import (
    FromEnvelope,
    NewKeyIn,
    ReceiptOut,
    TakenKeyOut,
    TestOut,
    domain_of,
    take_key,
    works,
)
from app.rest.strict import StrictRoute
from domain.commands.platform import CancelService, ConfirmService
from domain.marketplace.notices import ServiceCanceled
from domain.marketplace.services import SubscriptionContent
from domain.marketplace.words import PlatformRole

router = APIRouter(route_class=StrictRoute, tags=["EU-MP"])
Side = Annotated[PlatformRole, Path(alias="platformRole")]


@router.post("/service-offer/confirmed/{platformRole}", operation_id="eu_mp_confirmed")
def confirmed(caller: FromCaller, envelope: FromEnvelope, platform_role: Side, body: s.ConfirmedIn) -> ReceiptOut:
    """Market place: a subscription is agreed (B2B-SRV-SUB); the platform enters it."""
    command = ConfirmService(
        envelope=envelope,
        side=platform_role,
        subscription=domain_of(SubscriptionContent, body.subscription),
        secret=body.introduction,
    )
    return ReceiptOut.of(caller.execute(command))


@router.post("/service-offer/canceled/{platformRole}", operation_id="eu_mp_canceled")
def canceled(caller: FromCaller, envelope: FromEnvelope, platform_role: Side, body: s.CanceledIn) -> ReceiptOut:
    """Market place: a subscription is over; nothing is given or taken on it from now on."""
    told = domain_of(ServiceCanceled, body)
    command = CancelService(
        envelope=envelope,
        side=platform_role,
        subscription_id=told.subscription_id,
        canceled_at=told.canceled_at,
        reason=told.reason,
    )
    return ReceiptOut.of(caller.execute(command))


@router.post("/apikey", operation_id="eu_mp_apikey")
def apikey(caller: FromCaller, body: NewKeyIn) -> TakenKeyOut:
    """Market place: the key that it will present from now on.

    The key of before works for 72 hours more. The same key again changes nothing.
    """
    return take_key(caller, body)


@router.get("/test", operation_id="eu_mp_test")
def test() -> TestOut:
    """Market place: whether this interface works and the key fits."""
    return works("EU-MP API", datetime.now(UTC))
