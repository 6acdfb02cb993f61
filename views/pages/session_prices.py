"""Prices at every bus: the map of a quarter hour, a bus's day by its parts, and all buses in a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmu

from app.queries.models import NodalPrices, PriceParts
from domain.time import DeliveryDay
from views.pages import drawing
from views.pages.later import in_turn
from views.pages.themes import Themes
from views.plots.book import Column
from views.plots.gridmap import GridMap, gridmap
from views.plots.models import BusPrices, PriceDay, WorstOfDay
from views.plots.price_layer import PriceLayer, price_layer
from views.plots.price_parts import PARTS, PricePartsPlot, price_parts
from views.plots.step import StepState, on_settled
from views.plots.timeline import Timeline, timeline
from views.state.common import step_labels
from views.state.session_prices import (
    UNITS,
    bus_rows,
    centre_of,
    farthest_bus,
    on_the_map,
    parts_of,
    spread,
    sum_in_words,
)
from views.state.session_result import ResultRoom
from views.widgets import Book, csv_button, empty_state, figure_pane, panel, text

BUSES = (
    Column("bus", "Bus", min_px=130),
    Column("low", "Lowest", "price", width_px=84),
    Column("mean", "Mean", "price", width_px=84),
    Column("high", "Highest", "price", width_px=84),
    Column("most", "Mostly by", width_px=104),
)
_MAP_PX = 384
_NOTHING = {
    False: ("There are no prices yet.", "They come with the result."),
    True: (
        "This result has no prices at buses.",
        "Its clearing gave none; awards and payments are in the result.",
    ),
}


class PricesTab:
    """Map and time slider at the left; the chosen bus's day and all buses at the right."""

    def __init__(self, room: ResultRoom, step: StepState, themes: Themes) -> None:
        self._room, self._step, self._themes = room, step, themes
        self._labels = step_labels(DeliveryDay(day=room.row.session.delivery_day))
        self._shown: NodalPrices | None = None
        self._map: GridMap | None = None
        self._layer: PriceLayer | None = None
        self._slider: Timeline | None = None
        self._chart: PricePartsPlot | None = None
        self._bus = pmu.Select(label="Bus", options=[], width=280, size="small", margin=(6, 0))
        self._commodity = pmu.RadioButtonGroup(
            options={"Active": "p", "Reactive": "q"}, value=room.commodity, size="small", margin=(6, 8)
        )
        self._sum = text("", "body", margin=(0, 12, 8, 12))
        self._buses = Book(BUSES, height_px=132, on_pick=in_turn(self._on_row))
        self.view = pn.Column(sizing_mode="stretch_width", margin=0)
        self.draw()
        self._bus.param.watch(self._on_bus, "value")
        self._commodity.param.watch(self._on_commodity, "value")
        on_settled(step, self._on_step)

    def draw(self) -> None:
        """The prices once they are there; built once, patched afterwards."""
        prices, room = self._room.prices, self._room
        if prices is None or not prices.bus_ids or room.grid is None:
            what, then = _NOTHING[room.result is not None and prices is None]
            self.view[:] = [panel("Prices", empty_state(what, then))]
            return
        if prices is self._shown:
            return
        self._shown = prices
        if room.bus not in prices.bus_ids:
            room.bus = farthest_bus(prices)
        if parts_of(prices, room.commodity) is None:
            room.commodity = "p"
        self._commodity.param.update(value=room.commodity, visible=prices.q is not None)
        self._bus.param.update(options=list(prices.bus_ids), value=room.bus)
        if self._layer is None:
            self._build()
        self._patch()

    @property
    def _parts(self) -> PriceParts:
        parts = parts_of(self._shown, self._room.commodity)
        return self._shown.p if parts is None else parts

    def _build(self) -> None:
        """All figures of the tab, once the first prices are there."""
        view, theme = self._room.grid, self._themes.name
        state = view.after or view.before
        self._map = gridmap(
            drawing.topology(view.grid), drawing.grid_day(state), self._step, overlay="loading", theme=theme
        )
        self._map.figure.update(sizing_mode="stretch_width", height=_MAP_PX)  # the slider stays in sight
        self._layer = price_layer(self._map, self._bus_prices(), theme=theme)
        self._layer.on_select(lambda position: self._choose(view.grid.bus_ids[position]))
        self._slider = timeline(self._spread(), self._step, self._labels, theme=theme)
        self._slider.worst.name = "fd-spread"  # no limit behind it: not one of the grid's sliders
        self._chart = price_parts(self._bus_day(), self._labels, self._step, theme=theme, height_px=230)
        self._themes.add(self._map, self._layer, self._slider, self._chart)
        self.view[:] = [self._laid_out()]

    def _laid_out(self) -> pn.Row:
        left = panel(
            "Price by bus",
            figure_pane(self._map.figure),
            figure_pane(self._slider.figure),
            tools=[pn.HSpacer(), self._commodity],
        )
        chart = panel(
            "Price at a bus and its parts",
            figure_pane(self._chart.figure),
            self._sum,
            tools=[pn.HSpacer(), self._bus],
        )
        csv = csv_button(f"prices-{self._room.id}.csv", self._buses.csv)
        table = panel("All buses over the day", self._buses.view, tools=[pn.HSpacer(), csv])
        right = pn.Column(chart, table, sizing_mode="stretch_width", margin=0)
        sides = pn.Row(
            pn.Column(left, sizing_mode="stretch_width", margin=0), right, sizing_mode="stretch_width", margin=0
        )
        for side in sides:
            side.styles = {"flex": "1 1 0", "min-width": "0"}
        return sides

    def _patch(self) -> None:
        """Everything shown, from bus and commodity."""
        self._layer.show(self._bus_prices())
        self._slider.set_worst(self._spread())
        rows = bus_rows(self._shown, self._parts)
        self._buses.show([vars(row) for row in rows])
        self._show_bus()

    def _show_bus(self) -> None:
        self._chart.show(self._bus_day())
        positions = {bus: k for k, bus in enumerate(self._room.grid.grid.bus_ids)}
        if self._room.bus in positions:
            self._layer.select(positions[self._room.bus])
        self._bus.value = self._room.bus
        self._show_sum(self._step.step)

    def _show_sum(self, step: int) -> None:
        position = self._shown.bus_ids.index(self._room.bus)
        words = sum_in_words(self._parts, position, step, self._labels[step], UNITS[self._room.commodity])
        self._sum.object = text(f"Bus {self._room.bus} at {words}").object

    def _bus_prices(self) -> BusPrices:
        total = on_the_map(self._shown, self._parts, self._room.grid.grid)
        return BusPrices(total=total, centre=centre_of(self._parts), unit=UNITS[self._room.commodity])

    def _bus_day(self) -> PriceDay:
        parts, k = self._parts, self._shown.bus_ids.index(self._room.bus)
        return PriceDay(
            total=parts.total[:, k],
            parts={name: getattr(parts, name)[:, k] for name in PARTS},
            unit=UNITS[self._room.commodity],
        )

    def _spread(self) -> WorstOfDay:
        return WorstOfDay(
            value=spread(self._parts),
            label="Farthest from the price at the coupling point",
            unit=UNITS[self._room.commodity],
            limit=np.nan,
        )

    def _choose(self, bus: str) -> None:
        if bus in self._shown.bus_ids and bus != self._room.bus:
            self._room.bus = bus
            self._show_bus()

    def _on_row(self, record: Any) -> None:
        self._choose(record["bus"])

    def _on_bus(self, event: Any) -> None:
        if event.new is not None:
            self._choose(event.new)

    def _on_commodity(self, event: Any) -> None:
        self._room.commodity = event.new
        if self._shown is not None:
            self._patch()

    def _on_step(self, step: int) -> None:
        self._room.step = step
        if self._shown is not None:
            self._show_sum(step)
