"""The merit order of a quarter hour by what relief of one limit costs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import numpy as np

from app.queries.models import AwardRow, OfferRow, PassedLimit, Relief
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.lifecycle import OfferState
from views.plots.models import MeritOrder
from views.state.common import number, short


def limits_at(relief: Relief, step: int) -> list[tuple[int, PassedLimit]]:
    """The limits that the schedules pass in a step, farthest beyond first, each with its row in `relief`."""
    found = [(n, limit) for n, limit in enumerate(relief.limits) if limit.step == step]
    return sorted(found, key=lambda entry: (entry[1].kind, -_beyond(entry[1]), entry[1].element))


def _beyond(limit: PassedLimit) -> float:
    return abs(limit.value - limit.limit) / abs(limit.limit)


def limit_words(limit: PassedLimit) -> str:
    """Such as `Line 7: 118.2 of 100.0 %`."""
    places, unit = (4, "pu") if limit.kind == "voltage" else (1, "%")
    return f"{limit.element}: {number(limit.value, places)} of {number(limit.limit, places)} {unit}"


def merit_by_relief(
    offers: Iterable[OfferRow],
    awards: Iterable[AwardRow],
    relief: Relief,
    row: int,
    commodity: Commodity,
    direction: Direction,
) -> tuple[MeritOrder, int]:
    """Offers of one commodity and direction in the limit's step, one block for each asset's line that relieves it;
    and how many lines offered then do not."""
    limit, column = relief.limits[row], {line: k for k, line in enumerate(relief.line_ids)}
    accepted = {(a.award.offer_id, a.award.asset_id): a.award.accepted_mw[limit.step] for a in awards}
    blocks: list[tuple[str, float, float, float]] = []
    n_without = 0
    for entry in offers:
        offer = entry.offer
        if (offer.commodity, offer.direction) != (commodity, direction) or offer.state is OfferState.WITHDRAWN:
            continue
        for line in offer.lines:
            k = column.get(f"{offer.id}/{line.asset_id}")
            quantity = line.quantity_mw[limit.step]
            if k is None or not quantity:
                continue
            cost = float(relief.cost[row, k])
            if not np.isfinite(cost):
                n_without += 1
                continue
            effect = f"{relief.effect[row, k]:+.3g} {limit.effect_unit}"
            name = f"{entry.party.name}, {short(offer.id)}, {effect}"
            taken = accepted.get((offer.id, line.asset_id), Decimal(0))
            blocks.append((name, float(quantity), cost, float(taken)))
    order = MeritOrder(
        name=[name for name, *_ in blocks],
        p_mw=np.array([quantity for _, quantity, _, _ in blocks]),
        price_eur_per_mwh=np.array([cost for _, _, cost, _ in blocks]),
        awarded_p_mw=np.array([taken for *_, taken in blocks]),
        required_p_mw=None,
        power_unit=commodity.units.power,
        price_unit=limit.cost_unit,
    )
    return order, n_without
