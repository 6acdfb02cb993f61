"""The time slider, drawn over the day's worst values: the bad hours are seen before they are sought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from bokeh.events import Pan, PanStart, Tap
from bokeh.models import ColumnDataSource, CustomJS, FixedTicker, GlyphRenderer, Label, Range1d, Span
from bokeh.plotting import figure

from views import theme as look
from views.plots.models import WorstOfDay
from views.plots.step import StepState, hour_ticks

_GO = "state.step = Math.min(state.last, Math.max(0, Math.round(cb_obj.x)))"
_DIGITS = {"%": 1, "EUR/MWh": 2, "EUR/Mvarh": 2}
_SHOW = """
const k = state.step
cursor.location = k
const over = worst.data.value[k] > limit.location
readout.x = k
const unit = worst.tags[0]
const value = worst.data.value[k].toFixed(worst.tags[1])
readout.text = `${over ? "▲ " : ""}${worst.data.label[k]}  ${value} ${unit}`
readout.text_align = k > 0.8 * state.last ? "right" : "left"
readout.x_offset = k > 0.8 * state.last ? -6 : 6
"""


@dataclass
class Timeline:
    """A slider's handle."""

    figure: figure
    worst: ColumnDataSource
    area: GlyphRenderer
    bars: GlyphRenderer
    marks: GlyphRenderer
    limit: Span
    cursor: Span
    readout: Label
    caption: Label
    labels: Sequence[str]

    def set_worst(self, worst: WorstOfDay) -> None:
        """Show another series behind the slider (after the overlay or the day has changed)."""
        low, high = _range(worst)
        self.figure.y_range.update(start=low, end=high)
        self.limit.location = worst.limit
        self.caption.update(text=_caption(worst), y=high)
        self.readout.y = low
        self.worst.tags = _tags(worst)
        self.worst.data = _columns(worst, self.labels, low)

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        self.area.glyph.fill_color = t.normal
        self.bars.glyph.update(fill_color=t.critical, line_color=None)
        self.marks.glyph.update(fill_color=t.critical, line_color=None)
        self.limit.line_color = t.muted
        self.cursor.line_color = t.primary
        self.readout.update(text_color=t.text, background_fill_color=t.paper)
        self.caption.text_color = t.muted


def timeline(
    worst: WorstOfDay,
    state: StepState,
    labels: Sequence[str],
    *,
    theme: look.ThemeName = "light",
    height_px: int = 96,
) -> Timeline:
    """A slider over `len(labels)` steps: click, drag, or arrow keys (the shell's) move `state.step`.

    Steps beyond the limit stand out as bars above the dashed line, the worst one with a triangle.
    Raises ValueError when lengths differ.
    """
    if not len(worst.value) == len(labels) == state.last + 1:
        raise ValueError("worst.value, labels and state: one entry per step each")
    low, high = _range(worst)
    f = figure(
        height=height_px,
        sizing_mode="stretch_width",
        tools="",
        toolbar_location=None,
        x_range=Range1d(-0.5, len(labels) - 0.5),
        y_range=Range1d(low, high),
        outline_line_color=None,
        min_border=4,
        min_border_left=24,
        min_border_right=24,
    )
    f.yaxis.visible = False
    f.grid.visible = False
    ticks = hour_ticks(labels)
    f.xaxis.ticker = FixedTicker(ticks=list(ticks))
    f.xaxis.major_label_overrides = ticks
    source = ColumnDataSource(_columns(worst, labels, low), tags=_tags(worst), name="fd-worst")
    area = f.varea_step("step", "low", "value", source=source, step_mode="center", fill_alpha=0.6)
    bars = f.vbar("step", width=0.9, bottom="limit", top="over", source=source)
    marks = f.scatter("step", "mark", source=source, marker="triangle", size=9)
    limit = Span(location=worst.limit, dimension="width", line_dash=[4, 4])
    cursor = Span(location=state.step, dimension="height", line_width=2)
    readout = Label(
        x=state.step,
        y=low,
        y_offset=4,
        text_font=look.FONT,
        text_font_size="13px",
        text_font_style="bold",
        background_fill_alpha=0.85,
    )
    caption = Label(
        x=-0.5,
        y=high,
        text=_caption(worst),
        x_offset=4,
        text_baseline="top",
        text_font=look.FONT,
        text_font_size="11px",
    )
    for part in (limit, cursor, caption, readout):
        f.add_layout(part)
    handle = Timeline(f, source, area, bars, marks, limit, cursor, readout, caption, labels)
    _link(handle, state)
    handle.restyle(theme)
    return handle


def _link(handle: Timeline, state: StepState) -> None:
    go = CustomJS(args={"state": state}, code=_GO)
    for event in (Tap, PanStart, Pan):
        handle.figure.js_on_event(event, go)
    args = {
        "state": state,
        "cursor": handle.cursor,
        "readout": handle.readout,
        "worst": handle.worst,
        "limit": handle.limit,
    }
    show = CustomJS(args=args, code=_SHOW)
    state.js_on_change("step", show)
    handle.worst.js_on_change("data", show)
    k = state.step
    digits = handle.worst.tags[1]
    value = handle.worst.data["value"][k]
    over = "▲ " if value > handle.limit.location else ""
    handle.readout.text = f"{over}{handle.labels[k]}  {value:.{digits}f} {handle.worst.tags[0]}"
    if k > 0.8 * state.last:
        handle.readout.update(text_align="right", x_offset=-6)


def _tags(worst: WorstOfDay) -> list[str | int]:
    """What the browser needs to write a value: its unit and how many decimals."""
    return [worst.unit, _DIGITS.get(worst.unit, 4)]


def _range(worst: WorstOfDay) -> tuple[float, float]:
    values = np.append(np.asarray(worst.value, float), worst.limit)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    span = (high - low) or 1.0
    return low - 0.45 * span, high + 0.35 * span


def _caption(worst: WorstOfDay) -> str:
    limit = "" if np.isnan(worst.limit) else f" (dashed: limit {worst.limit:g})"
    return f"{worst.label}, {worst.unit}{limit}"


def _columns(worst: WorstOfDay, labels: Sequence[str], low: float) -> dict[str, object]:
    value = np.asarray(worst.value, float)
    over = np.where(value > worst.limit, value, worst.limit)
    return {
        "step": np.arange(len(value), dtype=float),
        "low": np.full(len(value), low),
        "value": value,
        "limit": np.full(len(value), float(worst.limit)),
        "over": over,
        "mark": np.where((value > worst.limit) & (value == np.nanmax(value)), value, np.nan),
        "label": list(labels),
    }
