"""The session room: where a session stands, what moves it on, its book, its result, and the grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.flexibility.market import GateKind
from domain.lifecycle import JobState, SessionState
from domain.parties import Role
from domain.time import DeliveryDay
from views import news
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import attempt, job_model
from views.pages.filling import Filling
from views.pages.fmo_session_book import BookTab
from views.pages.fmo_session_grid import GridTab
from views.pages.fmo_session_rules import RulesTab
from views.pages.session_figures import result_figures, volume
from views.pages.session_prices import PricesTab
from views.pages.session_result import ResultTab
from views.pages.session_steps import session_steps
from views.pages.themes import Themes
from views.plots.step import step_state
from views.state.common import count
from views.state.fmo_session import SessionRoom
from views.state.records import busiest
from views.widgets import ConfirmDialog, JobBar, KeyFigure, KeyFigures, empty_state, panel, tabs
from views.widgets.steps import StepRows

LINK = {
    key: key
    for key in (
        "id",
        "tab",
        "power",
        "direction",
        "by",
        "limit",
        "overlay",
        "bus",
        "commodity",
        "part",
        "other",
        "step",
        "offer",
        "request",
    )
}
TABS = {
    "book": "Offer book",
    "rules": "Rules",
    "result": "Result",
    "prices": "Prices",
    "grid": "Grid before and after",
}
# The gate passed by hand: the button, the question, what will happen, and what has.
BY_HAND = {
    GateKind.OPEN: (
        "Open now",
        "Open the session now?",
        "Requests and offers can then be entered.",
        "The session is open.",
    ),
    GateKind.CLOSE: (
        "Close the gate now",
        "Close the gate now?",
        "Offers are locked, nothing can be withdrawn any more, and the clearing starts.",
        "The gate is closed.",
    ),
    GateKind.PUBLISH: (
        "Publish now",
        "Publish the result now?",
        "All parties see their awards, and every award becomes a call to its owner.",
        "The result is published.",
    ),
}


# What a session without a result waits for, by its state.
WAITING = {
    "planned": "The session has not opened.",
    "open": "Close the gate, or let it close when it is due; the clearing starts by itself.",
    "clearing": "The clearing is running; this page shows the result when it is there.",
    "not cleared": "The clearing gave no result. Clear again.",
}


class RoomPage:
    """Steps and actions on top, key figures under them, then the tabs."""

    def __init__(self, context: PageContext, room: SessionRoom) -> None:
        self._context, self._room = context, room
        day = DeliveryDay(day=room.row.session.delivery_day)
        commodity, direction, step = busiest(room.offers, room.requests, day.n_steps)
        if room.step < 0:
            room.param.update(step=step, direction=direction.value, power=commodity.value)
        self._step = step_state(day.n_steps, min(room.step, day.n_steps - 1))
        self._steps = StepRows(sizing_mode="stretch_width")
        self._figures = KeyFigures([])
        self._job = JobBar(self._on_cancel)
        self._dialog = ConfirmDialog()
        self._pass = pmu.Button(label="", variant="contained", on_click=self._on_pass, margin=4)
        self._retry = pmu.Button(label="Clear again", variant="contained", on_click=self._on_retry, margin=4)
        self.themes = Themes(context.theme)
        self._book = BookTab(room, self._step, self.themes)
        self._result = ResultTab(room, WAITING)
        self._rules = RulesTab(context, room)
        self._prices = PricesTab(room, self._step, self.themes)
        self._grid = GridTab(room, self._step, self.themes)
        self._tabs = tabs(
            (TABS["book"], self._book.view()),
            (TABS["rules"], self._rules.view),
            (TABS["result"], self._result.view),
            (TABS["prices"], self._prices.view),
            (TABS["grid"], self._grid.view),
            active=list(TABS).index(room.tab),
        )
        self.draw()
        self._tabs.param.watch(self._on_tab, "active")
        context.live.subscribe(self._on_news, {news.GRID, news.PRICES, news.CLOCK, news.TRADING})
        context.live.subscribe(self._on_job, {news.JOBS})

    @property
    def themed(self) -> list[Themes]:
        return [self.themes]

    def main(self) -> list[Any]:
        actions = pn.Row(pn.HSpacer(), self._pass, self._retry, margin=0)
        return [
            panel("Session", self._steps, self._job.view, tools=[pn.HSpacer(), actions]),
            self._figures.view,
            self._tabs,
            self._dialog.view,
        ]

    def draw(self) -> None:
        """Everything shown, from the state."""
        room, shell = self._room, self._room.shell()
        gate, state = room.gate_to_pass(), room.row.session.state
        self._steps.show([session_steps(room.row)], shell.market_now, shell.clock.speed)
        self._figures.show(_key_figures(room))
        self._pass.visible = gate is not None
        if gate is not None:
            self._pass.label = BY_HAND[gate.kind][0]
        self._retry.visible = state is SessionState.NOT_CLEARED
        self._draw_job()
        for tab in (self._book, self._rules, self._result, self._prices, self._grid):
            tab.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self._room.refresh()
        self.draw()

    def _on_job(self, _topic: str, _value: object) -> None:
        self._room.refresh_job()
        self._draw_job()

    def _draw_job(self) -> None:
        """The clearing while there is something to say: not once it is done."""
        job = self._room.job
        self._job.show(None if job is None or job.state is JobState.DONE else job_model(job, "Clearing"))

    def _on_tab(self, event: Any) -> None:
        self._room.tab = list(TABS)[event.new]

    def _on_pass(self, _event: object) -> None:
        gate = self._room.gate_to_pass()
        if gate is not None:
            label, question, consequence, done = BY_HAND[gate.kind]
            self._dialog.ask(
                question, consequence, label, lambda: self._do(lambda: self._room.pass_gate(gate), done)
            )

    def _on_retry(self, _event: object) -> None:
        self._do(self._room.retry, "The clearing has started again.")

    def _on_cancel(self) -> None:
        self._do(self._room.cancel_job, "The clearing is cancelled.")

    def _do(self, action: Callable[[], None], done: str) -> None:
        attempt(self._context, action, done)


def _key_figures(room: SessionRoom) -> list[KeyFigure]:
    row = room.row
    return [
        volume("Requested", row.requested_mwh, row.requested_mvarh, count(row.n_requests, "request")),
        volume("Offered", row.offered_mwh, row.offered_mvarh, count(row.n_offers, "offer")),
        *result_figures(room),
    ]


def _build(context: PageContext) -> Content:
    room = SessionRoom(context.desk)
    context.location.sync(room, LINK)
    filling = Filling(
        context,
        {news.MARKET},
        refresh=room.refresh,
        shape=lambda: room.row.session.id if room.row is not None else None,
        build=lambda seen: RoomPage(seen, room),
        empty=_empty,
    )
    return filling.content()


def _empty() -> Any:
    overview = pmu.Button(label="Market overview", href="/fmo", variant="outlined")
    hint = "Choose one in the market overview. Without a choice this page fills with the first that is planned."
    return panel("Session", empty_state("There is no such session.", hint, overview))


PAGES = (
    Page(path="/fmo/session", title="Session room", nav="Session", roles=frozenset({Role.FMO}), build=_build),
)
