"""The map of a network: lines by loading or buses by voltage, the abnormal by shape as well as colour.

The whole day is preloaded; moving the time redraws in the browser without the server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bokeh.models import (
    ColorBar,
    ColumnDataSource,
    CustomJS,
    GlyphRenderer,
    LinearColorMapper,
    Scatter,
    Segment,
)
from bokeh.plotting import figure

from views import theme as look
from views.plots.furniture import as_map
from views.plots.gridmap_parts import (
    bus_source,
    flat,
    hover_and_tap,
    line_source,
    loading_bar,
    overloaded,
    substations,
    violated,
    voltage_bar,
)
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
    has_contour: bool = False

    @property
    def median_limits(self) -> tuple[float, float]:
        """The limits at most buses, pu: what the voltage scale is drawn around."""
        return float(np.median(self.grid.bus_vm_min_pu)), float(np.median(self.grid.bus_vm_max_pu))

    def as_ground(self, yes: bool = True) -> None:
        """Be the plain ground of another layer, or no longer: neither colours by value nor a legend of its own;
        what is beyond a limit stays marked."""
        self.is_ground = yes
        self._paint()

    def show_voltage_bar(self, always: bool) -> None:
        """Keep the voltage's legend in sight whatever the lines and buses show (a contour is drawn by it)."""
        self.has_contour = always
        self._paint()

    def set_day(self, day: GridDay) -> None:
        """Show another day's values (same network, same number of steps), at the same step."""
        day.check_fits(self.grid)
        self.all_vm.data = {"v": flat(day.vm_pu)}
        self.all_loading.data = {"v": flat(day.loading_percent)}  # its change redraws: last

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
        palette = look.voltage_palette(self.theme, *self.median_limits, voltage.low, voltage.high)
        voltage.update(palette=palette, nan_color=t.faint)
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
        self.loading_bar.visible, self.voltage_bar.visible = by_loading, by_voltage or self.has_contour


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
    lines, buses = line_source(grid, day, state.step), bus_source(grid, day, state.step)
    hot, beyond = overloaded(lines), violated(buses)
    segments = f.segment("x0", "y0", "x1", "y1", source=lines, line_cap="round")
    segments.selection_glyph = Segment(x0="x0", y0="y0", x1="x1", y1="y1", line_width=8, line_cap="round")
    segments.nonselection_glyph = segments.glyph  # the same model, so that it is recoloured with it
    beads = f.segment("x0", "y0", "x1", "y1", source=hot, line_width=7, line_dash=[3, 7])
    dots = f.scatter("x", "y", source=buses, line_width=0.5)
    dots.selection_glyph = Scatter(x="x", y="y", size=14, line_width=3)
    dots.nonselection_glyph = dots.glyph
    squares = f.scatter("x", "y", source=substations(grid), marker="square", size=12)
    marks = f.scatter("x", "y", source=beyond, marker="marker", size=11, line_width=0.8)
    bars = loading_bar(theme), voltage_bar(theme, grid)
    for bar in bars:
        f.add_layout(bar, "below")
    f.add_tools(*hover_and_tap(segments, dots))
    handle = GridMap(
        f,
        grid,
        state,
        overlay,
        theme,
        lines,
        buses,
        hot,
        beyond,
        ColumnDataSource({"v": flat(day.loading_percent)}),
        ColumnDataSource({"v": flat(day.vm_pu)}),
        segments,
        dots,
        squares,
        beads,
        marks,
        *bars,
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
    as_map(f)
    return f
