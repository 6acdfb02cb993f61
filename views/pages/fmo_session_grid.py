"""The region before and after the clearing, side by side, under one step of the day."""

from __future__ import annotations

from datetime import date
from typing import Any

import panel as pn

from app.queries.models import DayState, GridMap
from domain.time import DeliveryDay
from views.pages import drawing
from views.pages.themes import Themes
from views.plots.gridmap import gridmap
from views.plots.models import Overlay
from views.plots.step import StepState
from views.plots.timeline import timeline
from views.state.common import step_labels
from views.state.fmo_session import SessionRoom
from views.widgets import empty_state, figure_pane, panel, toggles

_HEIGHT = 470


class Side:
    """One map over its time slider; drawn when its state is there."""

    def __init__(self, title: str, waiting: tuple[str, str]) -> None:
        self._waiting = empty_state(*waiting)
        self._body = pn.Column(self._waiting, sizing_mode="stretch_width", margin=0, min_height=_HEIGHT)
        self.view = pn.Column(panel(title, self._body), sizing_mode="stretch_width", margin=0)
        self.handles: list[Any] = []

    def draw(
        self, grid: GridMap, state: DayState, day: date, overlay: Overlay, step: StepState, themes: Themes
    ) -> None:
        """Show a state; of the same grid and day it is patched."""
        values, worst = drawing.grid_day(state), drawing.worst(state, grid, overlay)
        if self.handles:
            self.handles[0].set_day(values)
            self.handles[0].set_overlay(overlay)
            self.handles[1].set_worst(worst)
            return
        labels = step_labels(DeliveryDay(day=day))
        drawn = gridmap(drawing.topology(grid), values, step, overlay=overlay, theme=themes.name)
        slider = timeline(worst, step, labels, theme=themes.name)
        self.handles = [drawn, slider]
        themes.add(drawn, slider)
        drawn.figure.update(sizing_mode="stretch_width", height=_HEIGHT - 110)
        self._body[:] = [figure_pane(drawn.figure), figure_pane(slider.figure)]


class GridTab:
    """Before at the left, after at the right; both sliders move both maps."""

    def __init__(self, room: SessionRoom, step: StepState, themes: Themes) -> None:
        self._room, self._step, self._themes = room, step, themes
        self._overlay = toggles(
            "What the map shows",
            options={"Voltage": "voltage", "Loading": "loading"},
            value=room.overlay,
            size="small",
            margin=(4, 12),
        )
        self._before = Side(
            "Before",
            ("There is no grid state yet.", "It is computed when the DSO has uploaded network and schedules."),
        )
        self._after = Side(
            "After", ("There is no result yet.", "The state after the awards appears with the result.")
        )
        sides = pn.Row(self._before.view, self._after.view, sizing_mode="stretch_width", margin=0)
        self.view = pn.Column(self._overlay, sides, sizing_mode="stretch_width", margin=0)
        self.draw()
        self._overlay.param.watch(self._on_overlay, "value")

    def draw(self) -> None:
        """Both sides, as far as they are known."""
        room = self._room
        for side, moment in ((self._before, "before"), (self._after, "after")):
            state = getattr(room.grid, moment, None)
            if state is not None:
                day = room.row.session.delivery_day
                side.draw(room.grid.grid, state, day, room.overlay, self._step, self._themes)

    def _on_overlay(self, event: Any) -> None:
        self._room.overlay = event.new
        self.draw()
