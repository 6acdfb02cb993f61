"""The grid of a region and day: map, layers, and the time slider under it with its play button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import DayState, GridMap, NodalPrices
from domain.flexibility.market import FlexRequest
from domain.time import DeliveryDay
from views.pages.drawing import grid_day, topology, worst
from views.pages.dso_drawing import prices_on_map, requests_on_map
from views.pages.later import in_turn
from views.plots.contour import contour
from views.plots.gridmap import gridmap
from views.plots.models import WorstOfDay
from views.plots.price_dots import price_dots
from views.plots.request_layer import request_layer
from views.plots.step import on_playing, on_settled, step_state
from views.plots.timeline import timeline
from views.state.common import step_labels
from views.state.dso_room import Element, ElementKind, RoomState, element_at, worst_step
from views.state.session_prices import UNITS, spread
from views.widgets import figure_pane, panel, toggles

_LAYERS = {"Loading": "loading", "Voltage": "voltage"}
_PRICES = {"Prices": "price"}
_MOMENTS = {"Before": "before", "After": "after"}
_OUTAGE = {"N-1": "outage"}
_TIME_PX = 112
"""The time line with its hours; the map takes what is left."""


class GridScene:
    """One network and day. `show` patches values; another network or day needs a new scene."""

    def __init__(
        self,
        grid: GridMap,
        before: DayState,
        after: DayState | None,
        day: DeliveryDay,
        state: RoomState,
        theme: Any,
        on_pick: Callable[[Element], None],
    ) -> None:
        self._grid, self._before, self._after, self._state = grid, before, after, state
        self._outage: DayState | None = None
        self._prices: NodalPrices | None = None
        self._requests: Sequence[FlexRequest] = ()
        self._on_pick = on_pick
        step = state.step if 0 <= state.step < day.n_steps else worst_step(before)
        self.step = step_state(day.n_steps, step)
        labels = step_labels(day)
        overlay = "loading" if state.overlay == "price" else state.overlay
        self.map = gridmap(topology(grid), grid_day(self.shown), self.step, overlay=overlay, theme=theme)
        self.contour = contour(self.map)
        self.prices = price_dots(self.map, theme)
        self.requests = request_layer(self.map, theme)
        self.slider = timeline(self._worst(), self.step, labels, theme=theme)
        self._layer = toggles("What the map shows", options=_LAYERS, value=overlay, size="small", margin=(0, 8))
        self._moment = toggles(
            "Before or after the market", options=_MOMENTS, value="before", size="small", margin=(0, 8)
        )
        self._more = {
            name: pmu.Switch(label=label, value=getattr(state, name), size="small", margin=(4, 8))
            for name, label in (("requests", "Own requests"), ("contour", "Voltage contour"))
        }
        self._play = pmu.Button(
            label="Play", icon="play_arrow", variant="outlined", size="small", width=92, align="center"
        )
        self._play.on_click(in_turn(self._on_play))
        self._offer_moments()
        self._show_more()
        self.map.on_select(self._on_select)
        on_settled(self.step, self._on_step)
        on_playing(self.step, self._on_playing)
        self._layer.param.watch(self._on_layer, "value")
        self._moment.param.watch(self._on_moment, "value")
        for name, switch in self._more.items():
            switch.param.watch(lambda event, name=name: self._on_more(name, event.new), "value")

    @property
    def themed(self) -> tuple[Any, ...]:
        """Handles of everything drawn."""
        return self.map, self.contour, self.prices, self.requests, self.slider

    @property
    def shown(self) -> DayState:
        """The day's state at the moment looked at."""
        other = {"after": self._after, "outage": self._outage}.get(self._state.moment)
        return self._before if other is None else other

    def view(self, *tools: Any) -> Any:
        """The panel, with further tools in its head; the map takes the height that is left."""
        time = pn.Row(
            pn.Column(self._play, width=108, margin=(24, 0, 0, 8)),
            figure_pane(self.slider.figure),
            sizing_mode="stretch_width",
            min_height=_TIME_PX,
            margin=0,
        )
        layers = pn.Row(
            self._moment,
            self._layer,
            pn.HSpacer(),
            *self._more.values(),
            sizing_mode="stretch_width",
            margin=(0, 4),
        )
        return panel("Grid", layers, figure_pane(self.map.figure), time, tools=[pn.HSpacer(), *tools], fill=True)

    def show(self, before: DayState, after: DayState | None) -> None:
        """New values of the same network and day."""
        if before is self._before and after is self._after:
            return
        self._before, self._after = before, after
        self._offer_moments()
        self._redraw()

    def show_market(self, prices: NodalPrices | None, requests: Sequence[FlexRequest]) -> None:
        """What the market adds to the map: the result's prices, and the DSO's own requests."""
        if prices is not None and prices is not self._prices:
            self.prices.set_day(prices_on_map(prices, self._grid))
        if tuple(requests) != tuple(self._requests):
            self.requests.set_requests(requests_on_map(requests, self._grid))
        self._prices, self._requests = prices, requests
        wanted = _LAYERS | (_PRICES if prices is not None else {})
        if self._layer.options != wanted:
            self._layer.options = wanted
            if prices is not None and self._state.overlay == "price":
                self._layer.value = "price"

    def show_outage(self, outage: DayState | None) -> None:
        """The day with an element out of service, as one of the moments."""
        if outage is self._outage:
            return
        self._outage = outage
        self._offer_moments()
        self._redraw()

    def select(self, element: Element) -> None:
        """Highlight an element on the map."""
        self.map.select(element.kind, element.position)

    def go_to(self, step: int) -> None:
        """Move the time slider."""
        self.step.step = step

    def look_at(self, moment: str) -> None:
        """Switch to one of the moments that are there."""
        if moment in self._moment.options.values():
            self._moment.value = moment

    def _offer_moments(self) -> None:
        there = {"after": self._after, "outage": self._outage}
        options = {
            words: moment
            for words, moment in (_MOMENTS | _OUTAGE).items()
            if moment == "before" or there[moment] is not None
        }
        wanted = self._state.moment if self._state.moment in options.values() else "before"
        self._moment.param.update(options=options, value=wanted, visible=len(options) > 1)

    def _worst(self) -> WorstOfDay:
        if self._state.overlay == "price" and self._prices is not None:
            value = spread(self._prices.p)
            label = "Farthest from the price at the coupling point"
            return WorstOfDay(value=value, label=label, unit=UNITS["p"], limit=float("nan"))
        return worst(self.shown, self._grid, self._state.overlay)

    def _redraw(self) -> None:
        self.map.set_day(grid_day(self.shown))
        self.slider.set_worst(self._worst())

    def _show_more(self) -> None:
        self.requests.show(self._state.requests)
        self.contour.show(self._state.contour)

    def _on_select(self, kind: ElementKind, position: int) -> None:
        self._on_pick(element_at(kind, position, self._grid))

    def _on_step(self, step: int) -> None:
        self._state.step = step

    def _on_play(self, _event: Any) -> None:
        self.step.playing = not self.step.playing

    def _on_playing(self, playing: bool) -> None:
        words = {"label": "Stop", "icon": "stop"} if playing else {"label": "Play", "icon": "play_arrow"}
        self._play.param.update(**words)

    def _on_layer(self, event: Any) -> None:
        self._state.overlay = event.new
        priced = event.new == "price"
        if not priced:
            self.map.set_overlay(event.new)
        self.prices.show(priced)
        self.slider.set_worst(self._worst())

    def _on_more(self, name: str, on: bool) -> None:
        self._state.param.update(**{name: on})
        self._show_more()

    def _on_moment(self, event: Any) -> None:
        self._state.moment = event.new
        self._redraw()
