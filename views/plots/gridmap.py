"""The map of a network: lines by loading or buses by voltage, the abnormal by shape as well as colour.

The whole day is preloaded; moving the time redraws in the browser without the server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bokeh.models import (
    BasicTicker,
    ColorBar,
    ColumnDataSource,
    CustomJS,
    FixedTicker,
    GlyphRenderer,
    HoverTool,
    LinearColorMapper,
    Scatter,
    Segment,
    TapTool,
    WheelZoomTool,
)
from bokeh.plotting import figure

from views import theme as look
from views.plots.models import ElementKind, GridDay, GridTopology, Overlay
from views.plots.step import StepState

_SCRUB = (Path(__file__).parent / "js" / "scrub.js").read_text(encoding="utf-8")
_BUS_SIZE: dict[Overlay, int] = {"loading": 4, "voltage": 8}
_LINE_WIDTH: dict[Overlay, float] = {"loading": 3.0, "voltage": 1.5}


@dataclass
class GridMap:
    """A map's handle: the figure, and what may change on it afterwards."""

    figure: figure
    grid: GridTopology
    state: StepState
    overlay: Overlay
    theme: look.ThemeName
    lines: ColumnDataSource
    buses: ColumnDataSource
    overloaded: ColumnDataSource
    violated: ColumnDataSource
    all_loading: ColumnDataSource
    all_vm: ColumnDataSource
    segments: GlyphRenderer
    dots: GlyphRenderer
    squares: GlyphRenderer
    beads: GlyphRenderer
    marks: GlyphRenderer
    loading_bar: ColorBar
    voltage_bar: ColorBar
    is_ground: bool = False

    def as_ground(self) -> None:
        """Be the plain ground of another layer: neither colours by value nor a legend of its own; what is beyond
        a limit stays marked."""
        self.is_ground = True
        self._paint()

    def set_day(self, day: GridDay) -> None:
        """Show another day's values (same network, same number of steps), at the same step."""
        day.check_fits(self.grid)
        self.all_vm.data = {"v": _flat(day.vm_pu)}
        self.all_loading.data = {"v": _flat(day.loading_percent)}  # its change redraws: last

    def set_overlay(self, overlay: Overlay) -> None:
        """Colour lines by loading, or buses by voltage; violations of both stay marked."""
        self.overlay = overlay
        self._paint()

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        self.theme = name
        self._paint()

    def on_select(self, callback: Callable[[ElementKind, int], None]) -> None:
        """Call `callback("branch"|"bus", position)` when one is tapped; a bus wins over its lines."""

        def on_bus(_attribute: str, _old: list[int], new: list[int]) -> None:
            if new:
                callback("bus", new[0])

        def on_branch(_attribute: str, _old: list[int], new: list[int]) -> None:
            if new and not self.buses.selected.indices:
                callback("branch", new[0])

        self.buses.selected.on_change("indices", on_bus)
        self.lines.selected.on_change("indices", on_branch)

    def select(self, kind: ElementKind, position: int) -> None:
        """Highlight an element, as if tapped (for example from a table or a permalink)."""
        chosen, other = (self.buses, self.lines) if kind == "bus" else (self.lines, self.buses)
        other.selected.indices = []
        chosen.selected.indices = [position]

    def _paint(self) -> None:
        t = look.tokens(self.theme)
        by_loading, by_voltage = (self.overlay == kind and not self.is_ground for kind in ("loading", "voltage"))
        loading, voltage = self.loading_bar.color_mapper, self.voltage_bar.color_mapper
        loading.update(palette=look.loading_palette(self.theme), nan_color=t.faint)
        limits = (float(np.median(self.grid.bus_vm_min_pu)), float(np.median(self.grid.bus_vm_max_pu)))
        voltage.update(
            palette=look.voltage_palette(self.theme, *limits, voltage.low, voltage.high), nan_color=t.faint
        )
        line_color = {"field": "loading", "transform": loading} if by_loading else t.normal
        dot_color = {"field": "vm", "transform": voltage} if by_voltage else t.normal
        for glyph in (self.segments.glyph, self.segments.selection_glyph):
            glyph.line_color = line_color
        self.segments.glyph.line_width = _LINE_WIDTH["voltage" if self.is_ground else self.overlay]
        for glyph in (self.dots.glyph, self.dots.selection_glyph):
            glyph.fill_color = dot_color
        self.dots.glyph.update(line_color=t.paper, size=_BUS_SIZE[self.overlay])
        self.dots.selection_glyph.line_color = t.primary
        self.squares.glyph.update(fill_color=t.text, line_color=t.paper)
        self.beads.glyph.line_color = t.critical
        self.marks.glyph.update(
            line_color=t.text,
            fill_color={
                "field": "high",
                "transform": LinearColorMapper(palette=[t.low, t.high], low=0, high=1),
            },
        )
        self.loading_bar.visible, self.voltage_bar.visible = by_loading, by_voltage


def gridmap(
    grid: GridTopology,
    day: GridDay,
    state: StepState,
    *,
    overlay: Overlay = "loading",
    theme: look.ThemeName = "light",
    min_height_px: int = 320,
) -> GridMap:
    """A map that fills its space with equal scales east and north.

    Overloaded branches are beaded (wide dashes), buses outside their limits carry a triangle pointing
    up (too high) or down (too low); limits are named at the colour bar. Raises ValueError when the day
    is not of this network.
    """
    day.check_fits(grid)
    f = _canvas(min_height_px)
    lines, buses = _line_source(grid, day, state.step), _bus_source(grid, day, state.step)
    overloaded, violated = _overloaded(lines), _violated(buses)
    segments = f.segment("x0", "y0", "x1", "y1", source=lines, line_cap="round")
    segments.selection_glyph = Segment(x0="x0", y0="y0", x1="x1", y1="y1", line_width=8, line_cap="round")
    segments.nonselection_glyph = segments.glyph  # the same model, so that it is recoloured with it
    beads = f.segment("x0", "y0", "x1", "y1", source=overloaded, line_width=7, line_dash=[3, 7])
    dots = f.scatter("x", "y", source=buses, line_width=0.5)
    dots.selection_glyph = Scatter(x="x", y="y", size=14, line_width=3)
    dots.nonselection_glyph = dots.glyph
    squares = f.scatter("x", "y", source=_substations(grid), marker="square", size=12)
    marks = f.scatter("x", "y", source=violated, marker="marker", size=11, line_width=0.8)
    loading_bar, voltage_bar = _loading_bar(theme), _voltage_bar(theme, grid)
    for bar in (loading_bar, voltage_bar):
        f.add_layout(bar, "below")
    f.add_tools(*_hover_and_tap(segments, dots))
    handle = GridMap(
        f,
        grid,
        state,
        overlay,
        theme,
        lines,
        buses,
        overloaded,
        violated,
        ColumnDataSource({"v": _flat(day.loading_percent)}),
        ColumnDataSource({"v": _flat(day.vm_pu)}),
        segments,
        dots,
        squares,
        beads,
        marks,
        loading_bar,
        voltage_bar,
    )
    _link_scrub(handle)
    handle._paint()
    return handle


def _link_scrub(handle: GridMap) -> None:
    names = ("state", "lines", "buses", "overloaded", "violated", "all_loading", "all_vm")
    scrub = CustomJS(args={name: getattr(handle, name) for name in names}, code=_SCRUB)
    handle.state.js_on_change("step", scrub)
    handle.all_loading.js_on_change("data", scrub)


def _canvas(min_height_px: int) -> figure:
    f = figure(
        sizing_mode="stretch_both",
        min_height=min_height_px,
        match_aspect=True,
        tools="pan,reset,save",
        active_drag="pan",
        toolbar_location="right",
        lod_threshold=None,
        outline_line_color=None,
        min_border=4,
    )
    zoom = WheelZoomTool()
    f.add_tools(zoom)
    f.toolbar.active_scroll = zoom
    f.toolbar.logo = None
    f.axis.visible = False
    f.grid.visible = False
    return f


def _line_source(grid: GridTopology, day: GridDay, step: int) -> ColumnDataSource:
    xy = grid.xy_km()
    start, end = xy[np.asarray(grid.branch_from)], xy[np.asarray(grid.branch_to)]
    columns = {"x0": start[:, 0], "y0": start[:, 1], "x1": end[:, 0], "y1": end[:, 1]}
    columns |= {
        "loading": np.asarray(day.loading_percent[step], np.float32),
        "limit": np.asarray(grid.branch_max_loading_percent, np.float32),
        "name": list(grid.branch_name),
    }
    return ColumnDataSource(columns, name="fd-lines")


def _bus_source(grid: GridTopology, day: GridDay, step: int) -> ColumnDataSource:
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


def _substations(grid: GridTopology) -> ColumnDataSource:
    xy = grid.xy_km()[np.asarray(grid.substation, int)]
    return ColumnDataSource({"x": xy[:, 0], "y": xy[:, 1]})


def _overloaded(lines: ColumnDataSource) -> ColumnDataSource:
    hot = np.asarray(lines.data["loading"]) > np.asarray(lines.data["limit"])
    return ColumnDataSource({c: np.asarray(lines.data[c])[hot] for c in ("x0", "y0", "x1", "y1")})


def _violated(buses: ColumnDataSource) -> ColumnDataSource:
    vm = np.asarray(buses.data["vm"])
    high, low = vm > buses.data["vm_max"], vm < buses.data["vm_min"]
    bad = high | low
    marker = np.where(high[bad], "triangle", "inverted_triangle")
    columns = {c: np.asarray(buses.data[c])[bad] for c in ("x", "y")}
    return ColumnDataSource(columns | {"marker": marker.tolist(), "high": high[bad].astype(np.int32)})


def _loading_bar(theme: look.ThemeName) -> ColorBar:
    ticks = {0: "0", 75: "75", 90: "90", 100: "100 limit", look.LOADING_AXIS_MAX: f"{look.LOADING_AXIS_MAX:.0f} %"}
    return _bar(look.loading_mapper(theme), "Loading, % of the limit", ticks)


def _voltage_bar(theme: look.ThemeName, grid: GridTopology) -> ColorBar:
    low_limit, high_limit = float(np.median(grid.bus_vm_min_pu)), float(np.median(grid.bus_vm_max_pu))
    mapper = look.voltage_mapper(theme, low_limit, high_limit)
    ticks = {
        mapper.low: f"{mapper.low:.3f}",
        low_limit: f"{low_limit:.3f} min",
        (low_limit + high_limit) / 2: f"{(low_limit + high_limit) / 2:.3f}",
        high_limit: f"{high_limit:.3f} max",
        mapper.high: f"{mapper.high:.3f} pu",
    }
    return _bar(mapper, "Voltage, pu", ticks)


def _bar(mapper: LinearColorMapper, title: str, ticks: dict[float, str]) -> ColorBar:
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


def _hover_and_tap(segments: GlyphRenderer, dots: GlyphRenderer) -> list[HoverTool | TapTool]:
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


def _flat(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.float32).ravel()
