"""A retailer's or balance responsible party's day: production, load and awards of its assets by region."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import param

from app.queries.models import Floats, GetPortfolio, ListPrices, ListSessions, PortfolioRow
from domain.flexibility.market import PriceSeries
from domain.time import DeliveryDay
from domain.units import energy_mwh
from views.state.common import floats
from views.state.door import Door

ALL = ""
SERIES = ("production_p_mw", "load_p_mw", "awarded_p_mw")


class PortfolioDay(param.Parameterized):
    """`day` (ISO) and `region` ("" for all) are the permalink."""

    day = param.String(default="")
    region = param.String(default=ALL)

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.days: tuple[str, ...] = ()
        self.rows: tuple[PortfolioRow, ...] = ()
        self.prices: tuple[PriceSeries, ...] = ()

    def refresh(self) -> None:
        """Ask again for everything shown; what the address names and is not there falls back."""
        sessions = self._door.ask(ListSessions())
        self.days = tuple(sorted({row.session.delivery_day.isoformat() for row in sessions}, reverse=True))
        if self.day not in self.days:
            self.day = self.days[0] if self.days else ""
        if not self.day:
            self.rows, self.prices = (), ()
            return
        day = date.fromisoformat(self.day)
        self.rows = self._door.ask(GetPortfolio(delivery_day=day))
        self.prices = self._door.ask(ListPrices(delivery_day=day))
        if self.region not in {row.region.id for row in self.rows}:
            self.region = ALL

    @property
    def delivery_day(self) -> DeliveryDay:
        return DeliveryDay(day=date.fromisoformat(self.day))

    @property
    def chosen(self) -> tuple[PortfolioRow, ...]:
        """The rows that are drawn: one region, or all."""
        return tuple(row for row in self.rows if self.region in (ALL, row.region.id))


def sums(rows: tuple[PortfolioRow, ...], n_steps: int) -> dict[str, Floats]:
    """Production, load and awards over the rows, [n_steps], MW, and the net position with the awards."""
    total = {key: sum((floats(getattr(row, key)) for row in rows), np.zeros(n_steps)) for key in SERIES}
    net = total["production_p_mw"] - total["load_p_mw"]
    return {**total, "net_p_mw": net, "net_with_awards_p_mw": net + total["awarded_p_mw"]}


def region_records(rows: tuple[PortfolioRow, ...]) -> list[dict[str, Any]]:
    """Energy of the day by region, MWh, and last the sum of all."""
    records = [_record(row.region.name, (row,)) for row in rows]
    return [*records, _record("All regions", rows)] if len(records) > 1 else records


def _record(name: str, rows: tuple[PortfolioRow, ...]) -> dict[str, Any]:
    production, load, awarded = (
        sum((energy_mwh(getattr(row, key)) for row in rows), Decimal(0)) for key in SERIES
    )
    return {
        "region": name,
        "assets": sum(row.n_assets for row in rows),
        "production_mwh": production,
        "load_mwh": load,
        "net_mwh": production - load,
        "awarded_mwh": awarded,
    }


def step_records(state: PortfolioDay) -> list[dict[str, Any]]:
    """Every quarter hour of what is drawn, MW and EUR/MWh."""
    day = state.delivery_day
    total = sums(state.chosen, day.n_steps)
    prices = {series.kind.value: series.price_eur_per_mwh for series in state.prices}
    return [
        {
            "at": day.label(step),
            "at_utc": f"{day.instant(step):%Y-%m-%d %H:%M} UTC",
            **{key: float(series[step]) for key, series in total.items()},
            **{kind: price[step] for kind, price in prices.items()},
        }
        for step in range(day.n_steps)
    ]
