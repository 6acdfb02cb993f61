"""A day of wholesale prices beside the local ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import param

from app.queries.models import Floats, GetShell, ListLocalPrices, ListPrices, ListSessions, LocalPrices
from domain.flexibility.market import PriceKind, PriceSeries
from domain.parties import Principal, Role
from domain.time import MARKET_ZONE, DeliveryDay
from views.state import price_files
from views.state.common import floats, number
from views.state.door import Door

OWN_BUSES = (Role.ESP, Role.AGGREGATOR)
WORDS: Mapping[PriceKind, str] = {PriceKind.DAY_AHEAD: "Day-ahead", PriceKind.BALANCING: "Balancing"}


class WholesaleDay(param.Parameterized):
    """`day` (ISO) is the permalink; one that is no day falls back to the next delivery day with a session."""

    day = param.String(default="")

    def __init__(self, door: Door, principal: Principal) -> None:
        super().__init__()
        self._door = door
        self.own_buses = principal.role in OWN_BUSES
        self.days: tuple[str, ...] = ()
        self.prices: tuple[PriceSeries, ...] = ()
        self.local: tuple[LocalPrices, ...] = ()

    def refresh(self) -> None:
        """Ask again for everything shown."""
        sessions = {row.session.delivery_day for row in self._door.ask(ListSessions())}
        today = self._door.ask(GetShell()).market_now.astimezone(MARKET_ZONE).date()
        asked = _as_day(self.day)
        coming = min((day for day in sessions if day >= today), default=None)
        self.day = (asked or coming or max(sessions, default=today + timedelta(days=1))).isoformat()
        known = sessions | {today, today + timedelta(days=1), self.delivery_day}
        self.days = tuple(sorted((day.isoformat() for day in known), reverse=True))
        self.prices = self._door.ask(ListPrices(delivery_day=self.delivery_day))
        self.local = self._door.ask(ListLocalPrices(delivery_day=self.delivery_day))

    @property
    def delivery_day(self) -> date:
        return date.fromisoformat(self.day)

    @property
    def steps(self) -> DeliveryDay:
        return DeliveryDay(day=self.delivery_day)

    def upload(self, kind: PriceKind, filename: str, content: bytes) -> None:
        """As `price_files.upload`, for the day shown. Raises `Refused`."""
        price_files.upload(self._door, kind, self.delivery_day, filename, content)

    def prices_csv(self, kind: PriceKind) -> bytes:
        return price_files.as_csv(self.delivery_day, self.prices, kind)


def _as_day(text: str) -> date | None:
    """A day that has quarter hours, or None."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min < day < date.max else None


def wholesale(state: WholesaleDay) -> dict[str, Floats]:
    """Price by kind, each [n_steps] EUR/MWh; a kind without prices is left out."""
    return {series.kind.value: floats(series.price_eur_per_mwh) for series in state.prices}


def bands(state: WholesaleDay) -> dict[str, tuple[Floats, Floats]]:
    """Lowest and highest local price by region id, [n_steps]; of days with as many steps only."""
    n_steps = state.steps.n_steps
    return {
        row.region.id: (row.low_eur_per_mwh, row.high_eur_per_mwh)
        for row in state.local
        if row.low_eur_per_mwh is not None
        and row.high_eur_per_mwh is not None
        and len(row.low_eur_per_mwh) == n_steps
    }


def step_records(state: WholesaleDay) -> list[dict[str, Any]]:
    """A row for each quarter hour: prices of both kinds, and each region's lowest and highest local price."""
    day, market, local = state.steps, wholesale(state), bands(state)
    return [
        {
            "at": day.label(step),
            "at_utc": f"{day.instant(step):%Y-%m-%d %H:%M} UTC",
            **{kind: float(series[step]) for kind, series in market.items()},
            **{
                f"{side} {region}": float(series[step])
                for region, pair in local.items()
                for side, series in zip(("low", "high"), pair, strict=True)
            },
        }
        for step in range(day.n_steps)
    ]


def span_words(series: Floats | None) -> str:
    """`2.13 to 36.88`, or a dash."""
    return "–" if series is None else f"{number(float(np.min(series)))} to {number(float(np.max(series)))}"


def local_words(state: WholesaleDay, row: LocalPrices) -> tuple[str, str]:
    """A region's prices as a figure, and over what it reaches: ("30.10 to 88.00", "101 buses, of 24.07.2016")."""
    if row.session is None or row.low_eur_per_mwh is None or row.high_eur_per_mwh is None:
        return "–", "no published result at a bus of yours" if state.own_buses else "no result is published yet"
    buses = f"{row.n_buses} {'own ' if state.own_buses else ''}bus{'' if row.n_buses == 1 else 'es'}"
    same_day = row.session.delivery_day == state.delivery_day
    when = "" if same_day else f", of {row.session.delivery_day:%d.%m.%Y}"
    low, high = number(float(row.low_eur_per_mwh.min())), number(float(row.high_eur_per_mwh.max()))
    return f"{low} to {high}", f"{buses}{when}"
