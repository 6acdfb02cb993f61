"""What figures share: the canvas over a day's quarter hours, the legend above it, and how maps are moved in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bokeh.models import FixedTicker, Legend, LegendItem, Range1d, WheelZoomTool
from bokeh.plotting import figure

from views.plots.step import hour_ticks

_EDGE_PX = 12
LEGEND_EM = "12.6px"
"""The page's theme writes a legend in 0.95 of it: 12 px, as at the axes."""


def day_canvas(labels: Sequence[str], height_px: int, **settings: Any) -> figure:
    """An empty chart over the steps of a day, hours at its axis; `settings` go to the figure."""
    f = figure(
        height=height_px,
        sizing_mode="stretch_width",
        toolbar_location=None,
        x_range=Range1d(-0.5, len(labels) - 0.5),
        y_range=Range1d(0, 1),
        outline_line_color=None,
        min_border=4,
        min_border_right=_EDGE_PX,
        **settings,
    )
    f.xgrid.visible = False
    ticks = hour_ticks(labels)
    f.xaxis.ticker = FixedTicker(ticks=list(ticks))
    f.xaxis.major_label_overrides = ticks
    return f


def as_map(f: figure) -> None:
    """No axes and no grid; the wheel zooms."""
    zoom = WheelZoomTool()
    f.add_tools(zoom)
    f.toolbar.active_scroll = zoom
    f.toolbar.logo = None
    f.axis.visible = False
    f.grid.visible = False


def legend_above(f: figure, items: Sequence[LegendItem]) -> None:
    """Name the curves in one quiet line above the chart."""
    f.add_layout(
        Legend(
            items=list(items),
            orientation="horizontal",
            border_line_color=None,
            background_fill_alpha=0,
            margin=0,
            padding=2,
            spacing=16,
            styles={"font-size": LEGEND_EM},
        ),
        "above",
    )
