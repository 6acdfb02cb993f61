"""What two clearings are compared by: accepted energy of each line, prices, unmet change; from a job's bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np

from app.bridge.numbers import HOURS_PER_STEP, exact, series
from app.bridge.outcomes import NodalPrices, PriceParts, ResultFacts
from app.bridge.results import nodal_prices, result_document, result_facts
from domain.flexibility.commodity import Commodity
from domain.units import energy_mwh, total


@dataclass(frozen=True, kw_only=True)
class LineFigures:
    """What was accepted of one line of an offer: energy in the unit of its commodity."""

    asset_id: str
    party_id: str
    commodity: str
    direction: str
    offered: Decimal
    accepted: Decimal


@dataclass(frozen=True, kw_only=True)
class PriceRange:
    """Lowest, mean and highest over all buses and steps, EUR per MWh or Mvarh."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True, kw_only=True)
class ClearingFigures:
    """`unmet_mwh`: change of P that no offer made, where a virtual one had to stand in."""

    facts: ResultFacts
    lines: tuple[LineFigures, ...]
    p: PriceRange | None
    q: PriceRange | None
    unmet_mwh: Decimal


@lru_cache(maxsize=16)
def clearing_figures(inputs: bytes, result: bytes) -> ClearingFigures:
    """The figures of a `clearing` or `try` job that is done; cached."""
    document, facts = result_document(result), result_facts(result)
    awards: Mapping[str, Mapping[str, Any]] = document["awards"] or {}
    prices = nodal_prices(result)
    unmet = [exact(row.value) for row in facts.unmet if row.kind in ("P up", "P down")]
    return ClearingFigures(
        facts=facts,
        lines=tuple(_line(offer, awards.get(offer["id"])) for offer in json.loads(inputs)["offers"]),
        p=None if prices is None else _range(prices.p),
        q=_range(prices.q) if prices is not None and prices.q is not None else None,
        unmet_mwh=total(unmet) * HOURS_PER_STEP,
    )


def prices_of(result: bytes) -> NodalPrices | None:
    """The prices at every bus, None where the clearing gave none."""
    return nodal_prices(result)


def _line(offer: Mapping[str, Any], award: Mapping[str, Any] | None) -> LineFigures:
    quantity = "quantity_mw" if offer["commodity"] == Commodity.P.value else "quantity_mvar"
    return LineFigures(
        asset_id=str(offer["id"]).partition("/")[2],
        party_id=offer["party"],
        commodity=offer["commodity"],
        direction=offer["direction"],
        offered=_energy(offer[quantity]),
        accepted=_energy(award["accepted"]) if award else Decimal(0),
    )


def _energy(quantities: list[float]) -> Decimal:
    """In whole watts, as awards are."""
    return energy_mwh(series(quantities))


def _range(parts: PriceParts) -> PriceRange:
    return PriceRange(
        low=float(np.min(parts.total)), mean=float(np.mean(parts.total)), high=float(np.max(parts.total))
    )
