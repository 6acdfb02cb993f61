"""A retailer's or balance responsible party's day: production, load and awards of its assets by region."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import param

from app.queries.models import (
    Floats,
    GetPortfolio,
    GetShell,
    ListLocalPrices,
    ListPrices,
    ListSessions,
    LocalPrices,
    PortfolioAsset,
    PortfolioRow,
)
from domain.flexibility.assets import AssetKind
from domain.flexibility.market import PriceKind, PriceSeries
from domain.time import MARKET_ZONE, DeliveryDay
from domain.units import Series, energy_mwh
from views.state.common import floats
from views.state.door import Door
from views.state.supply_register import KIND_WORDS

ALL = ""
ZERO = Decimal(0)
SERIES = ("production_p_mw", "load_p_mw", "awarded_p_mw")


def shown_day(days: Sequence[str], asked: str, now: datetime) -> str:
    """The day asked for if there is one, else the next to be delivered, else the latest; "" without any."""
    if asked in days:
        return asked
    today = now.astimezone(MARKET_ZONE).date().isoformat()
    return min((day for day in days if day > today), default=max(days, default=""))


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
        self.local: tuple[LocalPrices, ...] = ()

    def refresh(self) -> None:
        """Ask again for everything shown; what the address names and is not there falls back."""
        sessions = self._door.ask(ListSessions())
        self.days = tuple(sorted({row.session.delivery_day.isoformat() for row in sessions}, reverse=True))
        self.day = shown_day(self.days, self.day, self._door.ask(GetShell()).market_now)
        if not self.day:
            self.rows, self.prices, self.local = (), (), ()
            return
        day = date.fromisoformat(self.day)
        self.rows = self._door.ask(GetPortfolio(delivery_day=day))
        self.prices = self._door.ask(ListPrices(delivery_day=day))
        self.local = self._door.ask(ListLocalPrices(delivery_day=day))
        if self.region not in {row.region.id for row in self.rows}:
            self.region = ALL

    @property
    def delivery_day(self) -> DeliveryDay:
        return DeliveryDay(day=date.fromisoformat(self.day))

    @property
    def chosen(self) -> tuple[PortfolioRow, ...]:
        """The rows that are drawn: one region, or all."""
        return tuple(row for row in self.rows if self.region in (ALL, row.region.id))

    @property
    def day_ahead(self) -> Series | None:
        return next((p.price_eur_per_mwh for p in self.prices if p.kind is PriceKind.DAY_AHEAD), None)


def local_prices(state: PortfolioDay) -> dict[str, Floats]:
    """Lowest and highest local price last published where is drawn, [n_steps] EUR/MWh; nothing before any is."""
    known = [
        row
        for row in state.local
        if state.region in (ALL, row.region.id) and row.low_eur_per_mwh is not None and row.n_buses
    ]
    fitting = [row for row in known if len(row.low_eur_per_mwh) == state.delivery_day.n_steps]
    if not fitting:
        return {}
    return {
        "local_low": np.min([row.low_eur_per_mwh for row in fitting], axis=0),
        "local_high": np.max([row.high_eur_per_mwh for row in fitting], axis=0),
    }


def value_eur(p_mw: Series, price_eur_per_mwh: Series | None) -> Decimal | None:
    """What an injection [n_steps] is worth at a price; negative for a load, None without a price."""
    if price_eur_per_mwh is None:
        return None
    return sum((p * price for p, price in zip(p_mw, price_eur_per_mwh, strict=True)), ZERO) / 4


def portfolio_assets(state: PortfolioDay) -> list[PortfolioAsset]:
    """The assets of the regions that are drawn."""
    return [asset for row in state.chosen for asset in row.assets]


def kind_records(state: PortfolioDay) -> list[dict[str, Any]]:
    """Energy and worth of the day by kind of asset."""
    assets = portfolio_assets(state)
    kinds = [kind for kind in AssetKind if any(one.asset.kind is kind for one in assets)]
    return [
        {"kind": KIND_WORDS[kind], **_energy([one for one in assets if one.asset.kind is kind], state)}
        for kind in kinds
    ]


def asset_records(state: PortfolioDay) -> list[dict[str, Any]]:
    """Every asset with the unit behind it, its day's energy and worth."""
    names = {row.region.id: row.region.name for row in state.rows}
    return [
        {
            "name": one.asset.name,
            "kind": KIND_WORDS[one.asset.kind],
            "region": names[one.asset.region_id],
            "unit": one.asset.unit_id,
            "bus": one.asset.bus,
            "owner": one.owner,
            **_energy([one], state),
        }
        for one in portfolio_assets(state)
    ]


def _energy(assets: list[PortfolioAsset], state: PortfolioDay) -> dict[str, Any]:
    values = [value_eur(one.schedule_p_mw, state.day_ahead) for one in assets]
    return {
        "assets": len(assets),
        "production_mwh": sum((energy_mwh([max(v, ZERO) for v in one.schedule_p_mw]) for one in assets), ZERO),
        "load_mwh": sum((energy_mwh([max(-v, ZERO) for v in one.schedule_p_mw]) for one in assets), ZERO),
        "awarded_mwh": sum((energy_mwh(one.awarded_p_mw) for one in assets), ZERO),
        "value_eur": None if state.day_ahead is None else sum((v for v in values if v is not None), ZERO),
    }


def position_value_eur(state: PortfolioDay) -> Decimal | None:
    """Scheduled energy of what is drawn at the day-ahead price."""
    if state.day_ahead is None:
        return None
    parts = [value_eur(row.production_p_mw, state.day_ahead) for row in state.chosen]
    used = [value_eur(row.load_p_mw, state.day_ahead) for row in state.chosen]
    return sum((v for v in parts if v is not None), ZERO) - sum((v for v in used if v is not None), ZERO)


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
