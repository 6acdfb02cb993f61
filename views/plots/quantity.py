"""A quantity per quarter hour that is drawn by dragging: bars over the room there is and the need behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from bokeh.events import Pan, PanEnd, PanStart, Tap
from bokeh.models import (
    ColumnDataSource,
    CustomJS,
    GlyphRenderer,
    HoverTool,
    LegendItem,
)
from bokeh.plotting import figure
from numpy.typing import NDArray

from views import theme as look
from views.plots.furniture import day_canvas, legend_above

Floats = NDArray[np.floating]

# Dragging paints every quarter hour between two positions of the hand; the server hears of it at the end.
_PAINT = """
const d = bars.data, n = d.step.length
const k = Math.min(n - 1, Math.max(0, Math.round(cb_obj.x)))
const y = Math.max(0, Math.min(Math.round(cb_obj.y * 1e3) / 1e3, d.most[k]))
const starts = cb_obj.event_name !== "pan" || bars._last === undefined
const from = starts ? k : bars._last
const quantity = Float64Array.from(d.quantity)
for (let i = Math.min(from, k); i <= Math.max(from, k); i++) quantity[i] = Math.min(y, d.most[i])
bars._last = k
bars._drawn = quantity
d.quantity = quantity
bars.change.emit()
if (cb_obj.event_name === "tap") { drawn.data = {quantity: quantity} }
"""
_SEND = "if (bars._drawn) { bars._last = undefined; drawn.data = {quantity: bars._drawn} }"


@dataclass(frozen=True, kw_only=True)
class QuantityDay:
    """What is drawn, all [n_step], in `unit`.

    quantity : the bars; room : what is possible (shaded; None is no bound); need : what is asked (grey line)
    reference : the asset's baseline (dashed)
    """

    quantity: Floats
    room: Floats | None = None
    need: Floats | None = None
    reference: Floats | None = None
    unit: str = "MW"


@dataclass
class QuantityPlot:
    """The chart's handle."""

    figure: figure
    bars: ColumnDataSource
    back: ColumnDataSource
    drawn: ColumnDataSource
    quantity: GlyphRenderer
    room: GlyphRenderer
    need: GlyphRenderer
    reference: GlyphRenderer
    legend: Sequence[LegendItem]
    hover: HoverTool
    names: tuple[str, str, str, str]
    labels: Sequence[str]

    def show(self, day: QuantityDay) -> None:
        """Draw another day's room, need and quantity, in place."""
        columns = _columns(day, self.labels)
        low, high = _range(day)
        self.figure.y_range.update(start=low, end=high)
        self.figure.yaxis.axis_label = day.unit
        self.hover.tooltips = _tooltips(self.names, day.unit)
        shown = (True, day.room is not None, day.need is not None, day.reference is not None)
        for item, is_shown in zip(self.legend, shown, strict=True):
            item.visible = item.renderers[0].visible = is_shown
        self.back.data = columns["back"]
        self.bars.data = columns["bars"]

    def show_quantity(self, quantity: Floats) -> None:
        """Change the bars alone."""
        self.bars.data = {**dict(self.bars.data), "quantity": np.asarray(quantity, float)}

    def on_drawn(self, callback: Callable[[Floats], None]) -> None:
        """Call `callback(quantity)` [n_step] when the hand has let go."""
        self.drawn.on_change("data", lambda _attribute, _old, new: callback(np.asarray(new["quantity"], float)))

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        self.quantity.glyph.update(fill_color=t.primary, line_color=t.primary)
        self.room.glyph.fill_color = t.faint
        self.need.glyph.line_color = t.normal
        self.reference.glyph.line_color = t.text


def quantity_plot(
    day: QuantityDay,
    labels: Sequence[str],
    *,
    names: tuple[str, str, str, str] = ("Offer", "Left to offer", "Requested near", "Baseline"),
    editable: bool = True,
    theme: look.ThemeName = "light",
    height_px: int = 280,
) -> QuantityPlot:
    """Bars over `labels`; drag across the chart to draw them, never above the room.

    names : of bars, room, need and reference in legend and hover
    Raises ValueError when a series has another number of steps.
    """
    f = day_canvas(labels, height_px, tools="", y_axis_label=day.unit)
    columns = _columns(day, labels)
    back, bars = ColumnDataSource(columns["back"]), ColumnDataSource(columns["bars"], name="fd-quantity")
    drawn = ColumnDataSource({"quantity": np.asarray(day.quantity, float)})
    room = f.varea_step("step", y1="zero", y2="room", source=back, step_mode="center")
    need = f.step("step", "need", source=back, mode="center", line_width=3)
    quantity = f.vbar("step", top="quantity", width=0.8, source=bars, fill_alpha=0.75, line_width=0)
    reference = f.step("step", "reference", source=back, mode="center", line_width=1.5, line_dash=[6, 3])
    parts = (quantity, room, need, reference)
    legend = [LegendItem(label=label, renderers=[part]) for label, part in zip(names, parts, strict=True)]
    legend_above(f, legend)
    hover = _hover(f, back)
    f.add_tools(hover)
    if editable:
        paint = CustomJS(args={"bars": bars, "drawn": drawn}, code=_PAINT)
        for event in (PanStart, Pan, Tap):
            f.js_on_event(event, paint)
        f.js_on_event(PanEnd, CustomJS(args={"bars": bars, "drawn": drawn}, code=_SEND))
    plot = QuantityPlot(f, bars, back, drawn, quantity, room, need, reference, legend, hover, names, labels)
    plot.show(day)
    plot.restyle(theme)
    return plot


def _hover(f: figure, back: ColumnDataSource) -> HoverTool:
    unseen = f.vbar("step", top=1e9, bottom=-1e9, width=1.0, source=back, fill_alpha=0, line_alpha=0)
    return HoverTool(renderers=[unseen], mode="vline")


def _tooltips(names: tuple[str, str, str, str], unit: str) -> list[tuple[str, str]]:
    keys = ("room", "need", "reference")
    return [
        ("", "@label"),
        *((name, f"@{key}{{0.000}} {unit}") for name, key in zip(names[1:], keys, strict=True)),
    ]


def _columns(day: QuantityDay, labels: Sequence[str]) -> dict[str, dict[str, object]]:
    n = len(labels)
    for field in ("quantity", "room", "need", "reference"):
        values = getattr(day, field)
        if values is not None and len(values) != n:
            raise ValueError(f"{field}: expected {n} steps, got {len(values)}")
    blank = np.full(n, np.nan)
    step = np.arange(n, dtype=float)
    room = blank if day.room is None else np.asarray(day.room, float)
    back = {
        "step": step,
        "label": list(labels),
        "zero": np.zeros(n),
        "room": room,
        "need": blank if day.need is None else np.asarray(day.need, float),
        "reference": blank if day.reference is None else np.asarray(day.reference, float),
    }
    most = np.full(n, 1e6) if day.room is None else room
    return {"back": back, "bars": {"step": step, "quantity": np.asarray(day.quantity, float), "most": most}}


def _range(day: QuantityDay) -> tuple[float, float]:
    """Room, quantity and reference fit; the need only where there is no room to show."""
    shown = [day.quantity, day.reference, day.room if day.room is not None else day.need]
    values = np.concatenate([[0.0], *(np.asarray(s, float) for s in shown if s is not None)])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = 0.12 * ((high - low) or 0.1)
    return low - (margin if low < 0 else 0.0), high + margin
