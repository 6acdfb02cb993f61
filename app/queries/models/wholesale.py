"""Local prices as they stand beside the wholesale ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.bridge.outcomes import Floats
from app.queries.models.base import Query
from domain.flexibility.market import MarketSession
from domain.parties import Region


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalPrices:
    """Lowest and highest nodal price of active power in a region, each [n_steps] EUR/MWh, of its last
    published session up to the day asked for; `n_buses` tells over how many buses. None where no published result
    has one."""

    region: Region
    session: MarketSession | None = None
    low_eur_per_mwh: Floats | None = None
    high_eur_per_mwh: Floats | None = None
    n_buses: int = 0


@dataclass(frozen=True, kw_only=True)
class ListLocalPrices(Query[tuple[LocalPrices, ...]]):
    """By visible region. Offering parties: over the buses of their own confirmed assets; all others: over all."""

    delivery_day: date
