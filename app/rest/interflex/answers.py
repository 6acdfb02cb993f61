"""`/aggregators/{agg}/flexibilityActivations/acks` and `.../nacks`: one table row each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.queries.models import AnsweredCall, ListAnsweredCalls
from app.rest.access import Caller, FromCaller, FromServices
from app.rest.fields import Id, Instant, Out
from app.rest.interflex.entity import Entity, OnDay, act_as, new_id
from app.rest.interflex.fields import Double, Grain, Nothing, Timed, TimedOut, written, written_mw
from app.rest.strict import StrictRoute
from domain.commands import AnswerCall, TakeBackAnswer
from domain.ids import AnswerId, OfferId, PartyId

ACK, NACK = "AK", "NK"
NO_REASON = "Refused over the InterFlex interface, which carries no reason."
_AT = "/aggregators/{agg}/flexibilityActivations"
router = APIRouter(route_class=StrictRoute, tags=["interflex"])


class AnswerIn(Timed):
    """An answer names its activation by the offer, the time and the power."""

    offer_id: Id
    granularity: Grain
    activation_time: Instant


class AckIn(AnswerIn):
    ack_id: Id


class NackIn(AnswerIn):
    nack_id: Id


class AnswerOut(TimedOut):
    offer_id: str
    granularity: Double


class AckOut(AnswerOut):
    ack_id: str


class NackOut(AnswerOut):
    nack_id: str


class AckIdOut(Out):
    ack_id: str


class NackIdOut(Out):
    nack_id: str


@router.get(f"{_AT}/acks/ackId", operation_id="interflex_get_ack_id")
def get_ack_id(caller: FromCaller, services: FromServices, agg: Entity) -> AckIdOut:
    """Aggregator: a new id for an acknowledgement of its own."""
    return AckIdOut(ack_id=new_id(services, caller, agg, ACK, AnswerCall))


@router.get(f"{_AT}/nacks/nackId", operation_id="interflex_get_nack_id")
def get_nack_id(caller: FromCaller, services: FromServices, agg: Entity) -> NackIdOut:
    """Aggregator: a new id for a refusal of its own."""
    return NackIdOut(nack_id=new_id(services, caller, agg, NACK, AnswerCall))


@router.get(f"{_AT}/acks", operation_id="interflex_list_acks")
def list_acks(caller: FromCaller, agg: Entity, where: Annotated[OnDay, Query()]) -> list[AckOut]:
    """The aggregator, and a DSO those to its calls: what is acknowledged, until it is delivered."""
    rows = _answers(caller, agg, where, acknowledged=True)
    return [AckOut.model_validate({"ack_id": row.answer_id} | _written(row)) for row in rows]


@router.get(f"{_AT}/nacks", operation_id="interflex_list_nacks")
def list_nacks(caller: FromCaller, agg: Entity, where: Annotated[OnDay, Query()]) -> list[NackOut]:
    """The aggregator, and a DSO those to its calls: what is refused, until its time is over."""
    rows = _answers(caller, agg, where, acknowledged=False)
    return [NackOut.model_validate({"nack_id": row.answer_id} | _written(row)) for row in rows]


@router.post(f"{_AT}/acks", status_code=201, operation_id="interflex_post_ack")
def post_ack(caller: FromCaller, services: FromServices, agg: Entity, body: AckIn) -> Nothing:
    """Aggregator: it will deliver what was activated."""
    act_as(caller, agg, AnswerCall)
    services.issuer.check(body.ack_id, ACK, agg, "ack_id")
    caller.execute(_command(body, body.ack_id, acknowledged=True))
    return Nothing()


@router.post(f"{_AT}/nacks", status_code=201, operation_id="interflex_post_nack")
def post_nack(caller: FromCaller, services: FromServices, agg: Entity, body: NackIn) -> Nothing:
    """Aggregator: it will not deliver what was activated."""
    act_as(caller, agg, AnswerCall)
    services.issuer.check(body.nack_id, NACK, agg, "nack_id")
    caller.execute(_command(body, body.nack_id, acknowledged=False))
    return Nothing()


@router.delete(f"{_AT}/acks/{{ack_id}}", operation_id="interflex_delete_ack")
def delete_ack(caller: FromCaller, agg: Entity, ack_id: Id) -> Nothing:
    """Aggregator: take back an acknowledgement before its delivery begins; the call waits for an answer again."""
    return _take_back(caller, agg, ack_id, acknowledged=True)


@router.delete(f"{_AT}/nacks/{{nack_id}}", operation_id="interflex_delete_nack")
def delete_nack(caller: FromCaller, agg: Entity, nack_id: Id) -> Nothing:
    """Aggregator: take back a refusal before the delivery begins; the call waits for an answer again."""
    return _take_back(caller, agg, nack_id, acknowledged=False)


def _answers(caller: Caller, agg: str, where: OnDay, *, acknowledged: bool) -> tuple[AnsweredCall, ...]:
    query = ListAnsweredCalls(party_id=PartyId(agg), acknowledged=acknowledged, delivery_day=where.date)
    return caller.query(query)


def _written(row: AnsweredCall) -> dict[str, object]:
    granularity = written_mw(row.granularity_mw, row.stretch.commodity)
    return {"offer_id": row.offer_id, "granularity": granularity} | written(row.stretch, row.answered_at)


def _command(body: AnswerIn, answer_id: str, *, acknowledged: bool) -> AnswerCall:
    return AnswerCall(
        answer_id=AnswerId(answer_id),
        acknowledged=acknowledged,
        offer_id=OfferId(body.offer_id),
        power_mw=body.power_mw,
        starts_at=body.activation_time,
        duration_s=body.duration,
        commodity=body.commodity,
        reason="" if acknowledged else NO_REASON,
    )


def _take_back(caller: Caller, agg: str, answer_id: str, *, acknowledged: bool) -> Nothing:
    act_as(caller, agg, TakeBackAnswer)
    caller.execute(TakeBackAnswer(answer_id=AnswerId(answer_id), acknowledged=acknowledged))
    return Nothing()
