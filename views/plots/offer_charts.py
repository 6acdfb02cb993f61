"""An offer over the day, to be drawn: its quantity over what the asset can reach, and its price under it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.events import Pan, PanEnd, PanStart, Tap
from bokeh.models import ColumnDataSource, CustomJS, HoverTool, LegendItem, Span
from bokeh.plotting import figure

from views import theme as look
from views.plots.furniture import day_canvas, legend_above
from views.plots.hand import COMMON, DRAG, HOLD, KEYED, SELECT, SEND, Hand
from views.plots.offer import OfferPlot
from views.plots.step import StepState

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
_LEFT_PX = 68


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
        dict.fromkeys(("step", "price", "top", "sent", "local", "day_ahead"), zero) | {"label": list(labels)},
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
    source.js_on_change("data", script(HOLD))
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
