"""Several quantities of one unit over the quarter hours of a day: step lines and bars, named in the legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    CustomJS,
    GlyphRenderer,
    HoverTool,
    LegendItem,
    Span,
)
from bokeh.plotting import figure
from numpy.typing import NDArray

from views import theme as look
from views.plots.furniture import day_canvas, legend_above
from views.plots.step import StepState

Floats = NDArray[np.floating]
Mark = Literal["line", "dash", "bar"]
Tone = Literal["text", "primary", "normal", "low", "high"]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One quantity: its column, its name in the legend, how it is drawn and in which token's colour."""

    key: str
    label: str
    mark: Mark = "line"
    tone: Tone = "text"


@dataclass
class DaySeriesPlot:
    """The chart's handle."""

    figure: figure
    source: ColumnDataSource
    curves: Sequence[Curve]
    renderers: Sequence[GlyphRenderer]
    items: Sequence[LegendItem]
    cursor: Span | None
    labels: Sequence[str]

    def show(self, values: Mapping[str, Floats | None]) -> None:
        """Draw these [n_step] series in place; what is missing or None is taken off chart and legend.

        Raises ValueError when a series has another number of steps than the day.
        """
        data: dict[str, object] = {"step": np.arange(len(self.labels), dtype=float), "label": list(self.labels)}
        shown: list[Floats] = []
        for curve, renderer, item in zip(self.curves, self.renderers, self.items, strict=True):
            series = values.get(curve.key)
            renderer.visible = item.visible = series is not None
            data[curve.key] = self._column(curve, series)
            if series is not None:
                shown.append(np.asarray(series, float))
        low, high = _range(shown, has_bars=any(c.mark == "bar" for c in self.curves))
        self.figure.y_range.update(start=low, end=high)
        self.source.data = data

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        for curve, renderer in zip(self.curves, self.renderers, strict=True):
            color = getattr(t, curve.tone)
            glyph = renderer.glyph
            if curve.mark == "bar":
                glyph.update(fill_color=color, line_color=color)
            else:
                glyph.line_color = color
        if self.cursor is not None:
            self.cursor.line_color = t.primary

    def _column(self, curve: Curve, series: Floats | None) -> Floats:
        if series is None:
            return np.full(len(self.labels), np.nan)
        if len(series) != len(self.labels):
            raise ValueError(f"{curve.key}: expected {len(self.labels)} steps, got {len(series)}")
        return np.asarray(series, float)


def day_series(
    curves: Sequence[Curve],
    labels: Sequence[str],
    unit: str,
    *,
    places: int = 2,
    state: StepState | None = None,
    theme: look.ThemeName = "light",
    height_px: int = 240,
) -> DaySeriesPlot:
    """A chart over `labels` with `unit` at its axis; `state` adds a cursor that follows the step."""
    f = day_canvas(labels, height_px, tools="save", y_axis_label=unit)
    blank = {curve.key: np.full(len(labels), np.nan) for curve in curves}
    source = ColumnDataSource({"step": np.arange(len(labels), dtype=float), "label": list(labels), **blank})
    renderers = [_draw(f, source, curve) for curve in curves]
    items = [LegendItem(label=c.label, renderers=[r]) for c, r in zip(curves, renderers, strict=True)]
    legend_above(f, items)
    number = "0." + "0" * places
    tooltips = [("", "@label"), *((c.label, f"@{c.key}{{{number}}} {unit}") for c in curves)]
    f.add_tools(HoverTool(renderers=[_hover_target(f, source)], mode="vline", tooltips=tooltips))
    plot = DaySeriesPlot(f, source, tuple(curves), renderers, items, _cursor(f, state), labels)
    plot.restyle(theme)
    return plot


def _draw(f: figure, source: ColumnDataSource, curve: Curve) -> GlyphRenderer:
    if curve.mark == "bar":
        return f.vbar("step", top=curve.key, width=0.8, source=source, fill_alpha=0.45, line_width=0)
    dash = [6, 3] if curve.mark == "dash" else []
    return f.step("step", curve.key, source=source, mode="center", line_width=2, line_dash=dash)


def _hover_target(f: figure, source: ColumnDataSource) -> GlyphRenderer:
    """An unseen bar as wide as the step, so that the hover answers anywhere in the chart."""
    return f.vbar("step", top=1e9, bottom=-1e9, width=1.0, source=source, fill_alpha=0, line_alpha=0)


def _cursor(f: figure, state: StepState | None) -> Span | None:
    if state is None:
        return None
    cursor = Span(location=state.step, dimension="height", line_width=1.5)
    f.add_layout(cursor)
    state.js_on_change("step", CustomJS(args={"c": cursor, "s": state}, code="c.location = s.step"))
    return cursor


def _range(shown: Sequence[Floats], *, has_bars: bool) -> tuple[float, float]:
    values = np.concatenate([*shown, np.zeros(1 if has_bars or not shown else 0)])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = 0.08 * ((high - low) or 1.0)
    return low - (margin if low < 0 or not has_bars else 0.0), high + margin
