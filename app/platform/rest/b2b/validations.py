"""Technical validation between platforms: a player's question comes, the DSO's answer goes back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.codec import from_data
from app.platform.rest import validation_schemas as s
from app.platform.rest.validations import one_of, page_of
from app.rest.access import FromCaller
from app.rest.fields import Id
from app.rest.paging import FromPager
from app.rest.schemas import Page
from app.rest.strict import StrictRoute
from domain.commands.platform import TakeTechnicalRequest, TakeTechnicalResponse
from domain.ids import SubscriptionId
from domain.platform.validation import TechnicalValidationRequest
from domain.platform.validations import ValidationAnswered

router = APIRouter(route_class=StrictRoute, tags=["technical validation"])


@router.post("/technical-validations", name="b2b_ask_technical_validation", status_code=202)
def ask(caller: FromCaller, body: s.AskedIn) -> s.ValidationOut:
    """Player: a TECH-FLEX-REQ. It is computed by and by; the answer is sent, and can be looked up here.

    The same request again has no effect; another one under a known id is refused. What the DSO's network and
    schedules have no answer to is answered with `refusals`.
    """
    request = from_data(TechnicalValidationRequest, body.request.model_dump(mode="json"))
    command = TakeTechnicalRequest(subscription_id=SubscriptionId(body.subscription_id), request=request)
    return s.ValidationOut.of(caller.execute(command))


@router.get("/technical-validations", name="b2b_technical_validations")
def list_validations(
    caller: FromCaller, pager: FromPager, where: Annotated[s.ValidationFilter, Query()]
) -> Page[s.ValidationOut]:
    """Questions between the caller and this platform, the newest first."""
    return page_of(caller, pager, where)


@router.get("/technical-validations/{validation_id}", name="b2b_technical_validation")
def get_validation(caller: FromCaller, validation_id: Annotated[Id, Path()]) -> s.ValidationOut:
    """One of them, by its id here or by that of its request."""
    return one_of(caller, validation_id)


@router.post("/technical-validation-responses", name="b2b_answer_technical_validation")
def answer(caller: FromCaller, body: s.AnsweredIn) -> s.ValidationOut:
    """DSO: a TECH-FLEX-RESP, or why there is none. The same answer again has no effect."""
    answered = from_data(ValidationAnswered, body.model_dump(mode="json"))
    return s.ValidationOut.of(caller.execute(TakeTechnicalResponse(**vars(answered))))
