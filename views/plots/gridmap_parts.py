"""Parts of a grid map: its sources, colour bars and tools."""

from __future__ import annotations

import numpy as np
from bokeh.models import (
    BasicTicker,
    ColorBar,
    ColumnDataSource,
    FixedTicker,
    GlyphRenderer,
    HoverTool,
    LinearColorMapper,
    TapTool,
)

from views import theme as look
from views.plots.models import GridDay, GridTopology


def line_source(grid: GridTopology, day: GridDay, step: int) -> ColumnDataSource:
    xy = grid.xy_km()
    start, end = xy[np.asarray(grid.branch_from)], xy[np.asarray(grid.branch_to)]
    columns = {"x0": start[:, 0], "y0": start[:, 1], "x1": end[:, 0], "y1": end[:, 1]}
    columns |= {
        "loading": np.asarray(day.loading_percent[step], np.float32),
        "limit": np.asarray(grid.branch_max_loading_percent, np.float32),
        "name": list(grid.branch_name),
    }
    return ColumnDataSource(columns, name="fd-lines")


def bus_source(grid: GridTopology, day: GridDay, step: int) -> ColumnDataSource:
    xy = grid.xy_km()
    columns = {
        "x": xy[:, 0],
        "y": xy[:, 1],
        "vm": np.asarray(day.vm_pu[step], np.float32),
        "vm_min": np.asarray(grid.bus_vm_min_pu, np.float32),
        "vm_max": np.asarray(grid.bus_vm_max_pu, np.float32),
        "name": list(grid.bus_name),
    }
    return ColumnDataSource(columns, name="fd-buses")


def substations(grid: GridTopology) -> ColumnDataSource:
    xy = grid.xy_km()[np.asarray(grid.substation, int)]
    return ColumnDataSource({"x": xy[:, 0], "y": xy[:, 1]})


def overloaded(lines: ColumnDataSource) -> ColumnDataSource:
    hot = np.asarray(lines.data["loading"]) > np.asarray(lines.data["limit"])
    return ColumnDataSource({c: np.asarray(lines.data[c])[hot] for c in ("x0", "y0", "x1", "y1")})


def violated(buses: ColumnDataSource) -> ColumnDataSource:
    vm = np.asarray(buses.data["vm"])
    high, low = vm > buses.data["vm_max"], vm < buses.data["vm_min"]
    bad = high | low
    marker = np.where(high[bad], "triangle", "inverted_triangle")
    columns = {c: np.asarray(buses.data[c])[bad] for c in ("x", "y")}
    return ColumnDataSource(columns | {"marker": marker.tolist(), "high": high[bad].astype(np.int32)})


def loading_bar(theme: look.ThemeName) -> ColorBar:
    ticks = {0: "0", 75: "75", 90: "90", 100: "100 limit", look.LOADING_AXIS_MAX: f"{look.LOADING_AXIS_MAX:.0f} %"}
    return bar(look.loading_mapper(theme), "Loading, % of the limit", ticks)


def voltage_bar(theme: look.ThemeName, grid: GridTopology) -> ColorBar:
    low_limit, high_limit = float(np.median(grid.bus_vm_min_pu)), float(np.median(grid.bus_vm_max_pu))
    mapper = look.voltage_mapper(theme, low_limit, high_limit)
    ticks = {
        mapper.low: f"{mapper.low:.3f}",
        low_limit: f"{low_limit:.3f} min",
        (low_limit + high_limit) / 2: f"{(low_limit + high_limit) / 2:.3f}",
        high_limit: f"{high_limit:.3f} max",
        mapper.high: f"{mapper.high:.3f} pu",
    }
    return bar(mapper, "Voltage, pu", ticks)


def bar(mapper: LinearColorMapper, title: str, ticks: dict[float, str]) -> ColorBar:
    return ColorBar(
        color_mapper=mapper,
        title=title,
        orientation="horizontal",
        height=8,
        padding=20,
        ticker=FixedTicker(ticks=list(ticks), minor_ticks=[]) if ticks else BasicTicker(),
        major_label_overrides=ticks,
        major_tick_line_color=None,
        bar_line_color=None,
    )


def hover_and_tap(segments: GlyphRenderer, dots: GlyphRenderer) -> list[HoverTool | TapTool]:
    # "@name" is escaped by Bokeh; never use {safe} here, names come from uploads.
    return [
        HoverTool(
            renderers=[segments],
            tooltips=[("Branch", "@name"), ("Loading", "@loading{0.0} % (limit @limit{0} %)")],
            line_policy="interp",
            attachment="left",  # beside the bus's, not under it
        ),
        HoverTool(
            renderers=[dots],
            tooltips=[("Bus", "@name"), ("Voltage", "@vm{0.0000} pu (@vm_min{0.000} to @vm_max{0.000})")],
            attachment="right",
        ),
        TapTool(renderers=[segments, dots]),
    ]


def flat(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.float32).ravel()
