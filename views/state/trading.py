"""What the trading pages look at: a continuous session, its book, and the order that is being made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray

from app.queries.models import DepthView, GetDepth, ListOrders, ListSessions, OrderRow, SessionRow, Side, TradeRow
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.trading import is_continuous, is_trading
from domain.lifecycle import SessionState
from domain.time import DeliveryDay
from domain.units import Series, energy_mwh
from views.state.common import local, number, utc
from views.state.door import Door
from views.state.dso_room import ZONE_PREFIX
from views.state.records import price_text
from views.state.spans import active_span, active_span_utc, span

ZERO = Decimal(0)
SHOWN = (SessionState.OPEN, SessionState.CLEARING, SessionState.CLEARED, SessionState.PUBLISHED)


class TradingState(param.Parameterized):
    """Session, commodity, direction and step; in the page's address."""

    session_id = param.String(default="")
    power = param.Selector(default="P", objects=["P", "Q"])
    direction = param.Selector(default="down", objects=["down", "up"])
    step = param.Integer(default=-1, bounds=(-1, 99), doc="-1: the first one in which something stands")


LINK = {"session_id": "session", "power": "power", "direction": "direction", "step": "step"}


def trading_sessions(door: Door) -> tuple[SessionRow, ...]:
    """Continuous sessions that trade or have traded; those that are open first, then the latest day."""
    rows = [row for row in door.ask(ListSessions()) if is_continuous(row.session) and row.session.state in SHOWN]
    return tuple(
        sorted(rows, key=lambda row: (not is_trading(row.session), -row.session.delivery_day.toordinal()))
    )


def session_label(row: SessionRow) -> str:
    """Such as `Rural region, Tue 26 Jul 2016`."""
    return f"{row.region.name}, {row.session.delivery_day:%a %d %b %Y}"


@dataclass(frozen=True, kw_only=True)
class Market:
    """A continuous session as the asker sees it now."""

    row: SessionRow
    depth: DepthView
    orders: tuple[OrderRow, ...]

    @property
    def day(self) -> DeliveryDay:
        return DeliveryDay(day=self.row.session.delivery_day)

    @property
    def commodity(self) -> Commodity:
        return self.depth.commodity

    @property
    def is_open(self) -> bool:
        return is_trading(self.row.session)


def market(door: Door, row: SessionRow, commodity: Commodity) -> Market:
    """The book and the own orders."""
    session_id = row.session.id
    return Market(
        row=row,
        depth=door.ask(GetDepth(session_id=session_id, commodity=commodity)),
        orders=tuple(o for o in door.ask(ListOrders(session_id=session_id)) if o.commodity is commodity),
    )


# -- the book -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Best:
    """Best price and sum of one side over the day, [n_steps], NaN where nobody stands."""

    price: NDArray[np.float64]
    quantity: NDArray[np.float64]


def best_of(depth: DepthView, side: Side, direction: Direction, n_steps: int) -> Best:
    """Levels come with the best price first."""
    price, quantity = np.full(n_steps, np.nan), np.full(n_steps, np.nan)
    for level in depth.levels:
        if (level.side, level.direction) == (side, direction):
            k = level.step
            if np.isnan(price[k]):
                price[k], quantity[k] = float(level.price_eur_per_mwh), 0.0
            quantity[k] += float(level.quantity_mw)
    return Best(price=price, quantity=quantity)


def levels_at(depth: DepthView, direction: Direction, step: int, side: Side | None = None) -> list[Any]:
    """The levels of one direction and step."""
    return [
        level
        for level in depth.levels
        if (level.step, level.direction) == (step, direction) and side in (None, level.side)
    ]


def first_step(depth: DepthView, direction: Direction) -> int:
    """The first step in which somebody stands, else the day's first."""
    return min((level.step for level in depth.levels if level.direction is direction), default=0)


def standing(depth: DepthView, side: Side, direction: Direction, n_steps: int) -> Series:
    """What stands on one side in each step, MW or Mvar."""
    sums = [ZERO] * n_steps
    for level in depth.levels:
        if (level.side, level.direction) == (side, direction):
            sums[level.step] += level.quantity_mw
    return tuple(sums)


def trade_record(trade: TradeRow, day: DeliveryDay) -> dict[str, Any]:
    """A trade as a row; the own side in words."""
    own = {None: "", Side.OFFER: "sold", Side.REQUEST: "bought"}
    return {
        "at": local(trade.at, "%H:%M:%S"),
        "at_utc": utc(trade.at),
        "span": span(day, trade.step, trade.step),
        "direction": trade.direction.value,
        "quantity": trade.quantity_mw,
        "price": trade.price_eur_per_mwh,
        "own": own[trade.own],
    }


# -- own orders -----------------------------------------------------------------------------------------------


def order_state(order: OrderRow) -> str:
    """What has become of an order, in a word."""
    matched, left = any(order.matched_mw), any(order.left_mw)
    if order.withdrawn_at is not None:
        return "rest withdrawn" if matched else "withdrawn"
    if not left:
        return "matched"
    return "partly matched" if matched else "standing"


def order_record(order: OrderRow, day: DeliveryDay) -> dict[str, Any]:
    """An own order as a row."""
    return {
        "state": order_state(order),
        "way": order.direction.value,
        "span": active_span(day, order.quantity_mw),
        "span_utc": active_span_utc(day, order.quantity_mw),
        "peak": max(order.quantity_mw),
        "matched": energy_mwh(order.matched_mw),
        "left": energy_mwh(order.left_mw),
        "price": price_text(order.price_eur_per_mwh, order.quantity_mw),
        "paid": order.paid_eur,
        "place": order.place.removeprefix(ZONE_PREFIX),
        "order_id": order.id,
        "withdrawable": order.withdrawn_at is None and any(order.left_mw),
    }


def why_lines(order: OrderRow, day: DeliveryDay) -> list[str]:
    """What keeps the rest of an order, with the quarter hours."""
    lines = []
    for sentence, steps in order.why:
        where = (
            span(day, steps[0], steps[-1])
            if len(steps) == steps[-1] - steps[0] + 1
            else f"{len(steps)} quarter hours"
        )
        lines.append(f"{sentence} ({where})")
    return lines


def figures(market_: Market, direction: Direction, step: int) -> Mapping[str, tuple[str, str, str]]:
    """Label -> value, unit and note of the strip."""
    depth, units = market_.depth, market_.commodity.units
    best = {side: next(iter(levels_at(depth, direction, step, side)), None) for side in Side}
    offer, request = best[Side.OFFER], best[Side.REQUEST]
    crossing = None if offer is None or request is None else offer.price_eur_per_mwh - request.price_eur_per_mwh
    last = next((trade for trade in depth.trades if trade.direction is direction), None)
    matched = sum((energy_mwh(order.matched_mw) for order in market_.orders), ZERO)
    left = sum((energy_mwh(order.left_mw) for order in market_.orders), ZERO)
    hour = span(market_.day, step, step)

    def level(found: Any) -> tuple[str, str, str]:
        if found is None:
            return ("–", "", f"none at {hour}")
        return (
            number(found.price_eur_per_mwh),
            units.price,
            f"{number(found.quantity_mw, 3)} {units.power} at {hour}",
        )

    return {
        "Session": (
            market_.row.session.state.value,
            "",
            f"gate {local(market_.row.session.gate_closes_at)}",
        ),
        "Best offer": level(offer),
        "Best request": level(request),
        "Spread": (number(crossing), "" if crossing is None else units.price, "offer less request"),
        "Last trade": ("–", "", "no trade yet")
        if last is None
        else (
            number(last.price_eur_per_mwh),
            units.price,
            f"{number(last.quantity_mw, 3)} {units.power} at {span(market_.day, last.step, last.step)}",
        ),
        "Own orders": (number(matched, 3), units.energy, f"matched; {number(left, 3)} {units.energy} stand"),
    }


# -- the order that is being made -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Taking:
    """An order that takes a level: one step at that level's price."""

    step: int
    quantity_mw: Decimal
    price_eur_per_mwh: Decimal


def only_in(first: int, last: int, value_mw: Decimal, n_steps: int) -> Series:
    """One value from `first` to `last`, both included, zero elsewhere."""
    return tuple(value_mw if first <= k <= last else ZERO for k in range(n_steps))


def level_options(levels: Sequence[Any], commodity: Commodity) -> dict[str, str]:
    """Levels to take, best first: label -> price as text."""
    units = commodity.units
    return {
        f"{number(level.price_eur_per_mwh)} {units.price}, {number(level.quantity_mw, 3)} {units.power}": str(
            level.price_eur_per_mwh
        )
        for level in levels
    }
