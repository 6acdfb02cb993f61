"""How a composer starts: from a request to answer, or from an offer that is to be changed or sent again."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models import SessionRow
from domain.errors import Refused
from domain.flexibility.market import FlexOffer
from domain.flexibility.terms import NO_TERMS, OfferTerms
from domain.ids import OfferId
from domain.lifecycle import OfferState, RequestState
from domain.time import DeliveryDay
from domain.units import Series
from views.state.dso_drafts import parse_decimal
from views.state.spans import ends
from views.state.supply_composer import add, at_most
from views.state.supply_desk import open_sessions
from views.state.supply_facts import SupplyFacts, own_assets_at


@dataclass(frozen=True, kw_only=True)
class Start:
    """A composer as a request or an offer presets it; series [n_steps] and terms where an offer does."""

    session_id: str
    power: str
    direction: str
    asset_ids: tuple[str, ...]
    first: int
    last: int
    quantity_mw: Series = ()
    price_eur_per_mwh: Series = ()
    terms: OfferTerms = NO_TERMS
    replaces: tuple[OfferId, ...] = ()


def start_from(facts: SupplyFacts, request_id: str) -> Start | None:
    """What answering a request means; None when it is not open any more."""
    request = next((r for r in facts.requests if r.id == request_id), None)
    if request is None or request.state is not RequestState.PUBLISHED:
        return None
    stretch = ends(request.quantity_mw) or (0, len(request.quantity_mw) - 1)
    own = own_assets_at(request, facts.assets)
    return Start(
        session_id=request.session_id,
        power=request.commodity.value,
        direction=request.direction.value,
        asset_ids=tuple(a.id for a in own[:1]),
        first=stretch[0],
        last=stretch[1],
    )


def session_for(facts: SupplyFacts, offer: FlexOffer) -> SessionRow | None:
    """Where an offer can be sent again: its own session while it stands in it, else the region's next open one."""
    rows = [row for row in open_sessions(facts) if row.session.region_id == offer.region_id]
    own = next((row for row in rows if row.session.id == offer.session_id), None)
    return own or next(iter(rows), None)


def start_again(facts: SupplyFacts, offer_id: str, highest: str) -> Start | None:
    """An offer to be changed, no dearer than `highest` where that is a price; None where it cannot be sent again.

    An offer that stands in the session is replaced. A day of another length takes no offer of it.
    """
    offer = next((row.offer for row in facts.offers if row.offer.id == offer_id), None)
    row = None if offer is None else session_for(facts, offer)
    if offer is None or row is None:
        return None
    quantity = add([line.quantity_mw for line in offer.lines], len(offer.price_eur_per_mwh))
    if len(quantity) != DeliveryDay(day=row.session.delivery_day).n_steps:
        return None
    stands = row.session.id == offer.session_id and offer.state is OfferState.SUBMITTED
    first, last = ends(quantity) or (0, len(quantity) - 1)
    try:
        price = at_most(offer.price_eur_per_mwh, parse_decimal(highest, "price", "a price"))
    except Refused:
        price = offer.price_eur_per_mwh
    return Start(
        session_id=row.session.id,
        power=offer.commodity.value,
        direction=offer.direction.value,
        asset_ids=tuple(line.asset_id for line in offer.lines),
        first=first,
        last=last,
        quantity_mw=quantity,
        price_eur_per_mwh=price,
        terms=offer.terms,
        replaces=(offer.id,) if stands else (),
    )
