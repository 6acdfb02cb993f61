"""The grid of a region and day: map, layer switches and the time slider under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import DayState, GridMap
from domain.time import DeliveryDay
from views.pages.drawing import grid_day, topology, worst_loading, worst_voltage
from views.plots.gridmap import gridmap
from views.plots.models import WorstOfDay
from views.plots.step import on_settled, step_state
from views.plots.timeline import timeline
from views.state.common import step_labels
from views.state.dso_room import Element, ElementKind, RoomState, element_at, worst_step
from views.widgets import figure_pane, panel

_LAYERS = {"Loading": "loading", "Voltage": "voltage"}
_MOMENTS = {"Before": "before", "After": "after"}
_MAP_HEIGHT = "calc(100vh - 348px)"
"""What app bar, key figures, head and time slider leave of the window."""


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
        self._on_pick = on_pick
        step = state.step if 0 <= state.step < day.n_steps else worst_step(before)
        self.step = step_state(day.n_steps, step)
        labels = step_labels(day)
        self.map = gridmap(topology(grid), grid_day(self.shown), self.step, overlay=state.overlay, theme=theme)
        self.slider = timeline(self._worst(), self.step, labels, theme=theme)
        self._layer = pmu.RadioButtonGroup(options=_LAYERS, value=state.overlay, size="small", margin=(0, 8))
        self._moment = pmu.RadioButtonGroup(options=_MOMENTS, value=state.moment, size="small", margin=(0, 8))
        self._moment.visible = after is not None
        self.map.on_select(self._on_select)
        on_settled(self.step, self._on_step)
        self._layer.param.watch(self._on_layer, "value")
        self._moment.param.watch(self._on_moment, "value")

    @property
    def shown(self) -> DayState:
        """The day's state at the moment looked at."""
        return self._after if self._state.moment == "after" and self._after is not None else self._before

    def view(self, *tools: Any, map_height: str = _MAP_HEIGHT) -> Any:
        """The panel, with further tools in its head; `map_height` in CSS."""
        chart = figure_pane(
            self.map.figure, sizing_mode="stretch_both", styles={"height": map_height, "min-height": "320px"}
        )
        return panel(
            "Grid", chart, figure_pane(self.slider.figure), tools=[pn.HSpacer(), *tools, self._moment, self._layer]
        )

    def show(self, before: DayState, after: DayState | None) -> None:
        """New values of the same network and day."""
        if before is self._before and after is self._after:
            return
        self._before, self._after = before, after
        self._moment.visible = after is not None
        self._redraw()

    def select(self, element: Element) -> None:
        """Highlight an element on the map."""
        self.map.select(element.kind, element.position)

    def go_to(self, step: int) -> None:
        """Move the time slider."""
        self.step.step = step

    def _worst(self) -> WorstOfDay:
        return (
            worst_loading(self.shown)
            if self._state.overlay == "loading"
            else worst_voltage(self.shown, self._grid)
        )

    def _redraw(self) -> None:
        self.map.set_day(grid_day(self.shown))
        self.slider.set_worst(self._worst())

    def _on_select(self, kind: ElementKind, position: int) -> None:
        self._on_pick(element_at(kind, position, self._grid))

    def _on_step(self, step: int) -> None:
        self._state.step = step

    def _on_layer(self, event: Any) -> None:
        self._state.overlay = event.new
        self.map.set_overlay(event.new)
        self.slider.set_worst(self._worst())

    def _on_moment(self, event: Any) -> None:
        self._state.moment = event.new
        self._redraw()
