"""One element's day: value against its limits, before and after, with awards as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from bokeh.models import (
    BoxAnnotation,
    ColumnDataSource,
    CustomJS,
    GlyphRenderer,
    HoverTool,
    LegendItem,
    LinearAxis,
    Range1d,
    Span,
)
from bokeh.plotting import figure

from views import theme as look
from views.plots.furniture import day_canvas, legend_above
from views.plots.models import ElementDay
from views.plots.step import StepState


@dataclass
class ElementDayPlot:
    """The chart's handle; one figure serves every element a person selects."""

    figure: figure
    source: ColumnDataSource
    before: GlyphRenderer
    after: GlyphRenderer
    awards: GlyphRenderer
    upper: Span
    lower: Span
    beyond_upper: BoxAnnotation
    beyond_lower: BoxAnnotation
    cursor: Span
    legend: dict[str, LegendItem]
    labels: Sequence[str]

    def show(self, day: ElementDay) -> None:
        """Draw another element, in place."""
        _require_steps(day, self.labels)
        f = self.figure
        f.title.text = day.name
        f.yaxis[0].axis_label = f"{day.quantity}, {day.unit}"
        low, high = _range(day)
        f.y_range.update(start=low, end=high)
        reach = _award_reach(day)
        f.extra_y_ranges["award"].update(start=-reach, end=reach)
        f.yaxis[1].visible = self.awards.visible = self.legend["awards"].visible = day.award_p_mw is not None
        self.after.visible = self.legend["after"].visible = day.after is not None
        for span, box, limit, edge in (
            (self.upper, self.beyond_upper, day.upper, "bottom"),
            (self.lower, self.beyond_lower, day.lower, "top"),
        ):
            span.visible = box.visible = limit is not None
            if limit is not None:
                span.location = limit
                setattr(box, edge, limit)
        self.source.data = _columns(day, self.labels)

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        self.before.glyph.line_color = t.text
        self.after.glyph.line_color = t.primary
        self.awards.glyph.update(fill_color=t.primary, line_color=t.primary)
        self.cursor.line_color = t.primary
        for span, box in ((self.upper, self.beyond_upper), (self.lower, self.beyond_lower)):
            span.line_color = t.critical
            box.fill_color = t.critical


def element_day(
    day: ElementDay,
    state: StepState,
    labels: Sequence[str],
    *,
    theme: look.ThemeName = "light",
    height_px: int = 240,
) -> ElementDayPlot:
    """Value as a step line, limits dashed with the forbidden side shaded, awards (MW, right axis) as bars.

    Raises ValueError when the day has another number of steps than the labels.
    """
    _require_steps(day, labels)
    f = day_canvas(labels, height_px, tools="save", title="")
    f.extra_y_ranges = {"award": Range1d(-1, 1)}
    f.add_layout(LinearAxis(y_range_name="award", axis_label="Award, MW up"), "right")
    source = ColumnDataSource(_columns(day, labels))
    awards = f.vbar(
        "step", top="award", width=0.8, source=source, y_range_name="award", fill_alpha=0.35, line_width=0
    )
    before = f.step("step", "value", source=source, mode="center", line_width=2)
    after = f.step("step", "after", source=source, mode="center", line_width=2, line_dash=[6, 3])
    upper, lower = (Span(dimension="width", line_dash=[4, 4], line_width=1.5) for _ in range(2))
    over, under = (BoxAnnotation(fill_alpha=0.08, line_color=None) for _ in range(2))
    cursor = Span(location=state.step, dimension="height", line_width=1.5)
    for part in (over, under, upper, lower, cursor):
        f.add_layout(part)
    state.js_on_change("step", CustomJS(args={"c": cursor, "s": state}, code="c.location = s.step"))
    hover = HoverTool(
        renderers=[before],
        mode="vline",
        tooltips=[
            ("", "@label"),
            ("Value", "@value{0.0000}"),
            ("After", "@after{0.0000}"),
            ("Award", "@award{+0.000} MW"),
        ],
    )
    f.add_tools(hover)
    legend = {
        "before": LegendItem(label="before", renderers=[before]),
        "after": LegendItem(label="after clearing", renderers=[after]),
        "awards": LegendItem(label="award", renderers=[awards]),
    }
    legend_above(f, list(legend.values()))
    plot = ElementDayPlot(f, source, before, after, awards, upper, lower, over, under, cursor, legend, labels)
    plot.show(day)
    plot.restyle(theme)
    return plot


def _columns(day: ElementDay, labels: Sequence[str]) -> dict[str, object]:
    n = len(labels)
    blank = np.full(n, np.nan)
    return {
        "step": np.arange(n, dtype=float),
        "label": list(labels),
        "value": np.asarray(day.value, float),
        "after": blank if day.after is None else np.asarray(day.after, float),
        "award": np.zeros(n) if day.award_p_mw is None else np.asarray(day.award_p_mw, float),
    }


def _range(day: ElementDay) -> tuple[float, float]:
    series = [np.asarray(day.value, float)] + ([] if day.after is None else [np.asarray(day.after, float)])
    limits = [limit for limit in (day.lower, day.upper) if limit is not None]
    values = np.concatenate([*series, np.asarray(limits, float)])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = 0.1 * ((high - low) or 1.0)
    return low - margin, high + margin


def _award_reach(day: ElementDay) -> float:
    """Half the award axis, so that zero stays in the middle, MW."""
    largest = 0.0 if day.award_p_mw is None else float(np.nanmax(np.abs(day.award_p_mw), initial=0.0))
    return 1.25 * largest or 1.0


def _require_steps(day: ElementDay, labels: Sequence[str]) -> None:
    for field in ("value", "after", "award_p_mw"):
        values = getattr(day, field)
        if values is not None and len(values) != len(labels):
            raise ValueError(f"{field}: expected {len(labels)} steps, got {len(values)}")
