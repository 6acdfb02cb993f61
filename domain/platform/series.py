"""Values as they are shown and sent: of one point of delivery, or of a group of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.ids import PodId
from domain.marketplace.words import AggregationLevel, AggregationMethod, Quantity, TimeStep


@dataclass(frozen=True, kw_only=True)
class PodSeries:
    """`values` [n] at `starts` [n] (UTC), kWh or kW, None for a gap."""

    pod_id: PodId
    quantity: Quantity
    time_step: TimeStep
    starts: tuple[datetime, ...]
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, kw_only=True)
class AggregateSeries:
    """`values` [n] at `starts` [n] (UTC), None where there is none or it may not be seen.

    n_pods : [n] of how many points of delivery, 0 with None
    group : (country), (country, city), (country, city, street), or () for a portfolio
    """

    group: tuple[str, ...]
    level: AggregationLevel
    method: AggregationMethod
    quantity: Quantity
    time_step: TimeStep
    starts: tuple[datetime, ...]
    values: tuple[Decimal | None, ...]
    n_pods: tuple[int, ...]

    @property
    def name(self) -> str:
        return " / ".join(self.group) or self.level.value
