"""The catalogue: service offers (MKP-SRV-OFF)."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response

from app.queries.models import place as q
from app.rest.access import Caller, FromCaller
from app.rest.fields import Id
from app.rest.market_place import made
from app.rest.market_place import schemas as s
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
from domain.commands import place as c
from domain.ids import PartyId, ServiceOfferId
from domain.marketplace.offers import ServiceOffer

router = APIRouter(route_class=StrictRoute, tags=["catalogue"])
PathId = Annotated[Id, Path()]
OFFERS = Listing(s.OfferOut, "-changed_at,-id", by=("title", "provider_name", "published_at"))
_PAGING = ("limit", "cursor", "sort", "with_total")


@router.get("/offers", operation_id="place_catalogue")
def offers(caller: FromCaller, pager: FromPager, where: Annotated[s.OfferFilter, Query()]) -> Page[s.OfferOut]:
    """Search the catalogue, the last changed first."""
    filters = {key: value for key, value in dict(where).items() if key not in _PAGING}
    provider_id = PartyId(where.provider_id) if where.provider_id else None
    query = q.SearchServices(**filters | {"provider_id": provider_id})
    return pager.page(OFFERS, where, caller.query(query), made.offer)


@router.get("/offers/{service_offer_id}", operation_id="place_offer")
def offer(caller: FromCaller, service_offer_id: PathId, response: Response) -> s.OfferOut:
    """One offer."""
    row = caller.query(q.GetServiceOffer(offer_id=ServiceOfferId(service_offer_id)))
    tag(response, row.offer.version)
    return made.offer(row)


@router.post("/comparisons", operation_id="place_compare")
def compare(caller: FromCaller, body: s.CompareIn) -> s.ComparisonOut:
    """Two to six offers, point by point."""
    query = q.CompareServices(offer_ids=tuple(map(ServiceOfferId, body.offer_ids)))
    found = caller.query(query)
    return s.ComparisonOut(
        offers=[made.offer(row) for row in found.offers],
        lines=[s.ComparisonLineOut.model_validate(line) for line in found.lines],
    )


@router.post("/offers", status_code=201, operation_id="place_publish_offer")
def publish(caller: FromCaller, body: s.OfferIn, response: Response) -> s.OfferOut:
    """Provider: publish an offer."""
    command = c.PublishServiceOffer(
        service_type=body.service_type,
        title=body.title,
        text=body.text,
        descriptions=made.descriptions_of(body.descriptions),
        terms=made.terms_of(body.terms),
    )
    published = cast(ServiceOffer, caller.execute(command))
    response.headers["Location"] = f"/api/v1/market-place/offers/{published.id}"
    return _offer(caller, published.id)


@router.put("/offers/{service_offer_id}", operation_id="place_edit_offer")
def edit(caller: FromChanger, service_offer_id: PathId, body: s.OfferEditIn) -> s.OfferOut:
    """Provider: another wording of an own offer."""
    command = c.EditServiceOffer(
        offer_id=ServiceOfferId(service_offer_id),
        title=body.title,
        text=body.text,
        descriptions=made.descriptions_of(body.descriptions),
        terms=made.terms_of(body.terms),
    )
    caller.change(command, ServiceOffer, id=service_offer_id)
    return _offer(caller, service_offer_id)


@router.post("/offers/{service_offer_id}/withdraw", operation_id="place_withdraw_offer")
def withdraw(caller: FromChanger, service_offer_id: PathId) -> s.OfferOut:
    """Provider: the offer is no longer to be had."""
    command = c.WithdrawServiceOffer(offer_id=ServiceOfferId(service_offer_id))
    caller.change(command, ServiceOffer, id=service_offer_id)
    return _offer(caller, service_offer_id)


def _offer(caller: Caller, offer_id: str) -> s.OfferOut:
    return made.offer(caller.query(q.GetServiceOffer(offer_id=ServiceOfferId(offer_id))))
