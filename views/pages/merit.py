"""The merit order of a quarter hour, from the book to the figure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import numpy as np

from app.queries.models import AwardRow, OfferRow
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexRequest
from domain.ids import OfferId
from domain.lifecycle import OfferState
from views.plots.models import MeritOrder
from views.state.common import short
from views.state.records import sum_lines


def merit_of(
    offers: Iterable[OfferRow],
    requests: Iterable[FlexRequest],
    awards: Iterable[AwardRow],
    commodity: Commodity,
    direction: Direction,
    step: int,
) -> MeritOrder:
    """Offers of one commodity, direction and step; what is asked for then is the need."""
    kind = (commodity, direction)
    accepted: dict[OfferId, Decimal] = {}
    for row in awards:
        accepted[row.award.offer_id] = accepted.get(row.award.offer_id, Decimal(0)) + row.award.accepted_mw[step]
    alike = [row for row in offers if (row.offer.commodity, row.offer.direction) == kind]
    rows = [row for row in alike if row.offer.state is not OfferState.WITHDRAWN]
    p_mw = [sum_lines(row.offer.lines)[step] for row in rows]
    taken = [(row, p) for row, p in zip(rows, p_mw, strict=True) if p > 0]
    needed = sum((r.quantity_mw[step] for r in requests if (r.commodity, r.direction) == kind), Decimal(0))
    return MeritOrder(
        name=[f"{row.party.name}, {short(row.offer.id)}" for row, _ in taken],
        p_mw=np.array([float(p) for _, p in taken]),
        price_eur_per_mwh=np.array([float(row.offer.price_eur_per_mwh[step]) for row, _ in taken]),
        awarded_p_mw=np.array([float(accepted.get(row.offer.id, 0)) for row, _ in taken]),
        required_p_mw=float(needed) or None,
        power_unit=commodity.units.power,
        price_unit=commodity.units.price,
    )
