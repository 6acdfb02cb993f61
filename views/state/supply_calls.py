"""What an owner reads of direct calls of its offers, and its words that it has no flexibility."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from app.queries.models import AwardRow, OfferedFlexibility
from domain.commands import OfferFlexibility
from domain.flexibility.market import FlexOffer, FlexRequest
from domain.ids import OfferId
from domain.time import MTU, DeliveryDay, market_day
from views.state.common import local, number
from views.state.dso_room import ZONE_PREFIX
from views.state.spans import ends, span, span_utc

ZERO = Decimal(0)
NO_TYPE = "flexibility"
"""The type of flexibility of a decline, which names none."""


def call_words(offer: FlexOffer, offered: Sequence[OfferedFlexibility], awards: Sequence[AwardRow]) -> str:
    """Until when the DSO may call an offer by itself, and how much it called; "" for one of the book alone."""
    until = next((e.deadline for e in offered if e.offer_id == offer.id and e.open_to_call), None)
    called = [row.accepted_mwh for row in awards if row.award.offer_id == offer.id and row.award.direct]
    said = [] if until is None else [f"The DSO may call it until {local(until, '%d %b %H:%M')}"]
    if called:
        said.append(f"{number(sum(called, ZERO), 3)} {offer.commodity.units.energy} called")
    return ", ".join(said)


def declines(offered: Sequence[OfferedFlexibility]) -> list[OfferedFlexibility]:
    """Own words that there is no flexibility, as long as they hold."""
    return [entry for entry in offered if not entry.stretch.power_mw]


def decline_record(entry: OfferedFlexibility) -> dict[str, Any]:
    """A decline as a row of the book of offers; taken back like one."""
    day = DeliveryDay(day=market_day(entry.stretch.starts_at))
    first, last = (day.step(at) or 0 for at in (entry.stretch.starts_at, entry.stretch.ends_at - MTU))
    place = entry.place.removeprefix(ZONE_PREFIX)
    until = local(entry.deadline, "%d %b %H:%M")
    return {
        "state": "no flexibility",
        "asset": f"None at {place}",
        "kind": entry.stretch.commodity.value,
        "span": f"{day.day:%d %b} {span(day, first, last)}",
        "span_utc": span_utc(day, first, last),
        "price": "–",
        "terms": f"You said that you have no flexibility at {place}; it holds until {until}",
        "offer_id": entry.offer_id,
        "why": [],
        "withdrawable": True,
    }


def decline_of(request: FlexRequest, day: DeliveryDay, offer_id: OfferId) -> OfferFlexibility:
    """The word that there is no flexibility for a request of a day."""
    first, last = ends(request.quantity_mw) or (0, 0)
    starts_at = day.instant(first)
    return OfferFlexibility(
        offer_id=offer_id,
        place=request.congestion_point,
        power_mw=ZERO,
        granularity_mw=ZERO,
        starts_at=starts_at,
        duration_s=Decimal((last - first + 1) * int(MTU.total_seconds())),
        deadline=min(request.deadline, starts_at),
        price_eur_per_mwh=ZERO,
        flex_type=NO_TYPE,
        commodity=request.commodity,
    )
