"""Prices as one of the layers of a map whose buses and lines stay the ones to tap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from bokeh.models import BasicTicker, ColorBar, ColumnDataSource, CustomJS, GlyphRenderer, LinearColorMapper

from views import theme as look
from views.plots.gridmap import GridMap
from views.plots.gridmap_parts import flat
from views.plots.models import BusPrices
from views.plots.price_layer import PRICE_STEP, price_title, span_of


@dataclass
class PriceDots:
    """The layer's handle."""

    grid: GridMap
    buses: ColumnDataSource
    prices: ColumnDataSource
    middle: ColumnDataSource
    mapper: LinearColorMapper
    dots: GlyphRenderer
    bar: ColorBar

    def set_day(self, day: BusPrices) -> None:
        """Another day's prices (same network and steps); raises ValueError when they are not of this network."""
        day.check_fits(self.grid.grid)
        step, span = self.grid.state.step, span_of(day)
        centre = float(day.centre[step])
        self.bar.title = price_title(day)
        self.buses.data = {**dict(self.buses.data), "price": np.asarray(day.total[step], np.float32)}
        self.mapper.update(low=centre - span, high=centre + span)
        self.middle.data = {"v": np.asarray(day.centre, float)}
        self.prices.tags = [span]
        self.prices.data = {"v": flat(day.total)}  # its change redraws: last

    def show(self, visible: bool) -> None:
        """Draw them, with the map as their plain ground, or take them away."""
        self.dots.visible = self.bar.visible = visible
        self.grid.as_ground(visible)

    def restyle(self, name: look.ThemeName) -> None:
        """Switch the colours in place."""
        t = look.tokens(name)
        self.mapper.update(palette=look.price_palette(name), nan_color=t.paper)
        self.dots.glyph.line_color = t.muted


def price_dots(grid: GridMap, theme: look.ThemeName = "light") -> PriceDots:
    """A hidden layer without prices yet."""
    xy = grid.grid.xy_km()
    n_bus = len(xy)
    buses = ColumnDataSource(
        {"x": xy[:, 0], "y": xy[:, 1], "price": np.full(n_bus, np.nan, np.float32)}, name="fd-room-prices"
    )
    mapper = LinearColorMapper(palette=look.price_palette(theme), low=0.0, high=1.0)
    dots = grid.figure.scatter(
        "x",
        "y",
        source=buses,
        size=11,
        line_width=0.8,
        fill_color={"field": "price", "transform": mapper},
        visible=False,
    )
    bar = ColorBar(
        color_mapper=mapper,
        title="Price",
        orientation="horizontal",
        height=8,
        padding=20,
        ticker=BasicTicker(desired_num_ticks=6),
        major_tick_line_color=None,
        bar_line_color=None,
        visible=False,
    )
    grid.figure.add_layout(bar, "below")
    n_steps = grid.state.last + 1
    prices = ColumnDataSource({"v": np.full(n_steps * n_bus, np.nan, np.float32)}, tags=[1.0])
    middle = ColumnDataSource({"v": np.zeros(n_steps)})
    args = {"state": grid.state, "buses": buses, "prices": prices, "middle": middle, "mapper": mapper}
    step = CustomJS(args=args, code=PRICE_STEP)
    grid.state.js_on_change("step", step)
    prices.js_on_change("data", step)
    layer = PriceDots(grid, buses, prices, middle, mapper, dots, bar)
    layer.restyle(theme)
    return layer
