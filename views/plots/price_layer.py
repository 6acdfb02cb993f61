"""Prices on a grid map: every bus coloured by its price, the scale centred on the price at the coupling point."""

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
    GlyphRenderer,
    HoverTool,
    LinearColorMapper,
    Scatter,
    TapTool,
)

from views import theme as look
from views.plots.gridmap import GridMap
from views.plots.models import BusPrices

PRICE_STEP = (Path(__file__).parent / "js" / "price_step.js").read_text(encoding="utf-8")
_LEAST_SPAN = 1.0


@dataclass
class PriceLayer:
    """The layer's handle. Positions are those of the map's buses."""

    grid: GridMap
    buses: ColumnDataSource
    prices: ColumnDataSource
    middle: ColumnDataSource
    mapper: LinearColorMapper
    dots: GlyphRenderer
    bar: ColorBar
    hover: HoverTool

    def show(self, day: BusPrices) -> None:
        """Show another day's prices (same network and steps), at the same step."""
        span = span_of(day)
        step = self.grid.state.step
        self.bar.title = price_title(day)
        self.hover.tooltips = _tooltips(day)
        self.buses.data = {**dict(self.buses.data), "price": np.asarray(day.total[step], np.float32)}
        self.mapper.update(low=float(day.centre[step]) - span, high=float(day.centre[step]) + span)
        self.middle.data = {"v": np.asarray(day.centre, float)}
        self.prices.tags = [span]
        self.prices.data = {"v": _flat(day.total)}  # its change redraws: last

    def select(self, position: int) -> None:
        """Ring a bus, as if tapped."""
        self.buses.selected.indices = [position]

    def on_select(self, callback: Callable[[int], None]) -> None:
        """Call `callback(position)` when a bus is tapped; a tap beside all of them changes nothing."""

        def on_bus(_attribute: str, old: list[int], new: list[int]) -> None:
            if new:
                callback(new[0])
            elif old:
                self.select(old[0])

        self.buses.selected.on_change("indices", on_bus)

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        self.mapper.update(palette=look.price_palette(name), nan_color=t.paper)
        self.dots.glyph.line_color = t.muted
        self.dots.selection_glyph.line_color = t.text


def price_layer(grid: GridMap, day: BusPrices, *, theme: look.ThemeName = "light") -> PriceLayer:
    """Dots over the buses of `grid`, which becomes their plain ground; tapping and hovering is then for the dots.

    Raises ValueError when the day is not of this network.
    """
    day.check_fits(grid.grid)
    f, step, span = grid.figure, grid.state.step, span_of(day)
    xy = grid.grid.xy_km()
    columns = {"x": xy[:, 0], "y": xy[:, 1], "price": np.asarray(day.total[step], np.float32)}
    buses = ColumnDataSource({**columns, "name": list(grid.grid.bus_name)}, name="fd-price-buses")
    centre = float(day.centre[step])
    mapper = LinearColorMapper(palette=look.price_palette(theme), low=centre - span, high=centre + span)
    colour = {"field": "price", "transform": mapper}
    dots = f.scatter("x", "y", source=buses, size=11, line_width=0.8, fill_color=colour)
    dots.selection_glyph = Scatter(x="x", y="y", size=16, line_width=3, fill_color=colour)
    dots.nonselection_glyph = dots.glyph
    bar = ColorBar(
        color_mapper=mapper,
        title=price_title(day),
        orientation="horizontal",
        height=8,
        padding=20,
        ticker=BasicTicker(desired_num_ticks=6),
        major_tick_line_color=None,
        bar_line_color=None,
    )
    grid.as_ground()
    f.add_layout(bar, "below")
    layer = PriceLayer(
        grid,
        buses,
        ColumnDataSource({"v": _flat(day.total)}, tags=[span]),
        ColumnDataSource({"v": np.asarray(day.centre, float)}),
        mapper,
        dots,
        bar,
        _take_over(grid, dots, day),
    )
    _link(layer)
    layer.restyle(theme)
    return layer


def span_of(day: BusPrices) -> float:
    """How far the scale reaches to both sides of its middle: the day's largest distance, at least 1."""
    distance = np.abs(day.total - np.asarray(day.centre)[:, None])
    return max(_LEAST_SPAN, float(np.nanmax(distance, initial=0.0)))


def _take_over(grid: GridMap, dots: GlyphRenderer, day: BusPrices) -> HoverTool:
    """The map's tap goes to the dots, and so does the hover that told of its buses."""
    f = grid.figure
    for tool in f.tools:
        if isinstance(tool, TapTool):
            tool.renderers = [dots]
    hover: HoverTool = next(
        tool for tool in f.tools if isinstance(tool, HoverTool) and tool.renderers == [grid.dots]
    )
    hover.update(renderers=[dots], tooltips=_tooltips(day))
    return hover


def _link(layer: PriceLayer) -> None:
    names = ("buses", "prices", "middle", "mapper")
    args = {"state": layer.grid.state} | {name: getattr(layer, name) for name in names}
    step = CustomJS(args=args, code=PRICE_STEP)
    layer.grid.state.js_on_change("step", step)
    layer.prices.js_on_change("data", step)


def price_title(day: BusPrices) -> str:
    hollow = "; hollow: no price to see" if np.isnan(day.total).any() else ""
    return f"{day.label}, {day.unit}; middle: {day.middle}{hollow}"


def _tooltips(day: BusPrices) -> list[tuple[str, str]]:
    return [("Bus", "@name"), (day.label, f"@price{{0.00}} {day.unit}")]


def _flat(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.float32).ravel()
