"""An offer over the day, to be drawn: its quantity over what the asset can reach, and its price under it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from bokeh.events import Pan, PanEnd, PanStart, Tap
from bokeh.models import ColumnDataSource, CustomJS, GlyphRenderer, HoverTool, LegendItem, Span
from bokeh.plotting import figure
from numpy.typing import NDArray

from views import theme as look
from views.plots.furniture import day_canvas, legend_above
from views.plots.hand import COMMON, DRAG, KEYED, SELECT, SEND, Hand
from views.plots.step import StepState

Floats = NDArray[np.floating]

_QUANTITY = """
const target = "quantity", value = "quantity"
const fit = (i, v) => Math.max(0, Math.min(round(v), source.data.most[i]))
const read = (k, y) => Math.max(0, round(sign * (y - source.data.base[k])))
const top_of = (i, v) => source.data.base[i] + sign * v
"""
_PRICE = """
const target = "price", value = "price"
const fit = (_i, v) => round(v)
const read = (_k, y) => round(y)
const top_of = (_i, v) => v
"""
_NAN = float("nan")
_LEFT_PX = 68


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
        low, high = _price_range(price, day)
        self.price.y_range.update(start=low, end=high)
        self.price.yaxis.axis_label = day.unit
        self.line.tags = [_price_grain(high - low), 1, day.one]
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
            **{k: blank if v is None else v for k, v in told.items()},
        }

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


def offer_plot(
    labels: Sequence[str],
    state: StepState,
    hand: Hand,
    *,
    theme: look.ThemeName = "light",
    heights_px: tuple[int, int] = (300, 170),
) -> OfferPlot:
    """Both charts over `labels`, still blank: drag to paint, drag a top to lift what stands side by side at one
    height; the keys that `hand` and `state` hear do the same."""
    n = len(labels)
    f, g = (day_canvas(labels, height, tools="", min_border_left=_LEFT_PX) for height in heights_px)
    g.x_range = f.x_range
    zero = np.zeros(n)
    names = ("step", "base", "low", "high", "left", "asked", "need")
    back = ColumnDataSource(dict.fromkeys(names, zero) | {"label": list(labels)})
    names = ("step", "base", "most", "need", "quantity", "top", "sent")
    bars = ColumnDataSource(dict.fromkeys(names, zero) | {"label": list(labels)}, name="fd-offer")
    bars.tags = [0.001, 1, False]
    award = ColumnDataSource(dict.fromkeys(("step", "base", "top"), zero), name="fd-award")
    line = ColumnDataSource(
        dict.fromkeys(("step", "price", "top", "local", "day_ahead"), zero) | {"label": list(labels)},
        name="fd-price",
    )
    line.tags = [0.5, 1, True]
    beside = ColumnDataSource(dict.fromkeys(("step", "local", "day_ahead"), zero))
    drawn, priced = ColumnDataSource({"value": zero}), ColumnDataSource({"value": zero})
    parts = {
        "band": f.varea_step("step", y1="low", y2="high", source=back, step_mode="center"),
        "left": f.varea_step("step", y1="base", y2="left", source=back, step_mode="center", fill_alpha=0.14),
        "need": f.vbar("step", bottom="base", top="asked", width=1.0, source=back, fill_alpha=0.35),
        "bars": f.vbar("step", bottom="base", top="top", width=0.8, source=bars, fill_alpha=0.75, line_width=0),
        "award": f.vbar("step", bottom="base", top="top", width=0.8, source=award, fill_alpha=0, line_width=1.6),
        "base": f.step("step", "base", source=back, mode="center", line_width=1.5, line_dash=[6, 3]),
        "day_ahead": g.step("step", "day_ahead", source=beside, mode="center", line_width=2),
        "local": g.step("step", "local", source=beside, mode="center", line_width=1.5, line_dash=[2, 2]),
        "price": g.step("step", "top", source=line, mode="center", line_width=3),
    }
    words = {
        "bars": "Offer",
        "award": "Expected award",
        "band": "Within reach",
        "left": "Left to offer",
        "need": "Requested near",
        "base": "Baseline",
        "price": "Your price",
        "local": "Last local price",
        "day_ahead": "Day-ahead",
    }
    legend = {key: LegendItem(label=label, renderers=[parts[key]]) for key, label in words.items()}
    legend["award"].visible = False
    legend_above(f, [legend[key] for key in ("bars", "award", "left", "band", "need", "base")])
    legend_above(g, [legend[key] for key in ("price", "local", "day_ahead")])
    cursors = (_cursor(f, state), _cursor(g, state))
    hovers = (_hover(f, bars), _hover(g, line))
    _listen(f, bars, drawn, state, hand, _QUANTITY)
    _listen(g, line, priced, state, hand, _PRICE)
    plot = OfferPlot(
        f, g, bars, award, back, line, beside, drawn, priced, state, hand, labels, parts, cursors, hovers, legend
    )
    plot.restyle(theme)
    return plot


_COUNT = itertools.count()


def _stamp(n: int) -> Floats:
    """A column never as before: data that equal the server's last copy would not be sent over what was drawn."""
    return np.full(n, float(next(_COUNT)))


def _listen(
    f: figure, source: ColumnDataSource, drawn: ColumnDataSource, state: StepState, hand: Hand, own: str
) -> None:
    args = {"source": source, "drawn": drawn, "state": state, "hand": hand, "f": f}

    def script(code: str) -> CustomJS:
        return CustomJS(args=args, code=COMMON + own + code)

    for event in (PanStart, Pan):
        f.js_on_event(event, script(DRAG))
    f.js_on_event(PanEnd, script(SEND))
    f.js_on_event(Tap, script(SELECT))
    hand.js_on_change("pressed", script(KEYED))


def _cursor(f: figure, state: StepState) -> Span:
    cursor = Span(location=state.step, dimension="height", line_width=1, line_dash=[3, 3])
    f.add_layout(cursor)
    state.js_on_change("step", CustomJS(args={"c": cursor, "s": state}, code="c.location = s.step"))
    return cursor


def _hover(f: figure, source: ColumnDataSource) -> HoverTool:
    unseen = f.vbar("step", top=1e9, bottom=-1e9, width=1.0, source=source, fill_alpha=0, line_alpha=0)
    hover = HoverTool(renderers=[unseen], mode="vline")
    f.add_tools(hover)
    return hover


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
