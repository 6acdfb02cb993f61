"""What a session's clearing does to the exchange at the coupling point, for the operator of the grid above."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from app.queries.models import DayState
from domain.time import DeliveryDay
from views.pages.dso_parts import link_button
from views.plots.day_series import Curve, day_series
from views.plots.step import StepState
from views.state.common import number, step_labels
from views.state.session_result import ResultRoom
from views.widgets import figure_pane, panel, text

EXCHANGE = (
    Curve(key="before", label="Import from above, before", tone="text"),
    Curve(key="after", label="after", mark="dash", tone="primary"),
)
NOT_TOLD = (
    "Awards and payments are between the DSO and its suppliers; their sums are on the coupling points' page."
)


class ExchangePart:
    """The import before and after the clearing, and where sums and requests are."""

    def __init__(self, room: ResultRoom, step: StepState, theme: str) -> None:
        self._room = room
        session = room.row.session
        labels = step_labels(DeliveryDay(day=session.delivery_day))
        self.chart = day_series(EXCHANGE, labels, "MW", places=3, state=step, theme=theme, height_px=190)
        self._words = text("", margin=(4, 12))
        where = f"?day={session.delivery_day.isoformat()}&region={session.region_id}"
        links = [
            link_button("Coupling points", f"/tso{where}", "outlined"),
            link_button("Requests", f"/tso/requests{where}", "outlined"),
        ]
        self.view = panel(
            "Exchange at the coupling point",
            self._words,
            figure_pane(self.chart.figure),
            text(NOT_TOLD, "muted", margin=(4, 12, 8, 12)),
            tools=[pn.HSpacer(), *links],
        )
        self.draw()

    def draw(self) -> None:
        """From the state: before alone while there is no result to see."""
        grid = self._room.grid
        before, after = (grid.before, grid.after) if grid is not None else (None, None)
        self._words.object = text(exchange_words(before, after)).object
        self.chart.show({"before": _flow(before), "after": _flow(after)})


def exchange_words(before: DayState | None, after: DayState | None) -> str:
    """The day's import before and after, and the quarter hour's largest change."""
    if before is None:
        return "The exchange is not known yet: it follows from the DSO's network and schedules."
    if after is None:
        return f"{_range(before.p_coupling_mw)} before the clearing; what follows comes with the result."
    change = after.p_coupling_mw - before.p_coupling_mw
    most = float(change[np.abs(change).argmax()])
    return (
        f"{_range(before.p_coupling_mw)} before, {_range(after.p_coupling_mw)} after; "
        f"the largest change of a quarter hour is {most:+.3f} MW."
    )


def _range(p_mw: Any) -> str:
    return f"{number(float(p_mw.min()), 3)} to {number(float(p_mw.max()), 3)} MW"


def _flow(state: DayState | None) -> Any:
    return None if state is None else state.p_coupling_mw
