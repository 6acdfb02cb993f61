"""Energy services: what the company offers, acquires, calls up and answers."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query

from app.platform.rest import energy_schemas as s
from app.queries.models import platform as q
from app.rest.access import Caller, FromCaller
from app.rest.fields import Id
from app.rest.paging import FromPager, Listing, only
from app.rest.schemas import Page, Paging
from app.rest.strict import StrictRoute
from domain.commands.platform import (
    AcquireFlexibility,
    AnswerCallUp,
    CallUpFlexibility,
    OfferEnergyService,
    WithdrawEnergyService,
)
from domain.ids import AcquisitionId, CallUpId, FlexibilityId, SubscriptionId
from domain.platform.energy_service import Acquisition, CallUp, Flexibility

router = APIRouter(route_class=StrictRoute, tags=["energy services"])
PathId = Annotated[Id, Path()]
FLEXIBILITIES = Listing(s.FlexibilityOut, "-starts_at,id")
ACQUISITIONS = Listing(s.AcquisitionOut, "-asked_at,id")
CALL_UPS = Listing(s.CallUpOut, "-starts_at,id")


@router.get("/flexibilities", operation_id="own_list_flexibilities")
def list_flexibilities(
    caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]
) -> Page[s.FlexibilityOut]:
    """Own offers, or those that providers have made."""
    return pager.page(FLEXIBILITIES, where, caller.query(q.ListFlexibilities()), s.FlexibilityOut.of)


@router.post("/flexibilities", status_code=201, operation_id="own_offer_flexibility")
def offer_flexibility(caller: FromCaller, body: s.FlexibilityIn) -> s.FlexibilityOut:
    """Provider: an offer to all who have an agreement on the energy service."""
    command = OfferEnergyService(
        area=body.area,
        direction=body.direction,
        starts_at=body.starts_at,
        power_mw=tuple(body.power_mw),
        price_eur_per_mwh=body.price_eur_per_mwh,
        acquire_until=body.acquire_until,
        made_from=body.made_from,
    )
    return _flexibility(caller, cast(Flexibility, caller.execute(command)).id)


@router.post("/flexibilities/{flexibility_id}/withdraw", operation_id="own_withdraw_flexibility")
def withdraw_flexibility(caller: FromCaller, flexibility_id: PathId) -> s.FlexibilityOut:
    """Provider: nobody acquires it any more; what was acquired stays."""
    command = WithdrawEnergyService(flexibility_id=FlexibilityId(flexibility_id))
    return _flexibility(caller, cast(Flexibility, caller.execute(command)).id)


@router.get("/acquisitions", operation_id="own_list_acquisitions")
def list_acquisitions(
    caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]
) -> Page[s.AcquisitionOut]:
    """What was acquired, of own offers or by oneself."""
    return pager.page(ACQUISITIONS, where, caller.query(q.ListAcquisitions()), s.AcquisitionOut.of)


@router.post("/acquisitions", status_code=201, operation_id="own_acquire_flexibility")
def acquire_flexibility(caller: FromCaller, body: s.AcquireIn) -> s.AcquisitionOut:
    """Requester: ask for a part of an offer; the provider's answer comes as a message."""
    command = AcquireFlexibility(
        flexibility_id=FlexibilityId(body.flexibility_id),
        subscription_id=SubscriptionId(body.subscription_id),
        power_mw=body.power_mw,
    )
    made = cast(Acquisition, caller.execute(command))
    rows = caller.query(q.ListAcquisitions())
    return s.AcquisitionOut.of(only(rows, "acquisition_id", lambda row: row.acquisition.id == made.id))


@router.get("/call-ups", operation_id="own_list_call_ups")
def list_call_ups(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[s.CallUpOut]:
    """Activations of what was acquired."""
    return pager.page(CALL_UPS, where, caller.query(q.ListCallUps()), s.CallUpOut.of)


@router.post("/call-ups", status_code=201, operation_id="own_call_up_flexibility")
def call_up_flexibility(caller: FromCaller, body: s.CallIn) -> s.CallUpOut:
    """Requester: activate some of what was acquired."""
    command = CallUpFlexibility(
        acquisition_id=AcquisitionId(body.acquisition_id),
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        power_mw=body.power_mw,
    )
    return _call_up(caller, cast(CallUp, caller.execute(command)).id)


@router.post("/call-ups/{call_up_id}/answer", operation_id="own_answer_call_up")
def answer_call_up(caller: FromCaller, call_up_id: PathId, body: s.DeliversIn) -> s.CallUpOut:
    """Provider: it delivers, or it does not and says why."""
    command = AnswerCallUp(call_up_id=CallUpId(call_up_id), delivers=body.delivers, reason=body.reason)
    return _call_up(caller, cast(CallUp, caller.execute(command)).id)


def _flexibility(caller: Caller, id: str) -> s.FlexibilityOut:
    rows = caller.query(q.ListFlexibilities())
    return s.FlexibilityOut.of(only(rows, "flexibility_id", lambda row: row.flexibility.id == id))


def _call_up(caller: Caller, id: str) -> s.CallUpOut:
    rows = caller.query(q.ListCallUps())
    return s.CallUpOut.of(only(rows, "call_up_id", lambda row: row.call_up.id == id))
