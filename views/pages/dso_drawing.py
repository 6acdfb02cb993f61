"""From prices and requests to what the control room's figures draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.queries.models import GridMap, NodalPrices
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexRequest
from domain.time import DeliveryDay
from views.plots.models import BusPrices, PriceDay, RequestOnMap
from views.plots.price_parts import PARTS
from views.state.common import floats
from views.state.session_prices import UNITS, centre_of, on_the_map


def price_day(bus: str, prices: NodalPrices | None) -> PriceDay | None:
    """A bus's prices of active power by their parts; None where it has none."""
    if prices is None or bus not in prices.bus_ids:
        return None
    k = prices.bus_ids.index(bus)
    parts = {name: getattr(prices.p, name)[:, k] for name in PARTS}
    return PriceDay(total=prices.p.total[:, k], parts=parts, unit=UNITS["p"])


def no_prices(day: DeliveryDay) -> PriceDay:
    """A blank day, to build a chart on."""
    zeros = np.zeros(day.n_steps)
    return PriceDay(total=zeros, parts=dict.fromkeys(PARTS, zeros), unit=UNITS["p"])


def prices_on_map(prices: NodalPrices, grid: GridMap) -> BusPrices:
    """Prices of active power at the map's buses."""
    return BusPrices(total=on_the_map(prices, prices.p, grid), centre=centre_of(prices.p), unit=UNITS["p"])


def requests_on_map(requests: Sequence[FlexRequest], grid: GridMap) -> list[RequestOnMap]:
    """Requests as the map's layer draws them."""
    at = {bus: k for k, bus in enumerate(grid.bus_ids)}
    return [
        RequestOnMap(
            name=f"{request.congestion_point}, {request.commodity.value}",
            buses=[at[bus] for bus in request.buses if bus in at],
            direction=request.direction.value,
            quantity=floats(request.quantity_mw),
            unit=Commodity(request.commodity).units.power,
        )
        for request in requests
    ]
