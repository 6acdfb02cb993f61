"""The market operator's controls: the demo's clock, and prices from a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import panel as pn
import panel_material_ui as pmu

from app.queries.models import ShellView
from domain.commands import ClockAction
from domain.errors import Refused
from domain.flexibility.market import Gate, PriceKind
from views.pages.context import PageContext
from views.state.common import sentence
from views.state.fmo_overview import Overview
from views.widgets import Problem, ProblemList, csv_button, text

SPEEDS = {1.0: "Real time", 60.0: "60×", 600.0: "600×", 0.0: "Pause"}
KINDS = {"Day-ahead": PriceKind.DAY_AHEAD, "Balancing": PriceKind.BALANCING}


class ClockControl:
    """Run, pause, or move to the next gate; the speed that runs is filled."""

    def __init__(self, context: PageContext, state: Overview) -> None:
        self._context, self._state = context, state
        self._gate: Gate | None = None
        self._buttons = {
            speed: pmu.Button(label=label, size="small", on_click=partial(self._on_speed, speed), margin=4)
            for speed, label in SPEEDS.items()
        }
        self._next = pmu.Button(
            label="Move to the next gate", variant="contained", on_click=self._on_next, margin=(8, 4)
        )
        self._words = text("", "muted", margin=(0, 4))
        controls = pn.Column(pn.Row(*self._buttons.values(), margin=0), self._next, margin=0)
        self.view = pn.Column(self._words, controls, sizing_mode="stretch_width", margin=(0, 8, 8, 8))
        self._controls = controls

    def draw(self, shell: ShellView) -> None:
        """Mark the speed that runs; outside the demo the clock is the wall clock."""
        self._controls.visible = shell.demo
        words = "The presenter moves market time." if shell.demo else "Market time is the wall clock."
        self._words.object = text(words, "muted").object
        for speed, button in self._buttons.items():
            button.variant = "contained" if speed == shell.clock.speed else "outlined"
        self._gate = shell.next_gate
        self._next.disabled = self._gate is None

    def _on_speed(self, speed: float, _event: object) -> None:
        action = ClockAction.RUN if speed else ClockAction.PAUSE
        self._do(partial(self._state.move_clock, action, speed or 1.0))

    def _on_next(self, _event: object) -> None:
        if self._gate is not None:
            self._do(partial(self._state.move_to, self._gate))

    def _do(self, move: Callable[[], None]) -> None:
        try:
            move()
        except Refused as refused:
            self._context.notify(sentence(refused), "warning")


class PriceUpload:
    """Which market, a CSV file, and what is wrong with it; beside them the prices shown as CSV."""

    def __init__(self, context: PageContext, state: Overview) -> None:
        self._context, self._state = context, state
        self._kind = pmu.Select(
            label="Prices", options=list(KINDS), value="Day-ahead", width=130, size="small", margin=(0, 4)
        )
        self._file = pmu.FileInput(label="Upload CSV", accept=".csv", width=150, margin=(0, 4), variant="outlined")
        self._file.param.watch(self._on_file, "value")
        self.problems = ProblemList({})
        self._download = csv_button("prices.csv", self._csv)
        self.tools = [self._kind, self._file, self._download]

    def _csv(self) -> io.BytesIO:
        """The prices of the chosen market, in the form an upload has."""
        kind = KINDS[self._kind.value]
        self._download.filename = f"prices-{kind.value}-{self._state.day}.csv"
        return io.BytesIO(self._state.prices_csv(kind) if self._state.day else b"")

    def _on_file(self, event: object) -> None:
        if not event.new:
            return
        try:
            self._state.upload(KINDS[self._kind.value], self._file.filename or "prices.csv", event.new)
        except Refused as refused:
            self.problems.show(
                first_problems([Problem(f.field, f"{f.field}: {f.sentence}") for f in refused.findings])
            )
            return
        self.problems.show([])
        self._context.notify("The prices are stored.", "success")


def first_problems(problems: list[Problem], most: int = 8) -> list[Problem]:
    """A file can be wrong in every row; say the first few and how many there are."""
    rest = len(problems) - most
    return [*problems[:most], *([Problem("file", f"And {rest} more.")] if rest > 0 else [])]
