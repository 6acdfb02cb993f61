"""`/dsos/{dso}/flexibilityActivations`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.queries.models import ListCalledFlexibility
from app.rest.access import FromCaller, FromServices
from app.rest.fields import Id, Instant, Out
from app.rest.interflex.entity import Entity, OnDay, act_as, new_id
from app.rest.interflex.fields import (
    Currency,
    Double,
    FlexType,
    Grain,
    Nothing,
    Price,
    Timed,
    TimedOut,
    written,
    written_mw,
)
from app.rest.strict import StrictRoute
from domain.commands import CallOffer, WithdrawCall
from domain.ids import CallId, OfferId, PartyId

ID = "FA"
router = APIRouter(route_class=StrictRoute, tags=["interflex"], prefix="/dsos/{dso}/flexibilityActivations")


class FlexibilityActivationIn(Timed):
    """The call of part of an offer at the offer's price."""

    activation_id: Id
    offer_id: Id
    granularity: Grain
    activation_time: Instant
    flex_price: Price
    flex_type: FlexType
    currency: Currency


class FlexibilityActivationOut(TimedOut):
    activation_id: str
    offer_id: str
    granularity: Double
    flex_price: Double
    flex_type: str
    currency: str = "EUR"


class ActivationIdOut(Out):
    activation_id: str


@router.get("/activationId", operation_id="interflex_get_activation_id")
def get_activation_id(caller: FromCaller, services: FromServices, dso: Entity) -> ActivationIdOut:
    """DSO: a new id for an activation of its own."""
    return ActivationIdOut(activation_id=new_id(services, caller, dso, ID, CallOffer))


@router.get("/{agg}", operation_id="interflex_list_activations")
def list_activations(
    caller: FromCaller, dso: Entity, agg: Entity, where: Annotated[OnDay, Query()]
) -> list[FlexibilityActivationOut]:
    """The DSO and the aggregator: what the one calls of the other, until it is delivered."""
    rows = caller.query(ListCalledFlexibility(dso_id=PartyId(dso), party_id=PartyId(agg), delivery_day=where.date))
    return [
        FlexibilityActivationOut.model_validate(
            {
                "activation_id": row.call_id,
                "offer_id": row.offer_id,
                "granularity": written_mw(row.granularity_mw, row.stretch.commodity),
                "flex_price": row.price_eur_per_mwh,
                "flex_type": row.flex_type,
            }
            | written(row.stretch, row.called_at)
        )
        for row in rows
    ]


@router.post("/{agg}", status_code=201, operation_id="interflex_post_activation")
def post_activation(
    caller: FromCaller, services: FromServices, dso: Entity, agg: Entity, body: FlexibilityActivationIn
) -> Nothing:
    """DSO: activate part of an aggregator's offer, after the gate of what was awarded of it."""
    act_as(caller, dso, CallOffer)
    services.issuer.check(body.activation_id, ID, dso, "activation_id")
    command = CallOffer(
        call_id=CallId(body.activation_id),
        party_id=PartyId(agg),
        offer_id=OfferId(body.offer_id),
        power_mw=body.power_mw,
        starts_at=body.activation_time,
        duration_s=body.duration,
        price_eur_per_mwh=body.flex_price,
        commodity=body.commodity,
    )
    caller.execute(command)
    return Nothing()


@router.delete("/{agg}/{activation_id}", operation_id="interflex_delete_activation")
def delete_activation(caller: FromCaller, dso: Entity, agg: Entity, activation_id: Id) -> Nothing:
    """DSO: take back an activation of before the gate that nobody has answered."""
    act_as(caller, dso, WithdrawCall)
    caller.execute(WithdrawCall(call_id=CallId(activation_id), party_id=PartyId(agg)))
    return Nothing()
