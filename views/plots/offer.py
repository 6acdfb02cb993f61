"""What an offer is drawn on, and the handle by which its two charts are changed in place."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from bokeh.models import ColumnDataSource, GlyphRenderer, HoverTool, LegendItem, Span
from bokeh.plotting import figure
from numpy.typing import NDArray

from views import theme as look
from views.plots.hand import Hand
from views.plots.step import StepState

Floats = NDArray[np.floating]

_NAN = float("nan")


@dataclass(frozen=True, kw_only=True)
class OfferDay:
    """What the quantity is drawn on, all [n_steps], in `unit`.

    base : the baseline's injection (zero for Q), up positive; low, high : what the assets can reach
    most : what is left to offer in the direction; sign : +1 up, -1 down; need : what is asked near, >= 0
    """

    base: Floats
    low: Floats
    high: Floats
    most: Floats
    need: Floats
    sign: int
    unit: str
    axis: str


@dataclass(frozen=True, kw_only=True)
class PriceDay:
    """Prices beside the offer's, [n_steps] in `unit`; None where there are none. one : one price for all steps;
    cap : the highest price that a request near would pay, to be in view."""

    local: Floats | None
    day_ahead: Floats | None
    unit: str
    one: bool
    cap: float | None = None


@dataclass
class OfferPlot:
    """The handle of both charts."""

    quantity: figure
    price: figure
    bars: ColumnDataSource
    award: ColumnDataSource
    back: ColumnDataSource
    line: ColumnDataSource
    beside: ColumnDataSource
    drawn: ColumnDataSource
    priced: ColumnDataSource
    state: StepState
    hand: Hand
    labels: Sequence[str]
    parts: dict[str, GlyphRenderer]
    cursors: tuple[Span, Span]
    hovers: tuple[HoverTool, HoverTool]
    legend: dict[str, LegendItem]

    def show(self, day: OfferDay, quantity: Floats) -> None:
        """Draw another day with the quantity [n_steps] on it, in place; no award is known of it."""
        n = len(self.labels)
        low, high = _range(day)
        self.quantity.y_range.update(start=low, end=high)
        self.quantity.yaxis.axis_label = day.axis
        self.hovers[0].tooltips = _quantity_tips(day.unit)
        self.bars.tags = [_grain(float(day.most.max(initial=0.0))), day.sign, False]
        asked = np.where(day.need > 0, day.base + day.sign * day.need, _NAN)
        self.legend["need"].visible = bool((day.need > 0).any())
        self.back.data = {
            "step": np.arange(n, dtype=float),
            "label": list(self.labels),
            "base": day.base,
            "low": day.low,
            "high": day.high,
            "left": day.base + day.sign * day.most,
            "asked": asked,
            "need": day.need,
        }
        self.bars.data = {
            "step": np.arange(n, dtype=float),
            "label": list(self.labels),
            "base": day.base,
            "most": day.most,
            "need": day.need,
            "quantity": np.asarray(quantity, float),
            "top": day.base + day.sign * quantity,
            "sent": _stamp(n),
        }

    def show_quantity(self, quantity: Floats) -> None:
        """Change the bars alone; the award that was expected is not of them."""
        data, sign = dict(self.bars.data), self.bars.tags[1]
        top = np.asarray(data["base"]) + sign * quantity
        self.bars.data = {**data, "quantity": quantity, "top": top, "sent": _stamp(len(top))}

    def show_award(self, award: Floats | None) -> None:
        """Outline what is expected to be accepted [n_steps]; None takes the outline away."""
        base, sign = np.asarray(self.bars.data["base"]), self.bars.tags[1]
        accepted = np.full(len(self.labels), _NAN) if award is None else np.asarray(award, float)
        top = np.where(accepted > 0, base + sign * accepted, _NAN)
        self.award.data = {"step": np.arange(len(top), dtype=float), "base": base, "top": top}
        self.legend["award"].visible = award is not None

    def show_price(self, price: Floats, day: PriceDay) -> None:
        """Draw the offer's price [n_steps] beside the others."""
        n = len(self.labels)
        step = np.arange(n, dtype=float)
        blank = np.full(n, _NAN)
        self.fit_price(price, day)
        self.price.yaxis.axis_label = day.unit
        self.hovers[1].tooltips = _price_tips(day.unit)
        for name, values in (("local", day.local), ("day_ahead", day.day_ahead)):
            self.legend[name].visible = self.parts[name].visible = values is not None
        told = {"local": day.local, "day_ahead": day.day_ahead}
        self.beside.data = {"step": step} | {k: blank if v is None else v for k, v in told.items()}
        self.line.data = {
            "step": step,
            "label": list(self.labels),
            "price": np.asarray(price, float),
            "top": np.asarray(price, float),
            "sent": _stamp(n),
            **{k: blank if v is None else v for k, v in told.items()},
        }

    def fit_price(self, price: Floats, day: PriceDay) -> None:
        """Have the axis hold the price [n_steps], which the chart itself has already."""
        low, high = _price_range(price, day)
        self.price.y_range.update(start=low, end=high)
        self.line.tags = [_price_grain(high - low), 1, day.one]

    def on_drawn(self, quantity: Callable[[Floats], None], price: Callable[[Floats], None]) -> None:
        """Call with the settled series [n_steps] when the hand has let go."""
        for source, callback in ((self.drawn, quantity), (self.priced, price)):
            source.on_change("data", _told(callback))

    def on_drawing(self, callback: Callable[[bool], None]) -> None:
        """Call when a drag or a key begins, and when it has ended."""
        self.hand.on_change("drawing", lambda _attribute, _old, new: callback(new))

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t, parts = look.tokens(name), self.parts
        parts["band"].glyph.update(fill_color=t.faint)
        parts["left"].glyph.update(fill_color=t.primary)
        parts["need"].glyph.update(fill_color=t.normal, line_color=None)
        parts["base"].glyph.line_color = t.text
        parts["bars"].glyph.update(fill_color=t.primary, line_color=t.primary)
        parts["award"].glyph.line_color = t.text
        parts["price"].glyph.line_color = t.primary
        parts["local"].glyph.line_color = t.text
        parts["day_ahead"].glyph.line_color = t.normal
        for cursor in self.cursors:
            cursor.line_color = t.muted


_COUNT = itertools.count()


def _stamp(n: int) -> Floats:
    """A column never as before: data that equal the server's last copy would not be sent over what was drawn."""
    return np.full(n, float(next(_COUNT)))


def _quantity_tips(unit: str) -> list[tuple[str, str]]:
    rows = (
        ("Offer", "quantity"),
        ("Left to offer", "most"),
        ("Requested near", "need"),
        ("Baseline", "base"),
    )
    return [("", "@label"), *((name, f"@{key}{{0.000}} {unit}") for name, key in rows)]


def _price_tips(unit: str) -> list[tuple[str, str]]:
    rows = (("Your price", "price"), ("Last local price", "local"), ("Day-ahead", "day_ahead"))
    return [("", "@label"), *((name, f"@{key}{{0.00}} {unit}") for name, key in rows)]


def _told(callback: Callable[[Floats], None]) -> Callable[[str, object, dict[str, Floats]], None]:
    return lambda _attribute, _old, new: callback(np.asarray(new["value"], float))


def _grain(most: float) -> float:
    """What a pixel and a key are rounded to: a thousandth to a hundredth of the most, at least a watt."""
    return 1e-3 if most <= 0 else max(1e-6, 10.0 ** (math.floor(math.log10(most)) - 2))


def _price_grain(span: float) -> float:
    return 0.1 if span < 30 else 0.5 if span < 300 else 5.0


def _range(day: OfferDay) -> tuple[float, float]:
    """Reach and baseline fit with zero in sight where it is near; the need only where nothing else is to show."""
    values = np.concatenate([day.low, day.high, day.base])
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-9:
        most = float(day.need.max(initial=0.0)) or 0.1
        low, high = low - (most if day.sign < 0 else 0.0), high + (most if day.sign > 0 else 0.0)
    margin = 0.1 * (high - low)
    low, high = low - margin, high + margin
    if 0 < low < high - low:
        low = -margin
    return low, high


def _price_range(price: Floats, day: PriceDay) -> tuple[float, float]:
    told = [price, *(v for v in (day.local, day.day_ahead) if v is not None)]
    values = np.concatenate([[0.0], [day.cap or 0.0], *told])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = 0.25 * max(high - low, 40.0)
    return low - (room if low < 0 else 0.1 * room), high + room
