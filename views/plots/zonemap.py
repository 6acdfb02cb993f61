"""A grid's zones, congested buses and assets on a plain map, and a zone that is being drawn corner by corner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from bokeh.models import ColumnDataSource, GlyphRenderer, HoverTool, LegendItem, PointDrawTool
from bokeh.plotting import figure

from views import theme as look
from views.plots.furniture import as_map, legend_above
from views.plots.models import KM_PER_DEGREE, GridTopology

Degrees = tuple[float, float]
"""(lon, lat)."""


@dataclass(frozen=True)
class Projection:
    """Kilometres east and north of a middle, equirectangular, and back."""

    lon: float
    lat: float

    @classmethod
    def of(cls, grid: GridTopology) -> Projection:
        lon, lat = np.asarray(grid.bus_lon_degree, float), np.asarray(grid.bus_lat_degree, float)
        return cls(float(lon.min() + lon.max()) / 2, float(lat.min() + lat.max()) / 2)

    @property
    def _east(self) -> float:
        return float(np.cos(np.radians(self.lat))) * KM_PER_DEGREE

    def km(self, corners: Sequence[Degrees]) -> tuple[list[float], list[float]]:
        """x and y of some points."""
        return (
            [(lon - self.lon) * self._east for lon, _ in corners],
            [(lat - self.lat) * KM_PER_DEGREE for _, lat in corners],
        )

    def degrees(self, x_km: Sequence[float], y_km: Sequence[float]) -> list[Degrees]:
        """Inverse of `km`."""
        return [(self.lon + x / self._east, self.lat + y / KM_PER_DEGREE) for x, y in zip(x_km, y_km, strict=True)]


@dataclass
class ZoneMap:
    """The map's handle. Positions are those of the network's buses."""

    figure: figure
    grid: GridTopology
    projection: Projection
    zones: ColumnDataSource
    ringed: ColumnDataSource
    assets: ColumnDataSource
    draft: ColumnDataSource
    lines: GlyphRenderer
    dots: GlyphRenderer
    square: GlyphRenderer
    areas: GlyphRenderer
    names: GlyphRenderer
    rings: GlyphRenderer
    marks: GlyphRenderer
    outline: GlyphRenderer
    handles: GlyphRenderer | None

    def show_zones(self, zones: Sequence[tuple[str, Sequence[Degrees]]], chosen: str = "") -> None:
        """Draw these (name, corners); the chosen one has a thicker edge."""
        rings = [self.projection.km(corners) for _, corners in zones]
        self.zones.data = {
            "xs": [x for x, _ in rings],
            "ys": [y for _, y in rings],
            "name": [name for name, _ in zones],
            "width": [3.0 if name == chosen else 1.2 for name, _ in zones],
            "x": [float(np.mean(x)) for x, _ in rings],
            "y": [max(y) for _, y in rings],
        }

    def ring(self, positions: Sequence[int]) -> None:
        """Ring these buses: congested ones, or the chosen asset's."""
        xy = self.grid.xy_km()[list(positions)]
        self.ringed.data = {"x": xy[:, 0], "y": xy[:, 1]}

    def show_assets(self, assets: Sequence[tuple[int, str]]) -> None:
        """Mark (bus position, name)."""
        xy = self.grid.xy_km()[[position for position, _ in assets]]
        self.assets.data = {"x": xy[:, 0], "y": xy[:, 1], "name": [name for _, name in assets]}

    def draft_corners(self) -> list[Degrees]:
        """The corners drawn so far."""
        return self.projection.degrees(list(self.draft.data["x"]), list(self.draft.data["y"]))

    def set_draft(self, corners: Sequence[Degrees]) -> None:
        """Show these corners as the zone that is being drawn."""
        x, y = self.projection.km(corners)
        self.draft.data = {"x": x, "y": y}

    def on_draft(self, callback: Callable[[], None]) -> None:
        """Call `callback()` when a corner was added, moved or removed, by the mouse or by `set_draft`."""
        self.draft.on_change("data", lambda _attribute, _old, _new: callback())

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        self.lines.glyph.line_color = t.normal
        self.dots.glyph.update(fill_color=t.normal, line_color=t.paper)
        self.square.glyph.update(fill_color=t.text, line_color=t.paper)
        self.areas.glyph.update(fill_color=t.primary, line_color=t.primary)
        self.names.glyph.text_color = t.text
        self.rings.glyph.line_color = t.watch
        self.marks.glyph.update(fill_color=t.primary, line_color=t.paper)
        self.outline.glyph.update(fill_color=t.alarm, line_color=t.alarm)
        if self.handles is not None:
            self.handles.glyph.update(fill_color=t.paper, line_color=t.alarm)


def zonemap(grid: GridTopology, *, drawing: bool = False, theme: look.ThemeName = "light") -> ZoneMap:
    """A map that fills its space with equal scales east and north.

    drawing : a click adds a corner of a new zone, a drag moves one, Backspace removes the chosen one
    """
    f = _canvas()
    xy = grid.xy_km()
    start, end = xy[np.asarray(grid.branch_from)], xy[np.asarray(grid.branch_to)]
    zones = ColumnDataSource({k: [] for k in ("xs", "ys", "name", "width", "x", "y")}, name="fd-zones")
    ringed, draft = (ColumnDataSource({"x": [], "y": []}, name=name) for name in ("fd-ringed", "fd-draft"))
    assets = ColumnDataSource({"x": [], "y": [], "name": []}, name="fd-assets")
    buses = ColumnDataSource({"x": xy[:, 0], "y": xy[:, 1], "name": list(grid.bus_name)}, name="fd-buses")
    at = list(grid.substation)
    areas = f.patches("xs", "ys", source=zones, fill_alpha=0.12, line_width="width")
    outline = f.patch("x", "y", source=draft, fill_alpha=0.12, line_width=2, line_dash=[6, 3])
    lines = f.segment(start[:, 0], start[:, 1], end[:, 0], end[:, 1], line_width=1.5)
    rings = f.scatter(
        "x", "y", source=ringed, marker="circle", size=13 if drawing else 24, fill_alpha=0, line_width=2
    )
    dots = f.scatter("x", "y", source=buses, size=5, line_width=0.5)
    square = f.scatter(xy[at, 0], xy[at, 1], marker="square", size=12)
    marks = f.scatter("x", "y", source=assets, marker="diamond", size=12, line_width=1)
    names = f.text("x", "y", "name", source=zones, text_align="center", text_baseline="bottom", y_offset=-3)
    names.glyph.update(text_font={"value": look.FONT}, text_font_size="12px", text_font_style="bold")
    handles = _drawn_by_hand(f, draft) if drawing else None
    # "@name" is escaped by Bokeh; never use {safe} here, names come from people.
    f.add_tools(HoverTool(renderers=[dots], tooltips=[("Bus", "@name")], attachment="right"))
    f.add_tools(HoverTool(renderers=[marks], tooltips=[("Asset", "@name")], attachment="left"))
    names_of_rings = "Congested bus" if drawing else "Chosen asset"
    drawn = [("Zone", areas), (names_of_rings, rings)]
    drawn += [("New or changed zone", outline)] if drawing else [("Asset", marks)]
    legend_above(f, [LegendItem(label=name, renderers=[_key(f, renderer)]) for name, renderer in drawn])
    handle = ZoneMap(
        f, grid, Projection.of(grid), zones, ringed, assets, draft, lines, dots, square, areas, names,
        rings, marks, outline, handles,
    )  # fmt: skip
    handle.restyle(theme)
    return handle


def _canvas() -> figure:
    f = figure(
        sizing_mode="stretch_both",
        min_height=320,
        match_aspect=True,
        tools="pan,reset,save",
        toolbar_location="right",
        outline_line_color=None,
        min_border=4,
    )
    as_map(f)
    return f


def _drawn_by_hand(f: figure, draft: ColumnDataSource) -> GlyphRenderer:
    handles = f.scatter("x", "y", source=draft, marker="square", size=11, line_width=2)
    handles.nonselection_glyph = handles.glyph
    tool = PointDrawTool(renderers=[handles], description="Draw corners of a zone")
    f.add_tools(tool)
    f.toolbar.active_drag = None
    f.toolbar.active_multi = tool
    return handles


def _key(f: figure, drawn: GlyphRenderer) -> GlyphRenderer:
    """The same glyph at no place: a legend draws nothing for a source that is empty."""
    nowhere = {name: [float("nan")] for name in ("x", "y")}
    blank = {"xs": [[]], "ys": [[]], "width": [1.2], "name": [""]}
    return f.add_glyph(ColumnDataSource(nowhere | blank), drawn.glyph)
