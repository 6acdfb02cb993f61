"""A stored case told by other rules, for a clearing that is only tried."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.bridge.numbers import floats
from domain.errors import refuse
from domain.flexibility.rules import ClearingMode, ClearingRules, EnergyPricing
from domain.units import Series
from engine import canonical_json


def by_other_rules(
    inputs: bytes,
    rules: ClearingRules,
    day_ahead_eur_per_mwh: Series | None,
    s_max_mva: Mapping[str, Decimal | None],
) -> bytes:
    """The case of a `clearing` job with other rules: the same grid, schedules, offers and requests. Orders that
    were withdrawn while a continuous session matched are left out where all orders are cleared together.

    day_ahead_eur_per_mwh : [n_steps], needed where energy is priced; s_max_mva : ratings by asset id, which an
    asset's offers share unless the clearing is continuous, once one of them is of Q

    Raises:
        Refused: `no_prices`.
    """
    case: dict[str, Any] = json.loads(inputs)
    options = {"clearing": rules.clearing.value, "payment": rules.payment.value, "energy": rules.energy.value}
    case["options"] = {**case["options"], **options}
    if rules.clearing is not ClearingMode.CONTINUOUS:
        case |= {name: _standing(case[name]) for name in ("offers", "requests")}
    case["coupling_price_eur_per_mwh"] = _coupling_price(rules, day_ahead_eur_per_mwh)
    rated = rules.clearing is not ClearingMode.CONTINUOUS
    sharing = {_asset_of(offer) for offer in case["offers"] if rated and offer["commodity"] == "Q"}
    case["offers"] = [_rated(offer, s_max_mva.get(_asset_of(offer)), sharing) for offer in case["offers"]]
    return canonical_json(case)


def _coupling_price(rules: ClearingRules, day_ahead_eur_per_mwh: Series | None) -> list[float] | float:
    if rules.energy is EnergyPricing.IGNORED:
        return 0.0
    if day_ahead_eur_per_mwh is None:
        sentence = "Energy has the day-ahead price, and the day has no day-ahead prices yet; upload them."
        raise refuse("no_prices", "energy", sentence)
    return floats(day_ahead_eur_per_mwh)


def _asset_of(offer: Mapping[str, Any]) -> str:
    """Offers of a case are named `OFFERID/ASSETID`."""
    return str(offer["id"]).partition("/")[2]


def _standing(orders: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [order for order in orders if order.get("withdrawn_at") is None]


def _rated(offer: Mapping[str, Any], s_max_mva: Decimal | None, sharing: set[str]) -> dict[str, Any]:
    told = {key: value for key, value in offer.items() if key != "s_max_mva"}
    shares = s_max_mva is not None and _asset_of(offer) in sharing
    return {**told, "s_max_mva": float(s_max_mva)} if shares and s_max_mva is not None else told
