"""A balance responsible party's day: its imbalance per quarter hour, and requests to buy against it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import param

from app.queries.models import (
    BalanceRow,
    Floats,
    GetBalance,
    GetShell,
    ListPrices,
    ListPurchases,
    ListSessions,
    PurchaseRow,
    SessionRow,
)
from domain.commands import PublishRequest
from domain.errors import Finding, Refused, refuse
from domain.flexibility.assets import Direction
from domain.flexibility.market import PriceKind, PriceSeries
from domain.flexibility.rules import ClearingMode
from domain.ids import SessionId
from domain.lifecycle import SessionState
from domain.time import DeliveryDay
from domain.units import Series, energy_mwh
from views.state.common import floats, local, utc
from views.state.door import Door
from views.state.dso_drafts import parse_decimal
from views.state.portfolio_day import shown_day
from views.state.spans import active_span, active_span_utc

ZERO = Decimal(0)
SERIES = ("nominated_p_mw", "injected_p_mw", "called_p_mw", "bought_p_mw", "imbalance_p_mw")
BUYING = (SessionState.PLANNED, SessionState.OPEN)
EVEN, AGAINST = "even", "against"


class BalanceDay(param.Parameterized):
    """`day` (ISO) and the request chosen in the book are the permalink."""

    day = param.String(default="")
    request = param.String(default="")

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.days: tuple[str, ...] = ()
        self.rows: tuple[BalanceRow, ...] = ()
        self.prices: tuple[PriceSeries, ...] = ()
        self.purchases: tuple[PurchaseRow, ...] = ()
        self.sessions: tuple[SessionRow, ...] = ()

    def refresh(self) -> None:
        """Ask again for everything shown."""
        self.sessions = self._door.ask(ListSessions())
        self.purchases = self._door.ask(ListPurchases())
        self.days = tuple(sorted({row.session.delivery_day.isoformat() for row in self.sessions}, reverse=True))
        self.day = shown_day(self.days, self.day, self._door.ask(GetShell()).market_now)
        if not self.day:
            self.rows, self.prices = (), ()
            return
        day = date.fromisoformat(self.day)
        self.rows = self._door.ask(GetBalance(delivery_day=day))
        self.prices = self._door.ask(ListPrices(delivery_day=day))

    @property
    def delivery_day(self) -> DeliveryDay:
        return DeliveryDay(day=date.fromisoformat(self.day))

    @property
    def balancing(self) -> Series | None:
        return next((p.price_eur_per_mwh for p in self.prices if p.kind is PriceKind.BALANCING), None)

    @property
    def buying(self) -> dict[str, str]:
        """Sessions of the day in which a BRP may buy: name to id."""
        return {
            f"{row.region.name}, {row.session.clearing.value}": row.session.id
            for row in self.sessions
            if row.session.delivery_day.isoformat() == self.day
            and row.session.state in BUYING
            and row.session.clearing is not ClearingMode.NETWORK
        }

    def session(self, session_id: str) -> SessionRow | None:
        return next((row for row in self.sessions if row.session.id == session_id), None)


def sums(rows: Sequence[BalanceRow], n_steps: int) -> dict[str, Floats]:
    """Over all regions, [n_steps] MW, up positive."""
    return {key: sum((floats(getattr(row, key)) for row in rows), np.zeros(n_steps)) for key in SERIES}


def value_eur(imbalance_p_mw: Sequence[Decimal], price_eur_per_mwh: Sequence[Decimal]) -> Decimal:
    """What the imbalance is worth at the balancing price: received where it is long, paid where it is short."""
    pairs = zip(imbalance_p_mw, price_eur_per_mwh, strict=True)
    return sum((p * price for p, price in pairs), ZERO) / 4


def imbalance(state: BalanceDay) -> Series:
    """The group's imbalance over all regions, [n_steps] MW."""
    parts = [row.imbalance_p_mw for row in state.rows]
    return tuple(sum(values, ZERO) for values in zip(*parts, strict=True)) if parts else ()


def against(imbalance_p_mw: Series, direction: Direction) -> Series:
    """What to buy in a direction so that the imbalance is closed, [n_steps] MW: up where the group is short."""
    sign = -1 if direction is Direction.UP else 1
    return tuple(max(ZERO, sign * value) for value in imbalance_p_mw)


def even(n_steps: int, first: int, last: int, p_mw: Decimal) -> Series:
    """One quantity from the first to the last step."""
    return tuple(p_mw if first <= step <= last else ZERO for step in range(n_steps))


def step_records(state: BalanceDay) -> list[dict[str, Any]]:
    """Every quarter hour, MW and EUR."""
    day, total = state.delivery_day, sums(state.rows, state.delivery_day.n_steps)
    prices = state.balancing
    return [
        {
            "at": day.label(step),
            "at_utc": f"{day.instant(step):%Y-%m-%d %H:%M} UTC",
            **{key: float(series[step]) for key, series in total.items()},
            "price": prices[step] if prices else None,
            "value_eur": float(total["imbalance_p_mw"][step]) / 4 * float(prices[step]) if prices else None,
        }
        for step in range(day.n_steps)
    ]


def purchase_record(row: PurchaseRow) -> dict[str, Any]:
    request, day = row.request, DeliveryDay(day=row.session.delivery_day)
    return {
        "state": request.state.value,
        "region": row.region.name,
        "name": request.congestion_point,
        "direction": request.direction.value,
        "span": f"{day.day:%d %b} {active_span(day, request.quantity_mw)}",
        "span_utc": active_span_utc(day, request.quantity_mw),
        "asked_mwh": energy_mwh(request.quantity_mw),
        "cap": request.price_cap_eur_per_mwh,
        "bought_mwh": None if row.bought_mw is None else energy_mwh(row.bought_mw),
        "paid_eur": None if row.payment_eur is None else -row.payment_eur,
        "deadline": local(request.deadline, "%d %b %H:%M"),
        "deadline_utc": utc(request.deadline),
        "id": request.id,
    }


def command(
    state: BalanceDay, session_id: str, direction: Direction, quantity_mw: Series, cap: str, name: str
) -> PublishRequest:
    """The request as filled in. Raises `Refused` with every field that cannot be read."""
    row = state.session(session_id)
    if row is None:
        raise refuse("missing", "session_id", "Choose a session.")
    return PublishRequest(
        session_id=SessionId(session_id),
        congestion_point=name,
        buses=(),
        direction=direction,
        quantity_mw=quantity_mw,
        price_cap_eur_per_mwh=parse_decimal(cap, "price_cap_eur_per_mwh", "the price cap"),
        deadline=row.session.gate_closes_at,
    )


def quantity(state: BalanceDay, shape: str, direction: Direction, first: int, last: int, p_mw: str) -> Series:
    """What is asked for, [n_steps]: even between two steps, or what closes the imbalance.

    Raises:
        Refused: the quantity cannot be read; `out_of_range` when the end comes before the start.
    """
    if shape == AGAINST:
        return against(imbalance(state), direction)
    if last < first:
        sentence = "The last quarter hour comes before the first."
        raise Refused([Finding(code="out_of_range", field="last", sentence=sentence)])
    value = parse_decimal(p_mw, "quantity_mw", "a quantity in MW")
    return even(state.delivery_day.n_steps, first, last, value)
