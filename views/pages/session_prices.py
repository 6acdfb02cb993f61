"""Prices at every bus: the map of a quarter hour, a bus's day by its parts, and all buses in a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmu

from app.queries.models import NodalPrices, PriceParts
from domain.time import DeliveryDay
from views.pages import drawing
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
    TOTAL,
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
from views.widgets import Book, csv_button, empty_state, figure_pane, panel, text, toggles

BUSES = (
    Column("bus", "Bus", min_px=130),
    Column("low", "Lowest", "price", width_px=84),
    Column("mean", "Mean", "price", width_px=84),
    Column("high", "Highest", "price", width_px=84),
    Column("most", "Mostly by", width_px=104),
)
_MAP_PX = 446
_NO_OTHER = "No other bus"
_FARTHEST = "Farthest from the price at the coupling point"
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
        self._bus = pmu.Select(label="Bus", options=[], width=206, size="small", margin=(6, 0))
        self._commodity = toggles(
            "Power", options={"Active": "p", "Reactive": "q"}, value=room.commodity, size="small", margin=(6, 8)
        )
        self._part = toggles(
            "Part of the price",
            options={"Price": TOTAL, **{label: key for key, label in PARTS.items()}},
            value=room.part,
            size="small",
            margin=(6, 0),
        )
        self._other = pmu.Select(label="Compare with", options={}, width=190, size="small", margin=(6, 0, 6, 8))
        self._second: PricePartsPlot | None = None
        self._second_body = pn.Column(sizing_mode="stretch_width", margin=0, visible=False)
        self._sum = text("", "body", margin=(0, 12, 8, 12))
        self._sum_other = text("", "body", margin=(0, 12, 8, 12))
        self._buses = Book(BUSES, height_px=194, on_pick=self._on_row)
        self.view = pn.Column(sizing_mode="stretch_width", margin=0)
        self.draw()
        self._bus.param.watch(self._on_bus, "value")
        self._other.param.watch(self._on_other, "value")
        self._commodity.param.watch(self._on_commodity, "value")
        self._part.param.watch(self._on_part, "value")
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
        if room.other not in prices.bus_ids:
            room.other = ""
        self._bus.param.update(options=list(prices.bus_ids), value=room.bus)
        beside = {_NO_OTHER: "", **{bus: bus for bus in prices.bus_ids}}
        self._other.param.update(options=beside, value=room.other, visible=len(prices.bus_ids) > 1)
        if self._layer is None:
            self._build()
        self._patch()

    @property
    def handles(self) -> tuple[Any, ...]:
        """The figures, once they are built."""
        built = (self._map, self._layer, self._slider, self._chart, self._second)
        return tuple(handle for handle in built if handle is not None)

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
        self._layer.on_select(lambda position: self.choose(view.grid.bus_ids[position]))
        self._slider = timeline(self._spread(), self._step, self._labels, theme=theme)
        self._slider.worst.name = "fd-spread"  # no limit behind it: not one of the grid's sliders
        self._chart = price_parts(self._bus_day(), self._labels, self._step, theme=theme, height_px=230)
        self._second = price_parts(self._bus_day(), self._labels, self._step, theme=theme, height_px=230)
        self._second_body[:] = [figure_pane(self._second.figure), self._sum_other]
        self._themes.add(*self.handles)
        self.view[:] = [self._laid_out()]

    def _laid_out(self) -> pn.Row:
        left = panel(
            "Price by bus",
            figure_pane(self._map.figure),
            figure_pane(self._slider.figure),
            tools=[pn.HSpacer(), self._part, self._commodity],
        )
        chart = panel(
            "Price at a bus",
            figure_pane(self._chart.figure),
            self._sum,
            self._second_body,
            tools=[pn.HSpacer(), self._bus, self._other],
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
        self._show_second()
        self._show_sum(self._step.step)

    def _show_second(self) -> None:
        """The bus beside it, on the same scale: only then are both stacks compared by eye."""
        other = self._room.other
        self._second_body.visible = bool(other)
        if other:
            self._second.show(self._bus_day(other))
            ranges = [plot.figure.y_range for plot in (self._chart, self._second)]
            low, high = min(r.start for r in ranges), max(r.end for r in ranges)
            for y_range in ranges:
                y_range.update(start=low, end=high)
        else:
            self._chart.show(self._bus_day())

    def _show_sum(self, step: int) -> None:
        self._sum.object = text(self._in_words(self._room.bus, step)).object
        if self._room.other:
            self._sum_other.object = text(self._in_words(self._room.other, step)).object

    def _in_words(self, bus: str, step: int) -> str:
        position = self._shown.bus_ids.index(bus)
        words = sum_in_words(self._parts, position, step, self._labels[step], UNITS[self._room.commodity])
        return f"Bus {bus} at {words}"

    def _bus_prices(self) -> BusPrices:
        part, parts = self._room.part, self._parts
        known = {} if part == TOTAL else {"label": f"{PARTS[part]} part of the price"}
        if part not in (TOTAL, "energy"):
            known["middle"] = "none"
        return BusPrices(
            total=on_the_map(self._shown, parts, self._room.grid.grid, part),
            centre=centre_of(parts, part),
            unit=UNITS[self._room.commodity],
            **known,
        )

    def _bus_day(self, bus: str = "") -> PriceDay:
        parts, k = self._parts, self._shown.bus_ids.index(bus or self._room.bus)
        return PriceDay(
            total=parts.total[:, k],
            parts={name: getattr(parts, name)[:, k] for name in PARTS},
            unit=UNITS[self._room.commodity],
        )

    def _spread(self) -> WorstOfDay:
        return WorstOfDay(
            value=spread(self._parts, self._room.part),
            label=_FARTHEST
            if self._room.part in (TOTAL, "energy")
            else f"Largest {PARTS[self._room.part].lower()}",
            unit=UNITS[self._room.commodity],
            limit=np.nan,
        )

    def choose(self, bus: str) -> None:
        """Look at a bus that has a price."""
        if bus in self._shown.bus_ids and bus != self._room.bus:
            self._room.bus = bus
            self._show_bus()

    def _on_row(self, record: Any) -> None:
        self.choose(record["bus"])

    def _on_bus(self, event: Any) -> None:
        if event.new is not None:
            self.choose(event.new)

    def _on_commodity(self, event: Any) -> None:
        self._room.commodity = event.new
        if self._shown is not None:
            self._patch()

    def _on_part(self, event: Any) -> None:
        self._room.part = event.new
        if self._shown is not None:
            self._patch()

    def _on_other(self, event: Any) -> None:
        self._room.other = event.new or ""
        if self._second is not None:
            self._show_second()
            self._show_sum(self._step.step)

    def _on_step(self, step: int) -> None:
        self._room.step = step
        if self._shown is not None:
            self._show_sum(step)
