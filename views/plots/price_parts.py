"""A bus's price over the day as a stack of its parts, upwards what raises it and downwards what lowers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from bokeh.models import ColumnDataSource, CustomJS, GlyphRenderer, HoverTool, LegendItem, Span
from bokeh.plotting import figure

from views import theme as look
from views.plots.furniture import day_canvas, legend_above
from views.plots.models import Floats, PriceDay
from views.plots.step import StepState

Part = Literal["energy", "loss", "congestion", "voltage"]
PARTS: Mapping[Part, str] = {
    "energy": "Energy",
    "loss": "Losses",
    "congestion": "Congestion",
    "voltage": "Voltage",
}
_TONES: Mapping[Part, str] = {"energy": "normal", "loss": "low", "congestion": "watch", "voltage": "critical"}
_HATCH: Mapping[Part, str] = {
    "energy": "blank",
    "loss": "dot",
    "congestion": "left_diagonal_line",
    "voltage": "right_diagonal_line",
}
"""Told apart by pattern as well as colour."""


@dataclass
class PricePartsPlot:
    """The chart's handle."""

    figure: figure
    source: ColumnDataSource
    bars: Mapping[Part, GlyphRenderer]
    items: Mapping[Part, LegendItem]
    total: GlyphRenderer
    hover: HoverTool
    cursor: Span
    labels: Sequence[str]

    def show(self, day: PriceDay) -> None:
        """Draw another bus or commodity, in place; a part that is zero all day leaves the legend.

        Raises ValueError for another number of steps.
        """
        columns = _columns(day, self.labels)
        drawn = [columns[f"{part}_{end}"] for part in PARTS for end in ("top", "bottom")] + [columns["total"]]
        low, high = float(np.nanmin(drawn)), float(np.nanmax(drawn))
        margin = 0.08 * ((high - low) or 1.0)
        self.figure.y_range.update(start=low - margin, end=high + margin)
        self.figure.yaxis.axis_label = day.unit
        for part, item in self.items.items():
            item.visible = bool(np.any(columns[part]))
        self.hover.tooltips = _tooltips(day.unit)
        self.source.data = columns

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        for part, bars in self.bars.items():
            bars.glyph.update(fill_color=getattr(t, _TONES[part]), hatch_color=t.paper)
        self.total.glyph.line_color = t.text
        self.cursor.line_color = t.primary


def price_parts(
    day: PriceDay,
    labels: Sequence[str],
    state: StepState,
    *,
    theme: look.ThemeName = "light",
    height_px: int = 300,
) -> PricePartsPlot:
    """Bars of the parts over `labels`, the price as a line over them, and a cursor at the page's step.

    Raises ValueError when a series has another number of steps.
    """
    f = day_canvas(labels, height_px, tools="", y_axis_label=day.unit)
    source = ColumnDataSource(_columns(day, labels), name="fd-price-parts")
    bars = {
        part: f.vbar(
            "step",
            top=f"{part}_top",
            bottom=f"{part}_bottom",
            width=1.0,
            source=source,
            line_width=0,
            fill_alpha=0.85,
            hatch_pattern=_HATCH[part],
            hatch_alpha=0.6,
            hatch_scale=7,
            hatch_weight=1,
        )
        for part in PARTS
    }
    total = f.step("step", "total", source=source, mode="center", line_width=2)
    items = {part: LegendItem(label=PARTS[part], renderers=[renderer]) for part, renderer in bars.items()}
    legend_above(f, [*items.values(), LegendItem(label="Price", renderers=[total])])
    unseen = f.vbar("step", top=1e9, bottom=-1e9, width=1.0, source=source, fill_alpha=0, line_alpha=0)
    hover = HoverTool(renderers=[unseen], mode="vline", tooltips=_tooltips(day.unit))
    f.add_tools(hover)
    cursor = Span(location=state.step, dimension="height", line_width=1.5)
    f.add_layout(cursor)
    state.js_on_change("step", CustomJS(args={"c": cursor, "s": state}, code="c.location = s.step"))
    plot = PricePartsPlot(f, source, bars, items, total, hover, cursor, labels)
    plot.show(day)
    plot.restyle(theme)
    return plot


def _tooltips(unit: str) -> list[tuple[str, str]]:
    parts = [(label, f"@{part}{{0.00}}") for part, label in PARTS.items()]
    return [("", "@label"), *parts, ("Price", f"@total{{0.00}} {unit}")]


def _columns(day: PriceDay, labels: Sequence[str]) -> dict[str, object]:
    """Each part's value and the ends of its bar: positive ones stacked up from zero, negative ones down."""
    up, down = np.zeros(len(labels)), np.zeros(len(labels))
    columns: dict[str, object] = {"step": np.arange(len(labels), dtype=float), "label": list(labels)}
    for part in PARTS:
        value = _checked(day.parts[part], labels)
        rises = value >= 0
        bottom = np.where(rises, up, down)
        up, down = up + np.where(rises, value, 0.0), down + np.where(rises, 0.0, value)
        columns |= {part: value, f"{part}_bottom": bottom, f"{part}_top": bottom + value}
    return columns | {"total": _checked(day.total, labels)}


def _checked(values: Floats, labels: Sequence[str]) -> Floats:
    if len(values) != len(labels):
        raise ValueError(f"expected {len(labels)} steps, got {len(values)}")
    return np.asarray(values, float)
