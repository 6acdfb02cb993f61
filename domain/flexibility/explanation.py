"""Why an offer was not accepted in full, as data from the clearing and as one plain sentence."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from domain.flexibility.commodity import Commodity
from domain.ids import AssetId
from domain.time import DeliveryDay
from domain.units import CENT

LIMITS = {"voltage": "voltage at bus {element}", "loading": "the loading of {element}"}
"""Kinds of limits that leave an offer out, and how each is named."""
MARGINAL, PARADOX = "marginal", "paradox"


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What the clearing says of one asset's part of an offer.

    kind : `voltage` or `loading` (the limit that decides at bus or branch `element`), `marginal` (it sets the
        price), `paradox` (a block left out although the prices would pay it), or "" (no limit is near)
    step : the quarter hour that decides, None when there is none
    local_price_eur_per_mwh : what its change was worth there
    accepted_if_eur_per_mwh : the highest price at which it would have been accepted, None when no price would do
    exact : that price is exact; else it is where the offer breaks even at the clearing's prices
    """

    asset_id: AssetId
    kind: str
    element: str = ""
    step: int | None = None
    local_price_eur_per_mwh: Decimal | None = None
    accepted_if_eur_per_mwh: Decimal | None = None
    exact: bool = True


def sentence(explanation: Explanation, day: DeliveryDay, commodity: Commodity = Commodity.P) -> str:
    """One sentence for people, local clock time of the delivery day, prices in the unit of the commodity."""
    unit = commodity.units.price
    at = "" if explanation.step is None else f" at {day.label(explanation.step)}"
    if explanation.kind == MARGINAL:
        return _marginal(explanation, at, unit)
    cause = _cause(explanation, at)
    if explanation.kind == PARADOX:
        return f"{_PARADOX}{cause and f', limited by {cause}'}."
    price = explanation.accepted_if_eur_per_mwh
    if price is None:
        return f"Held back by {cause}." if cause else "Not accepted in full; no single limit decided it."
    instead = _ACCEPTED if explanation.exact else _BREAK_EVEN
    priced = instead.format(price.quantize(CENT), unit)
    return f"At this price not needed: {priced}{cause and f', limited by {cause}'}."


_PARADOX = (
    "Left out as a whole although the prices would pay it: with it, the market as a whole would have cost more"
)
_ACCEPTED = "would have been accepted at {} {} or less"
_BREAK_EVEN = "breaks even at {} {} at the clearing's prices"


def _marginal(explanation: Explanation, at: str, unit: str) -> str:
    """The offer that sets a price; without one (orders that were matched) nothing was left that met its own."""
    worth = explanation.local_price_eur_per_mwh
    if worth is None:
        return f"Not matched in full: no counter-order was left that met its price{at}."
    return f"Accepted in part: it sets the price{at}, {worth.quantize(CENT)} {unit}, and more was not needed."


def _cause(explanation: Explanation, at: str) -> str:
    """The limit that decided; nothing where there is none or its kind is not known here."""
    limit = LIMITS.get(explanation.kind)
    return f"{limit.format(element=explanation.element)}{at}" if limit and explanation.element else ""
