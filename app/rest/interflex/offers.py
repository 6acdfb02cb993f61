"""`/aggregators/flexibilityOffers` and `/aggregators/{agg}/flexibilityOffers`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from app.queries.models import ListOfferedFlexibility
from app.rest.access import FromCaller, FromServices
from app.rest.fields import Id, Instant, Out
from app.rest.interflex.entity import Entity, OnDay, act_as, new_id
from app.rest.interflex.fields import (
    Currency,
    Double,
    FlexType,
    Grain,
    MarketTime,
    Nothing,
    Place,
    Price,
    Timed,
    TimedOut,
    written,
    written_mw,
)
from app.rest.strict import StrictRoute
from domain.commands import OfferFlexibility, WithdrawOffer
from domain.errors import refuse
from domain.ids import OfferId

ID = "FO"
router = APIRouter(route_class=StrictRoute, tags=["interflex"], prefix="/aggregators")


class FlexibilityOfferIn(Timed):
    """A flexibility offer, or with a `flexible_power` of 0 that there is none."""

    offer_id: Id
    entity_id: Annotated[Id, Field(description="Who offers; the aggregator of the address.")]
    deadline: Annotated[Instant, Field(description="Until when the DSO may activate it.")]
    region_id: Place
    granularity: Grain
    activation_time: Instant
    flex_price: Price
    flex_type: FlexType
    currency: Currency


class FlexibilityOfferOut(TimedOut):
    offer_id: str
    entity_id: str
    deadline: MarketTime
    region_id: str
    granularity: Double
    flex_price: Double
    flex_type: str
    currency: str = "EUR"


class OfferIdOut(Out):
    offer_id: str


@router.get("/flexibilityOffers", operation_id="interflex_list_offers")
def list_offers(caller: FromCaller, where: Annotated[OnDay, Query()]) -> list[FlexibilityOfferOut]:
    """A DSO: the offers of its regions that it may see; an aggregator: its own. Only those that still hold."""
    rows = caller.query(ListOfferedFlexibility(delivery_day=where.date))
    return [
        FlexibilityOfferOut.model_validate(
            {
                "offer_id": row.offer_id,
                "entity_id": row.party_id,
                "deadline": row.deadline,
                "region_id": row.place,
                "granularity": written_mw(row.granularity_mw, row.stretch.commodity),
                "flex_price": row.price_eur_per_mwh,
                "flex_type": row.flex_type,
            }
            | written(row.stretch, row.offered_at)
        )
        for row in rows
    ]


@router.get("/{agg}/flexibilityOffers/offerId", operation_id="interflex_get_offer_id")
def get_offer_id(caller: FromCaller, services: FromServices, agg: Entity) -> OfferIdOut:
    """Aggregator: a new id for an offer of its own."""
    return OfferIdOut(offer_id=new_id(services, caller, agg, ID, OfferFlexibility))


@router.post("/{agg}/flexibilityOffers", status_code=201, operation_id="interflex_post_offer")
def post_offer(caller: FromCaller, services: FromServices, agg: Entity, body: FlexibilityOfferIn) -> Nothing:
    """Aggregator: offer flexibility of its confirmed assets at a place, or say that there is none."""
    act_as(caller, agg, OfferFlexibility)
    services.issuer.check(body.offer_id, ID, agg, "offer_id")
    if body.entity_id != agg:
        raise refuse("not_yours", "entity_id", "An offer is made for oneself only.")
    command = OfferFlexibility(
        offer_id=OfferId(body.offer_id),
        place=body.region_id,
        power_mw=body.power_mw,
        granularity_mw=body.mw(body.granularity),
        starts_at=body.activation_time,
        duration_s=body.duration,
        deadline=body.deadline,
        price_eur_per_mwh=body.flex_price,
        flex_type=body.flex_type,
        commodity=body.commodity,
    )
    caller.execute(command)
    return Nothing()


@router.delete("/{agg}/flexibilityOffers/{offer_id}", operation_id="interflex_delete_offer")
def delete_offer(caller: FromCaller, agg: Entity, offer_id: Id) -> Nothing:
    """Aggregator: withdraw an own offer that is neither activated nor awarded."""
    act_as(caller, agg, WithdrawOffer)
    caller.execute(WithdrawOffer(offer_id=OfferId(offer_id)))
    return Nothing()
