"""The book of a continuous session: the best of both sides over the day, and the ladder of one quarter hour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from bokeh.core.properties import value
from bokeh.events import Pan, PanStart, Tap
from bokeh.models import (
    ColumnDataSource,
    CustomJS,
    FixedTicker,
    GlyphRenderer,
    HoverTool,
    LinearColorMapper,
    Range1d,
    Span,
    TapTool,
)
from bokeh.palettes import Cividis256
from bokeh.plotting import figure
from numpy.typing import NDArray

from views import theme as look
from views.plots.furniture import day_canvas
from views.plots.step import StepState

Floats = NDArray[np.floating]
SideName = Literal["offer", "request"]

_ROWS = ("offer_price", "offer_mw", "request_price", "request_mw")
_ROW_NAMES = ("Best offer", "Offered", "Best request", "Requested")
_GO = "state.step = Math.min(state.last, Math.max(0, Math.round(cb_obj.x)))"
DEPTH = 6
"""Price levels shown on each side of the ladder."""
LEAST_ROWS = 5
MOST_MW = 1e6
GAP = 0.5
"""Rows between offers and requests: the spread."""


@dataclass(frozen=True, kw_only=True)
class BookDay:
    """The best of each side over the day, all [n_step]; NaN where nobody stands. Prices in EUR/MWh or EUR/Mvarh,
    quantities in MW or Mvar, summed over all levels."""

    offer_price: Floats
    offer_mw: Floats
    request_price: Floats
    request_mw: Floats
    unit: str = "MW"
    price_unit: str = "EUR/MWh"


@dataclass(frozen=True, kw_only=True)
class Level:
    """All that stands at one price of one side; `own` is the reader's part of `quantity`."""

    side: SideName
    price: float
    quantity: float
    own: float


@dataclass
class BookStrip:
    """The heat strip's handle."""

    figure: figure
    cells: ColumnDataSource
    prices: LinearColorMapper
    quantities: LinearColorMapper
    renderers: Sequence[GlyphRenderer]
    cursor: Span
    hover: HoverTool
    labels: Sequence[str]

    def show(self, book: BookDay) -> None:
        """Draw another book, in place. Raises ValueError when a series has another number of steps."""
        columns = _strip_columns(book, self.labels)
        _fit(self.prices, columns["offer_price"], columns["request_price"])
        _fit(self.quantities, columns["offer_mw"], columns["request_mw"])
        self.hover.tooltips = _strip_tooltips(book)
        self.cells.data = columns

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        shades = [look.mix(t.faint, t.primary, k / 31) for k in range(32)]
        self.quantities.update(palette=shades, nan_color=t.paper)
        self.prices.nan_color = t.paper
        self.cursor.line_color = t.critical
        for renderer in self.renderers:
            renderer.glyph.line_color = t.paper


def book_strip(
    book: BookDay,
    labels: Sequence[str],
    state: StepState,
    *,
    theme: look.ThemeName = "light",
    height_px: int = 132,
) -> BookStrip:
    """Four rows over `labels`: best price and quantity of offers and of requests. Click, drag or arrow keys move
    `state.step`, which the cursor follows."""
    f = day_canvas(labels, height_px, tools="")
    f.y_range = Range1d(-0.5, 3.5)
    f.yaxis.ticker = FixedTicker(ticks=list(range(4)))
    f.yaxis.major_label_overrides = {3 - k: name for k, name in enumerate(_ROW_NAMES)}
    f.ygrid.visible = False
    cells = ColumnDataSource(_strip_columns(book, labels), name="fd-book")
    prices = LinearColorMapper(palette=list(Cividis256), low=0.0, high=1.0)
    quantities = LinearColorMapper(palette=["#ffffff"], low=0.0, high=1.0)
    renderers = []
    for k, key in enumerate(_ROWS):
        mapper = prices if key.endswith("price") else quantities
        paint = {"field": key, "transform": mapper}
        renderers.append(f.rect("step", 3 - k, 1.0, 0.92, source=cells, fill_color=paint, line_width=0.5))
    cursor = Span(location=state.step, dimension="height", line_width=2)
    f.add_layout(cursor)
    state.js_on_change("step", CustomJS(args={"c": cursor, "s": state}, code="c.location = s.step"))
    go = CustomJS(args={"state": state}, code=_GO)
    for event in (Tap, PanStart, Pan):
        f.js_on_event(event, go)
    unseen = f.vbar("step", top=4, bottom=-1, width=1.0, source=cells, fill_alpha=0, line_alpha=0)
    hover = HoverTool(renderers=[unseen], mode="vline")
    f.add_tools(hover)
    strip = BookStrip(f, cells, prices, quantities, renderers, cursor, hover, labels)
    strip.show(book)
    strip.restyle(theme)
    return strip


def _strip_columns(book: BookDay, labels: Sequence[str]) -> dict[str, Floats | Sequence[str]]:
    columns: dict[str, Floats | Sequence[str]] = {
        "step": np.arange(len(labels), dtype=float),
        "label": list(labels),
    }
    for key in _ROWS:
        values = np.asarray(getattr(book, key), float)
        if len(values) != len(labels):
            raise ValueError(f"{key}: expected {len(labels)} steps, got {len(values)}")
        columns[key] = values
    return columns


def _strip_tooltips(book: BookDay) -> list[tuple[str, str]]:
    units = (f"{{0.00}} {book.price_unit}", f"{{0.000}} {book.unit}") * 2
    return [("", "@label"), *((n, f"@{k}{u}") for n, k, u in zip(_ROW_NAMES, _ROWS, units, strict=True))]


def _fit(mapper: LinearColorMapper, *series: object) -> None:
    """Let a scale reach over what is there."""
    values = np.concatenate([np.asarray(s, float) for s in series])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    mapper.update(low=min(low, 0.0), high=high if high > min(low, 0.0) else 1.0)


@dataclass
class Ladder:
    """The ladder's handle. `levels`: what is shown, from top to bottom; `theme`: its colours."""

    figure: figure
    rows: ColumnDataSource
    bars: GlyphRenderer
    own: GlyphRenderer
    texts: Sequence[GlyphRenderer]
    hover: HoverTool
    levels: list[Level]
    theme: look.ThemeName

    def show(self, levels: Sequence[Level], unit: str = "MW", price_unit: str = "EUR/MWh") -> None:
        """Draw the best levels of both sides, offers above requests, in place."""
        self.levels = ladder_rows(levels)
        reach = max((level.quantity for level in self.levels), default=0.0) or 1.0
        self.figure.x_range.update(start=-0.42 * reach, end=1.3 * reach)
        rows = max(len(self.levels), LEAST_ROWS)
        self.figure.y_range.update(start=rows + GAP - 0.4, end=-0.6)
        self.figure.xaxis.axis_label = f"Quantity, {unit}; the hatched part is your own"
        self.hover.tooltips = [
            ("", "@side"),
            ("Price", f"@price{{0.00}} {price_unit}"),
            ("Quantity", f"@quantity{{0.000}} {unit}"),
            ("Yours", f"@own{{0.000}} {unit}"),
        ]
        self.rows.selected.indices = []
        self.rows.data = _ladder_columns(self.levels, reach, self.theme)

    def on_pick(self, callback: Callable[[Level], None]) -> None:
        """Call `callback(level)` when a level is clicked."""

        def picked(_attribute: str, _old: object, new: Sequence[int]) -> None:
            if new and new[0] < len(self.levels):
                callback(self.levels[new[0]])

        self.rows.selected.on_change("indices", picked)

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        self.theme, t = name, look.tokens(name)
        self.rows.data = {**dict(self.rows.data), "color": _colors(self.levels, name)}
        self.own.glyph.update(hatch_color=t.paper)
        for text in self.texts:
            text.glyph.text_color = t.text


def ladder_rows(levels: Sequence[Level]) -> list[Level]:
    """The `DEPTH` best levels of each side, the dearest on top."""
    offers = sorted((level for level in levels if level.side == "offer"), key=lambda level: level.price)[:DEPTH]
    asked = sorted((level for level in levels if level.side == "request"), key=lambda level: -level.price)[:DEPTH]
    return [*reversed(offers), *asked]


def ladder(levels: Sequence[Level], *, theme: look.ThemeName = "light", height_px: int = 330) -> Ladder:
    """One row for each price: offers on top, requests under them, as long as their quantity."""
    f = figure(
        height=height_px,
        sizing_mode="stretch_width",
        tools="",
        toolbar_location=None,
        x_range=Range1d(-0.4, 1.3),
        y_range=Range1d(LEAST_ROWS, -0.6),
        outline_line_color=None,
        min_border=4,
    )
    f.grid.visible = False
    f.yaxis.visible = False
    f.xaxis.ticker.desired_num_ticks = 4
    f.xaxis.bounds = (0.0, MOST_MW)  # room for words at the left of 0
    rows = ColumnDataSource(_ladder_columns([], 1.0, theme), name="fd-ladder")
    whole = {"fill_alpha": 0.75, "nonselection_fill_alpha": 0.75}
    bars = f.hbar("row", right="quantity", height=0.86, fill_color="color", line_width=0, source=rows, **whole)
    own = f.hbar(
        "row",
        right="own",
        height=0.86,
        fill_color="color",
        hatch_pattern="/",
        hatch_scale=6,
        line_width=0,
        source=rows,
        **whole,
    )
    font = {"text_font": value(look.FONT), "text_font_size": "12px", "text_baseline": "middle", "source": rows}
    texts = [
        f.text("left", "row", "words", text_align="right", x_offset=-6, nonselection_text_alpha=1.0, **font),
        f.text("quantity", "row", "amount", x_offset=6, nonselection_text_alpha=1.0, **font),
    ]
    # A thin bar is hard to hit: the whole row answers.
    row = f.hbar(
        "row",
        left="from",
        right="to",
        height=1.0,
        source=rows,
        line_alpha=0,
        fill_alpha=0,
        nonselection_fill_alpha=0,
    )
    hover = HoverTool(renderers=[row])
    f.add_tools(TapTool(renderers=[row]), hover)
    handle = Ladder(f, rows, bars, own, texts, hover, [], theme)
    handle.show(levels)
    handle.restyle(theme)
    return handle


def _colors(levels: Sequence[Level], theme: look.ThemeName) -> list[str]:
    t = look.tokens(theme)
    return [{"offer": t.low, "request": t.watch}[level.side] for level in levels]


def _ladder_columns(levels: Sequence[Level], reach: float, theme: look.ThemeName) -> dict[str, object]:
    n_offers = sum(level.side == "offer" for level in levels)
    return {
        "row": [k + GAP * (k >= n_offers) for k in range(len(levels))],
        "left": [0.0] * len(levels),
        "from": [-0.42 * reach] * len(levels),
        "to": [1.3 * reach] * len(levels),
        "side": [level.side for level in levels],
        "price": [level.price for level in levels],
        "quantity": [level.quantity for level in levels],
        "own": [level.own for level in levels],
        "words": [f"{level.side} {level.price:.2f}" for level in levels],
        "amount": [f"{level.quantity:.3f}" for level in levels],
        "color": _colors(levels, theme),
    }
