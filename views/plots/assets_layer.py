"""Own assets and the buses of open requests, marked on a grid map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bokeh.models import ColumnDataSource, GlyphRenderer, HoverTool, LegendItem
from bokeh.plotting import figure

from views import theme as look
from views.plots.furniture import legend_above
from views.plots.gridmap import GridMap


@dataclass
class AssetsLayer:
    """The layer's handle. Positions are those of the map's buses."""

    grid: GridMap
    assets: ColumnDataSource
    asked: ColumnDataSource
    marks: GlyphRenderer
    rings: GlyphRenderer

    def show(self, assets: Sequence[tuple[int, str]], asked: Sequence[int]) -> None:
        """Mark (bus position, names) of own assets, and the buses that requests name."""
        xy = self.grid.grid.xy_km()
        at = [position for position, _ in assets]
        self.assets.data = {
            "x": xy[at, 0],
            "y": xy[at, 1],
            "name": [name for _, name in assets],
        }
        self.asked.data = {"x": xy[list(asked), 0], "y": xy[list(asked), 1]}

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        self.marks.glyph.update(fill_color=t.primary, line_color=t.paper)
        self.rings.glyph.update(line_color=t.watch)


def _key(f: figure, drawn: GlyphRenderer) -> GlyphRenderer:
    """The same glyph at no place: a legend draws nothing for a source that is empty."""
    return f.add_glyph(ColumnDataSource({"x": [float("nan")], "y": [float("nan")]}), drawn.glyph)


def assets_layer(grid: GridMap, *, theme: look.ThemeName = "light") -> AssetsLayer:
    """Diamonds for own assets, rings around the buses of open requests; a legend names both."""
    f = grid.figure
    assets = ColumnDataSource({"x": [], "y": [], "name": []}, name="fd-assets")
    asked = ColumnDataSource({"x": [], "y": []}, name="fd-asked")
    rings = f.scatter("x", "y", source=asked, marker="circle", size=16, fill_alpha=0, line_width=2)
    marks = f.scatter("x", "y", source=assets, marker="diamond", size=17, line_width=1)
    f.add_tools(HoverTool(renderers=[marks], tooltips=[("Your asset", "@name")]))
    keys = [_key(f, marks), _key(f, rings)]
    names = ("Your assets", "Buses of open requests")
    legend_above(f, [LegendItem(label=name, renderers=[key]) for name, key in zip(names, keys, strict=True)])
    layer = AssetsLayer(grid, assets, asked, marks, rings)
    layer.restyle(theme)
    return layer
