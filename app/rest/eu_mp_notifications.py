"""The EU-MP notifications API (FLEXICIENCY, document 000, III.C): what platforms tell the market place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from app.rest.access import FromCaller
from app.rest.description import API_KEY, bearer
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
from app.rest.fields import Exact, Id, In, Instant
from app.rest.interfaces import Interface, Part
from app.rest.strict import StrictRoute
from domain.commands.place import NotifyActivation, NotifyConsent, NotifyInterim
from domain.marketplace.notices import ActivationNotice, ConsentNotice, InterimNotice
from domain.marketplace.words import ActivationStatus, ConsentState, ServiceState

PREFIX = "/eu-mp-notifications/v1"
router = APIRouter(route_class=StrictRoute, tags=["EU-MP notifications"])
_Lax = Field(strict=False)
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]


class ConsentIn(In):
    """That a consent changed its state, and not whose."""

    subscription_id: Id
    consent_id: Id
    state: Annotated[ConsentState, _Lax]
    at: Instant


class ActivationIn(In):
    """That an activation changed its state. `ended_at`: before its time."""

    subscription_id: Id
    activation_id: Id
    status: Annotated[ActivationStatus, _Lax]
    at: Instant
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    ended_at: Instant | None = None


class InterimIn(In):
    """How a service goes: counts since the message before, no values. `in_time_share`: of the deliveries due."""

    subscription_id: Id
    state: Annotated[ServiceState, _Lax]
    at: Instant
    n_delivered: Count
    n_acknowledged: Count
    n_overdue: Count
    in_time_share: Annotated[Exact, Field(ge=0, le=1)] | None = None
    last_delivery_at: Instant | None = None


@router.post("/service/consent", operation_id="notify_consent")
def notify_consent(caller: FromCaller, envelope: FromEnvelope, body: ConsentIn) -> ReceiptOut:
    """Provider's platform: a consent for an own subscription changed its state."""
    command = NotifyConsent(envelope=envelope, notice=domain_of(ConsentNotice, body))
    return ReceiptOut.of(caller.execute(command))


@router.post("/service/activation", operation_id="notify_activation")
def notify_activation(caller: FromCaller, envelope: FromEnvelope, body: ActivationIn) -> ReceiptOut:
    """Provider's platform: an activation for an own subscription changed its state."""
    command = NotifyActivation(envelope=envelope, notice=domain_of(ActivationNotice, body))
    return ReceiptOut.of(caller.execute(command))


@router.post("/service/interim", operation_id="notify_interim")
def notify_interim(caller: FromCaller, envelope: FromEnvelope, body: InterimIn) -> ReceiptOut:
    """Provider's platform: how an own subscription goes."""
    command = NotifyInterim(envelope=envelope, notice=domain_of(InterimNotice, body))
    return ReceiptOut.of(caller.execute(command))


@router.post("/apikey", operation_id="notifications_apikey")
def apikey(caller: FromCaller, body: NewKeyIn) -> TakenKeyOut:
    """Platform: the key that it will present from now on.

    The key of before works for 72 hours more. The same key again changes nothing.
    """
    return take_key(caller, body)


@router.get("/test", operation_id="notifications_test")
def test() -> TestOut:
    """Platform: whether this interface works and the key fits."""
    return works("EU-MP notifications API", datetime.now(UTC))


NOTIFICATIONS = Interface(
    f"{PREFIX}/openapi.json",
    "EU-MP notifications API",
    "What market players' platforms tell the EU Market Place.",
    (Part(prefix=PREFIX, known=(router,)),),
    signing_in={"bearer": bearer("The API key."), "api_key": API_KEY},
)
