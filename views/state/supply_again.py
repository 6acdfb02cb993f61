"""An offer sent again: the smallest change that would have had it accepted, and where it can go."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from app.queries.models import OfferRow
from domain.lifecycle import OfferState
from views.state.common import number
from views.state.supply_facts import SupplyFacts
from views.state.supply_start import session_for

_CHANGEABLE = (OfferState.SUBMITTED, OfferState.PARTLY_ACCEPTED, OfferState.REJECTED)
COMPOSER = "/supply/compose"


@dataclass(frozen=True, kw_only=True)
class Again:
    """`label` of the button and `href` of the composer it opens; without an address `words` say why there is none.
    All empty for an offer of which no change is to be made."""

    label: str = ""
    href: str = ""
    words: str = ""


def again(row: OfferRow, facts: SupplyFacts) -> Again:
    """What can be done with an offer in the book: an offer that stands is changed, a refused one sent again at the
    highest price that would have been accepted."""
    offer = row.offer
    if offer.state not in _CHANGEABLE:
        return Again()
    price = smallest_change(row)
    if offer.state is not OfferState.SUBMITTED and price is None:
        return Again()
    target = session_for(facts, offer)
    if target is None:
        region = facts.region_names.get(offer.region_id, "the region")
        return Again(words=f"No session of {region} is open now in which it could be sent again.")
    asked = {"offer": str(offer.id)} | ({} if price is None else {"price": f"{price:f}"})
    units = offer.commodity.units
    same = target.session.id == offer.session_id
    where = "" if same else f" in the session of {target.session.delivery_day:%d %b}"
    label = "Change" if price is None else "Apply the smallest change"
    words = (
        ""
        if price is None
        else f"Sends it again{where} at {number(price)} {units.price}; the composer opens first."
    )
    return Again(label=label, href=f"{COMPOSER}?{urlencode(asked)}", words=words)


def smallest_change(row: OfferRow) -> Decimal | None:
    """The highest price at which all its assets would have been accepted; None where no lower price is told."""
    told = [entry.accepted_if_eur_per_mwh for entry, _ in row.why if entry.accepted_if_eur_per_mwh is not None]
    return min(told) if told and min(told) < max(row.offer.price_eur_per_mwh) else None
