"""The map of all regions: each grid's lines and outline, marked by the state of its session; a tap opens it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from bokeh.core.properties import value
from bokeh.models import (
    ColumnDataSource,
    GlyphRenderer,
    HoverTool,
    LabelSet,
    OpenURL,
    Range1d,
    TapTool,
)
from bokeh.plotting import figure

from views import theme as look
from views.plots.furniture import as_map
from views.plots.models import KM_PER_DEGREE, Floats

_MARKER = {
    "planned": "circle",
    "open": "diamond",
    "clearing": "square",
    "cleared": "hex",
    "published": "hex",
    "not cleared": "triangle",
    "": "x",
}
_TONE = {"open": "primary", "clearing": "watch", "not cleared": "critical"}
"""What is in order is grey, a market that trades has the product's colour, and only the abnormal stands out."""


@dataclass(frozen=True, kw_only=True)
class RegionShape:
    """A region as drawn.

    name, note : its name and a line of figures; state : its session's, "" without one; href : its session's room,
    a path of this product's own
    lon_degree, lat_degree : [n_bus]; branch_from, branch_to : [n_branch], positions of buses
    """

    name: str
    note: str
    state: str
    href: str
    lon_degree: Floats
    lat_degree: Floats
    branch_from: Sequence[int]
    branch_to: Sequence[int]


@dataclass
class RegionsMap:
    """The map's handle."""

    figure: figure
    lines: ColumnDataSource
    outlines: ColumnDataSource
    marks: ColumnDataSource
    drawn: Sequence[GlyphRenderer]
    names: LabelSet
    notes: LabelSet
    theme: look.ThemeName
    states: Sequence[str] = ()

    def show(self, regions: Sequence[RegionShape]) -> None:
        """Draw these regions, in place."""
        shapes = [r for r in regions if len(r.lon_degree)]
        middle = _middle(shapes)
        xy = _apart([_km(r, middle) for r in shapes])
        starts = [points[list(r.branch_from)] for points, r in zip(xy, shapes, strict=True)]
        ends = [points[list(r.branch_to)] for points, r in zip(xy, shapes, strict=True)]
        start, end = (np.concatenate(parts) if parts else np.zeros((0, 2)) for parts in (starts, ends))
        self.lines.data = {"x0": start[:, 0], "y0": start[:, 1], "x1": end[:, 0], "y1": end[:, 1]}
        hulls = [hull(points) for points in xy]
        tops = [(float(points[:, 0].mean()), float(points[:, 1].max())) for points in xy]
        self.states = [r.state for r in shapes]
        facts = {
            "name": [r.name for r in shapes],
            "note": [r.note for r in shapes],
            "state": [r.state or "no session" for r in shapes],
            "href": [r.href for r in shapes],
            **self._colours(),
        }
        self.outlines.data = {"xs": [h[:, 0] for h in hulls], "ys": [h[:, 1] for h in hulls], **facts}
        self.marks.data = {
            "x": [x for x, _ in tops],
            "y": [y for _, y in tops],
            "marker": [_MARKER.get(r.state, "circle") for r in shapes],
            **facts,
        }
        self._fit(xy)

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        self.theme = name
        lines, _, marks = self.drawn
        lines.glyph.line_color = t.normal
        marks.glyph.line_color = t.paper
        self.names.text_color, self.notes.text_color = t.text, t.muted
        colours = self._colours()
        for source in (self.outlines, self.marks):
            if len(source.data.get("name", ())):
                source.data = {**dict(source.data), **colours}

    def _colours(self) -> dict[str, list[str]]:
        t = look.tokens(self.theme)
        return {"colour": [getattr(t, _TONE.get(state, "normal")) for state in self.states]}

    def _fit(self, xy: Sequence[Floats]) -> None:
        """All regions in sight, with room above for their names."""
        if not xy:
            return
        points = np.concatenate(xy)
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        w, h = max(float(x1 - x0), 0.1), max(float(y1 - y0), 0.1)
        self.figure.x_range.update(start=x0 - 0.16 * w, end=x1 + 0.16 * w)
        self.figure.y_range.update(start=y0 - 0.08 * h, end=y1 + 0.3 * h)


def regions_map(
    regions: Sequence[RegionShape], *, theme: look.ThemeName = "light", height_px: int = 300
) -> RegionsMap:
    """Lines thin, outline by state, a marker whose shape tells the state too, and name with figures over it."""
    f = figure(
        height=height_px,
        sizing_mode="stretch_width",
        match_aspect=True,
        x_range=Range1d(0, 1),
        y_range=Range1d(0, 1),
        tools="pan,reset,save",
        toolbar_location="right",
        outline_line_color=None,
        min_border=4,
    )
    as_map(f)
    outlines = ColumnDataSource({"xs": [], "ys": [], "colour": []}, name="fd-regions")
    lines = ColumnDataSource({key: [] for key in ("x0", "y0", "x1", "y1")})
    marks = ColumnDataSource({key: [] for key in ("x", "y", "marker", "colour", "name", "note")})
    area = f.patches("xs", "ys", source=outlines, fill_color="colour", fill_alpha=0.12, line_color="colour")
    area.glyph.line_width = 1.5
    area.nonselection_glyph = area.selection_glyph = area.glyph
    drawn = f.segment("x0", "y0", "x1", "y1", source=lines, line_width=1)
    dots = f.scatter("x", "y", source=marks, marker="marker", size=13, fill_color="colour", line_width=1)
    dots.nonselection_glyph = dots.selection_glyph = dots.glyph
    text = {"x": "x", "y": "y", "source": marks, "text_font": value(look.FONT), "text_align": "center"}
    names = LabelSet(**text, text="name", y_offset=24, text_font_size="14px", text_font_style="bold")
    notes = LabelSet(**text, text="note", y_offset=9, text_font_size="12px")
    f.add_layout(names)
    f.add_layout(notes)
    # "@" values are escaped by Bokeh; `href` is made by this product from an id.
    f.add_tools(
        HoverTool(renderers=[area], tooltips=[("Region", "@name"), ("Session", "@state"), ("", "@note")]),
        TapTool(renderers=[area, dots], callback=OpenURL(url="@href", same_tab=True)),
    )
    plot = RegionsMap(f, lines, outlines, marks, (drawn, area, dots), names, notes, theme)
    plot.show(regions)
    plot.restyle(theme)
    return plot


def hull(points: Floats) -> Floats:
    """Corners of the convex hull of [n, 2] points, counter-clockwise (Andrew's monotone chain)."""
    ordered = sorted({(float(x), float(y)) for x, y in points})
    if len(ordered) < 3:
        return np.array(ordered)
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return np.array(lower[:-1] + upper[:-1])


def _chain(ordered: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    corners: list[tuple[float, float]] = []
    for point in ordered:
        while len(corners) >= 2 and _turns(corners[-2], corners[-1], point) <= 0:
            corners.pop()
        corners.append(point)
    return corners


def _turns(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    """Positive for a turn to the left at b."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _middle(regions: Sequence[RegionShape]) -> tuple[float, float]:
    if not regions:
        return 0.0, 0.0
    lon, lat = (
        np.concatenate([np.asarray(getattr(r, k), float) for r in regions]) for k in ("lon_degree", "lat_degree")
    )
    return float(lon.min() + lon.max()) / 2, float(lat.min() + lat.max()) / 2


def _km(region: RegionShape, middle: tuple[float, float]) -> Floats:
    """[n_bus, 2] kilometres east and north of the middle (equirectangular)."""
    lon, lat = np.asarray(region.lon_degree, float), np.asarray(region.lat_degree, float)
    east = (lon - middle[0]) * np.cos(np.radians(middle[1])) * KM_PER_DEGREE
    return np.column_stack([east, (lat - middle[1]) * KM_PER_DEGREE])


def _apart(regions: list[Floats]) -> list[Floats]:
    """Grids that lie far apart or over each other are set side by side: each must be seen, at one scale."""
    if not _crowded(regions):
        return regions
    at, placed = 0.0, []
    gap = 0.25 * max(float(np.ptp(points[:, 0])) for points in regions)
    for points in regions:
        low = points.min(axis=0)
        placed.append(points - low + np.array([at, 0.0]))
        at += float(np.ptp(points[:, 0])) + gap
    return placed


def _crowded(regions: Sequence[Floats]) -> bool:
    """Whether boxes overlap, or lie so far apart that the smallest would be a dot."""
    boxes = [(p.min(axis=0), p.max(axis=0)) for p in regions]
    for i, (low, high) in enumerate(boxes):
        if any((low <= other[1]).all() and (other[0] <= high).all() for other in boxes[i + 1 :]):
            return True
    whole = np.ptp(np.concatenate(regions), axis=0).max() if regions else 0.0
    return any(float((high - low).max()) < 0.15 * float(whole) for low, high in boxes)
