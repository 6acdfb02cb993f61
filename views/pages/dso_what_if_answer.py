"""What a what-if found: the day as it is and changed, side by side with one time and one view, and its needs."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import DayState, GridMap, WhatIfSolved, WhatIfView
from domain.time import DeliveryDay
from views.pages.drawing import grid_day, topology, worst
from views.pages.dso_outage import needs_book
from views.pages.dso_parts import link_button
from views.pages.later import in_turn
from views.pages.themes import Themes
from views.plots.gridmap import GridMap as MapPlot
from views.plots.gridmap import gridmap
from views.plots.step import StepState, on_playing, on_settled, step_state
from views.plots.timeline import Timeline, timeline
from views.state.common import number, step_labels
from views.state.dso_room import RoomState, element_of, extremes, worst_step
from views.state.what_if import compared, question, verdict
from views.widgets import KeyFigure, KeyFigures, csv_button, empty_state, figure_pane, panel, text, toggles
from views.widgets.figures import Severity

_LAYERS = {"Loading": "loading", "Voltage": "voltage"}
_MAP_PX = 330
NOTHING = (
    "Nothing has been asked yet.",
    "Take a line out, change a unit, or try an offer at the left; nothing is published by it.",
)
OUTDATED = "Network or schedules have been replaced since this was asked; ask again for today's answer."


class AnswerPanel:
    """Lay out `view`; `show` follows the question's job, `empty` says what to do first."""

    def __init__(self, state: RoomState, themes: Themes) -> None:
        self._state, self._themes = state, themes
        self._shown: str = ""
        self._solved: WhatIfSolved | None = None
        self._maps: tuple[MapPlot, MapPlot] | None = None
        self._slider: Timeline | None = None
        self.step: StepState | None = None
        self.figures = KeyFigures([])
        self._words = text("", "body", margin=(4, 12))
        self._asked = text("", "muted", margin=(0, 12, 4, 12))
        self.book = needs_book(self._on_need, 190)
        self._layer = toggles("What the map shows", options=_LAYERS, value="loading", size="small", margin=(0, 8))
        self._layer.param.watch(self._on_layer, "value")
        self._play = pmu.Button(label="Play", icon="play_arrow", variant="outlined", size="small", width=92)
        self._play.on_click(in_turn(self._on_play))
        self.request = link_button("Make this a request", "/dso/requests")
        self.view = pn.Column(sizing_mode="stretch_width", margin=0)
        self.empty()

    def empty(self, what: str = NOTHING[0], then: str = NOTHING[1]) -> None:
        """Nothing asked yet, or nothing found yet."""
        if self._shown != what:
            self._shown = what
            self._solved = None
            self.view[:] = [panel("As it is beside what if", empty_state(what, then))]

    def show(self, answer: WhatIfView, day: DeliveryDay) -> None:
        """A finished what-if; built once for each."""
        solved = answer.solved
        if solved is None:
            self.empty()
            return
        if self._shown != answer.what_if.id:
            self._shown, self._solved = answer.what_if.id, solved
            self._build(solved, day)
        said = verdict(solved, day) + (f" {OUTDATED}" if answer.outdated else "")
        self._words.object = text(said).object
        self._asked.object = text(f"Asked: {question(answer.what_if)}.", "muted").object
        self.figures.show(figures(solved))
        self.book.show(compared(solved.as_is.needs, solved.changed.needs, day))
        carry = f"/dso/requests?region={answer.what_if.region_id}&day={answer.what_if.delivery_day}"
        self.request.href = f"{carry}&what_if={answer.what_if.id}"
        self.request.disabled = not solved.proposed

    def _build(self, solved: WhatIfSolved, day: DeliveryDay) -> None:
        if self._maps is not None:
            self._themes.drop(*self._maps, self._slider)  # type: ignore[arg-type]
        theme, grid = self._themes.name, solved.grid
        at = self._state.step if 0 <= self._state.step < day.n_steps else worst_step(solved.changed)
        self.step = step = step_state(day.n_steps, at)
        overlay = self._overlay(solved)
        self._layer.value = overlay
        left, right = (_map(grid, state, step, overlay, theme) for state in (solved.as_is, solved.changed))
        right.figure.x_range, right.figure.y_range = left.figure.x_range, left.figure.y_range
        right.lines.name, right.buses.name = "fd-lines-what-if", "fd-buses-what-if"
        self._maps = (left, right)
        self._slider = timeline(worst(solved.changed, grid, overlay), step, step_labels(day), theme=theme)
        on_settled(step, self._on_step)
        on_playing(step, self._on_playing)
        self._themes.add(left, right, self._slider)
        self.view[:] = self._laid_out(left, right)

    def _laid_out(self, left: MapPlot, right: MapPlot) -> list[Any]:
        sides = pn.Row(
            pn.Column(text("As it is", "muted"), figure_pane(left.figure), margin=0),
            pn.Column(text("What if", "muted"), figure_pane(right.figure), margin=0),
            sizing_mode="stretch_width",
            margin=(0, 8),
        )
        for side in sides:
            side.sizing_mode = "stretch_width"
            side.styles = {"flex": "1 1 0", "min-width": "0"}
        play = pn.Column(self._play, width=108, margin=(24, 0, 0, 8))
        time = pn.Row(play, figure_pane(self._slider.figure), sizing_mode="stretch_width", margin=0)  # type: ignore[union-attr]
        csv = csv_button("what-if.csv", self.book.csv)
        maps = panel(
            "As it is beside what if", self._words, self._asked, sides, time, tools=[pn.HSpacer(), self._layer]
        )
        needs = panel("Needs before and after", self.book.view, tools=[pn.HSpacer(), csv, self.request])
        return [self.figures.view, maps, needs]

    def _overlay(self, solved: WhatIfSolved) -> Any:
        """What most of the needs are of."""
        kinds = [need.kind for need in (*solved.as_is.needs, *solved.changed.needs)]
        return "voltage" if kinds.count("voltage") > kinds.count("loading") else "loading"

    def _on_layer(self, event: Any) -> None:
        if self._maps is None or self._solved is None or self._slider is None:
            return
        for plot in self._maps:
            plot.set_overlay(event.new)
        self._slider.set_worst(worst(self._solved.changed, self._solved.grid, event.new))

    def _on_need(self, record: Any) -> None:
        if self._maps is None or self._solved is None or self.step is None:
            return
        element = element_of(record["key"], self._solved.grid)
        if element is not None:
            for plot in self._maps:
                plot.select(element.kind, element.position)
            self.step.step = record["worst_step"]

    def _on_step(self, step: int) -> None:
        self._state.step = step

    def _on_play(self, _event: Any) -> None:
        if self.step is not None:
            self.step.playing = not self.step.playing

    def _on_playing(self, playing: bool) -> None:
        words = {"label": "Stop", "icon": "stop"} if playing else {"label": "Play", "icon": "play_arrow"}
        self._play.param.update(**words)


def _map(grid: GridMap, state: DayState, step: StepState, overlay: Any, theme: Any) -> MapPlot:
    plot = gridmap(topology(grid), grid_day(state), step, overlay=overlay, theme=theme)
    plot.figure.update(sizing_mode="stretch_width", height=_MAP_PX)
    return plot


def figures(solved: WhatIfSolved) -> list[KeyFigure]:
    """Key figures of the changed day, with those of the day as it is in the notes."""
    was, now = extremes(solved.as_is, solved.grid), extremes(solved.changed, solved.grid)
    cost, before = solved.answer.changed.cost_eur, solved.answer.as_is.cost_eur
    n_was, n_now, n_dark = len(solved.as_is.needs), len(solved.changed.needs), len(solved.answer.dark_buses)
    outside: Severity = "critical" if now.voltage_outside else "normal"
    return [
        KeyFigure(
            "Highest loading",
            number(now.loading_percent, 1),
            "%",
            f"as it is {number(was.loading_percent, 1)} %",
            "critical" if now.loading_percent > 100 else "normal",
        ),
        KeyFigure(
            "Voltage band",
            f"{now.vm_min_pu:.3f}–{now.vm_max_pu:.3f}",
            "pu",
            f"as it is {was.vm_min_pu:.3f}–{was.vm_max_pu:.3f} pu",
            outside,
        ),
        KeyFigure("Open needs", str(n_now), "", f"as it is {n_was}", "alarm" if n_now else "good"),
        KeyFigure(
            "Without supply", str(n_dark), "buses", "of the region's grid", "critical" if n_dark else "normal"
        ),
        KeyFigure(
            "Cost of the clearing",
            number(cost),
            "" if cost is None else "EUR",
            "No offers to clear" if cost is None else f"as it is {number(before)} EUR",
        ),
    ]
