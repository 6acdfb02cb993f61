"""A first price cap for a request, from what the market has shown, and how it was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal

import numpy as np

from app.queries.models import GetNodalPrices, ListPrices, ListSessions, NodalPrices
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import PriceKind
from domain.lifecycle import SessionState
from domain.units import MAX_PRICE_EUR_PER_MWH, Series
from views.state.common import floats
from views.state.door import Door
from views.state.dso_drafts import DEFAULT_CAP, Draft
from views.state.dso_facts import Place

ROOM = Decimal(2)
"""A cap is an upper end: twice what was paid last leaves room, and the clearing takes the cheapest first."""


@dataclass(frozen=True, kw_only=True)
class References:
    """What caps are drawn from: the last published local prices of the region, and the day-ahead prices."""

    day_ahead_eur_per_mwh: Series | None
    local: NodalPrices | None
    local_day: date | None


def references(door: Door, here: Place) -> References:
    """Those of the day looked at. Raises `Refused` as the desk does."""
    prices = {row.kind: row.price_eur_per_mwh for row in door.ask(ListPrices(delivery_day=here.day))}
    done = [
        row.session
        for row in door.ask(ListSessions(region_id=here.region.id))
        if row.session.state is SessionState.PUBLISHED and row.session.delivery_day < here.day
    ]
    last = max(done, key=lambda session: session.delivery_day, default=None)
    return References(
        day_ahead_eur_per_mwh=prices.get(PriceKind.DAY_AHEAD),
        local=None if last is None else door.ask(GetNodalPrices(session_id=last.id)),
        local_day=None if last is None else last.delivery_day,
    )


def suggested(draft: Draft, known: References) -> Decimal:
    """Twice the highest reference in the draft's quarter hours, whole EUR; the usual first cap without any."""
    asked = np.flatnonzero(floats(draft.quantity_mw))
    seen = [*_local(draft, known.local, asked), *_day_ahead(draft, known.day_ahead_eur_per_mwh, asked)]
    if not seen:
        return DEFAULT_CAP
    cap = (Decimal(repr(round(max(seen), 4))) * ROOM).to_integral_value(ROUND_CEILING)
    return min(max(cap, Decimal(1)), MAX_PRICE_EUR_PER_MWH)


def _local(draft: Draft, prices: NodalPrices | None, asked: np.ndarray) -> list[float]:
    """What a change of the draft's direction was worth at its buses."""
    parts = None if prices is None else (prices.p if draft.commodity is Commodity.P else prices.q)
    if prices is None or parts is None:
        return []
    worth = parts.up if draft.direction is Direction.UP else parts.down
    at = [k for k, bus in enumerate(prices.bus_ids) if bus in set(draft.asked_buses)]
    steps = asked[asked < len(worth)]
    values = worth[np.ix_(steps, at)]
    return [float(values.max())] if values.size else []


def _day_ahead(draft: Draft, prices: Series | None, asked: np.ndarray) -> list[float]:
    """Energy given up or called for costs at least its day-ahead price; reactive power has none."""
    if prices is None or draft.commodity is not Commodity.P or not asked.size:
        return []
    return [abs(float(prices[step])) for step in asked if step < len(prices)]


def with_suggested(drafts: Sequence[Draft], known: References) -> list[Draft]:
    """Every ticked draft with its suggested cap; the others as they are."""
    return [
        replace(draft, price_cap=f"{suggested(draft, known):f}") if draft.include else draft for draft in drafts
    ]


def how(known: References) -> str:
    """How the suggestion is found, in a sentence."""
    sources: Mapping[str, bool] = {
        f"the local prices of {known.local_day:%d %b}" if known.local_day else "": known.local is not None,
        "the day-ahead prices": known.day_ahead_eur_per_mwh is not None,
    }
    named = " and ".join(words for words, there in sources.items() if there)
    if not named:
        return f"No prices are known yet; the suggested cap is {DEFAULT_CAP:f}."
    said = f"Suggested cap: twice the highest of {named} in the request's hours."
    return f"{said} Q without local prices: {DEFAULT_CAP:f}."
