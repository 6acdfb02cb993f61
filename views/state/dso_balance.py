"""Need against offered against confirmed, by congestion point."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.queries.models import GridMap, ProposedRequest
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexRequest
from domain.time import MTU
from domain.units import Series
from views.state.common import floats, power_words
from views.state.dso_facts import MarketFacts
from views.state.dso_room import ZONE_PREFIX

Floats = NDArray[np.float64]
Key = tuple[str, Commodity, Direction]
_HOURS = MTU.total_seconds() / 3600


@dataclass(frozen=True, kw_only=True, eq=False)
class Balance:
    """A zone's commodity and direction over the day, each [n_steps] MW or Mvar. `offered` is None while the book
    is sealed, `confirmed` before the result is published."""

    zone: str
    commodity: Commodity
    direction: Direction
    needed: Floats
    requested: Floats
    offered: Floats | None
    confirmed: Floats | None

    @property
    def key(self) -> Key:
        return self.zone, self.commodity, self.direction


def balances(
    grid: GridMap, proposed: Sequence[ProposedRequest], facts: MarketFacts, n_steps: int
) -> list[Balance]:
    """One for every zone, commodity and direction that something is needed, asked, offered or confirmed in."""
    zone_of_bus = dict(zip(grid.bus_ids, grid.zone_of_bus, strict=True))
    zones = {*zone_of_bus.values(), *(p.zone for p in proposed)}
    needed = _summed([((p.zone, p.commodity, Direction(p.direction)), p.quantity_mw) for p in proposed], n_steps)
    requested = _summed(
        [
            ((_zone_of(r, zone_of_bus, zones), r.commodity, r.direction), r.quantity_mw)
            for r in facts.live_requests
        ],
        n_steps,
    )
    offered = _summed(_offered(facts, zone_of_bus), n_steps)
    confirmed = _summed(_confirmed(facts, zone_of_bus), n_steps)
    blank = np.zeros(n_steps)
    keys = sorted({*needed, *requested, *offered, *confirmed})
    return [
        Balance(
            zone=key[0],
            commodity=key[1],
            direction=key[2],
            needed=needed.get(key, blank),
            requested=requested.get(key, blank),
            offered=None if facts.offers is None else offered.get(key, blank),
            confirmed=None if facts.result is None else confirmed.get(key, blank),
        )
        for key in keys
    ]


def _zone_of(request: FlexRequest, zone_of_bus: Mapping[str, str], zones: Collection[str]) -> str:
    """Where a request counts: the zone that it names; for a congested region within one zone that zone."""
    if request.congestion_point in zones:
        return request.congestion_point
    at = {zone_of_bus.get(bus, "") for bus in request.buses} - {""}
    return at.pop() if len(at) == 1 else request.congestion_point


def _offered(facts: MarketFacts, zone_of_bus: Mapping[str, str]) -> list[tuple[Key, Series]]:
    bus_of = {asset.id: asset.bus for asset in facts.assets}
    return [
        ((zone_of_bus[bus_of[line.asset_id]], row.offer.commodity, row.offer.direction), line.quantity_mw)
        for row in facts.offers or ()
        for line in row.offer.lines
        if bus_of.get(line.asset_id) in zone_of_bus
    ]


def _confirmed(facts: MarketFacts, zone_of_bus: Mapping[str, str]) -> list[tuple[Key, Series]]:
    awards = facts.result.awards if facts.result else ()
    return [
        ((zone_of_bus[row.asset.bus], row.award.commodity, row.award.direction), row.award.accepted_mw)
        for row in awards
        if row.asset.bus in zone_of_bus
    ]


def _summed(parts: Sequence[tuple[Key, Series]], n_steps: int) -> dict[Key, Floats]:
    sums: dict[Key, Floats] = {}
    for key, series in parts:
        sums[key] = sums.get(key, np.zeros(n_steps)) + floats(series)
    return sums


def balance_record(balance: Balance) -> dict[str, Any]:
    """A row of the table: energies over the day, and the part of the need that was confirmed."""
    energy = {name: _energy(getattr(balance, name)) for name in ("needed", "requested", "offered", "confirmed")}
    return {
        "zone": balance.zone.removeprefix(ZONE_PREFIX),
        "power": power_words(balance.commodity),
        "direction": balance.direction.value,
        **energy,
        "key": balance.key,
    }


def _energy(values: Floats | None) -> float | None:
    return None if values is None else float(values.sum() * _HOURS)
