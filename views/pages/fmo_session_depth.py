"""The anonymous depth of a continuous session, as those who trade in it see it."""

from __future__ import annotations

import panel as pn

from app.queries.models import DepthView
from domain.flexibility.assets import Direction
from views.pages.later import Later
from views.pages.themes import Themes
from views.pages.trading_book import TradingBook
from views.plots.step import StepState, on_settled
from views.state.fmo_session import SessionRoom
from views.widgets import panel, text

LADDER_PX = 400


class DepthPart:
    """Strip, ladder and last trades under the merit order; nothing of it in a session with one clearing."""

    def __init__(self, room: SessionRoom, step: StepState, themes: Themes) -> None:
        self._room, self._step = room, step
        self._later: Later[DepthView | None] = Later(0)
        self._book = TradingBook(themes, self._on_step)
        self._hour = text("", "muted", align="center", margin=(0, 12))
        ladder = panel("Standing", self._book.ladder, tools=[self._hour])
        ladder.param.update(sizing_mode=None, width=LADDER_PX)
        day = panel("Depth over the day, anonymous", self._book.strip)
        trades = panel("Last trades", self._book.trades, tools=[self._book.units])
        left = pn.Column(day, trades, sizing_mode="stretch_width", margin=0)
        self._whole = [left, ladder]
        self.view = pn.Row(sizing_mode="stretch_width", margin=0)
        on_settled(step, self._go_to)

    def draw(self) -> None:
        """In the power and direction of the merit order; asked off the event loop."""
        if self._room.is_continuous:
            self._later.soon(self._room.ask_depth, self._show)
        else:
            self.view[:] = []

    def _show(self, depth: DepthView | None) -> None:
        if depth is None:
            self.view[:] = []
            return
        self._book.show(depth, Direction(self._room.direction), self._step.step)
        self._tell_hour()
        if not self.view.objects:
            self.view[:] = self._whole

    def _go_to(self, step: int) -> None:
        self._book.go_to(step)
        self._tell_hour()

    def _on_step(self, step: int) -> None:
        self._step.update(step=step, settled=step)
        self._tell_hour()

    def _tell_hour(self) -> None:
        self._hour.object = text(self._book.hour, "muted").object
