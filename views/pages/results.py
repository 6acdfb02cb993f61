"""Results for whoever a session is about: awards, explanations, prices at buses, and the proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn

from domain.parties import Role
from domain.time import DeliveryDay
from views import news
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import choice, offer_choices
from views.pages.filling import Filling
from views.pages.later import in_turn
from views.pages.session_exchange import ExchangePart
from views.pages.session_figures import result_figures
from views.pages.session_prices import PricesTab
from views.pages.session_result import ResultTab
from views.pages.themes import Themes
from views.plots.step import step_state
from views.state.session_prices import spread
from views.state.session_result import ResultRoom
from views.widgets import KeyFigure, KeyFigures, empty_state, panel, tabs

LINK = {"id": "session", **{key: key for key in ("tab", "bus", "commodity", "part", "other", "step", "offer")}}
SEES_EXCHANGE = frozenset({Role.TSO})
"""Who is told what flows at the coupling point instead of awards and payments."""
TABS = {"result": "Outcome and proof", "prices": "Prices"}
WAITING = {
    "planned": "The session has not opened.",
    "open": "The clearing follows after the gate has closed.",
    "clearing": "The clearing is running.",
    "cleared": "The session is cleared; the result is published at its gate.",
    "not cleared": "The clearing gave no result. The market operator is informed.",
}


class ResultsPage:
    """Figures on top, then the result and its prices as tabs. `on_session(id)` when another one is chosen."""

    def __init__(self, context: PageContext, room: ResultRoom, on_session: Callable[[str], None]) -> None:
        self._room, self._on_session = room, on_session
        self._day = DeliveryDay(day=room.row.session.delivery_day)
        self._step = step_state(self._day.n_steps, self._first_step())
        self._session = choice("Session", self._on_choice, width=300)
        self._session.margin = (14, 8, 4, 4)
        self._figures = KeyFigures([])
        self._themes = Themes(context.theme)
        self._result = ResultTab(room, WAITING)
        self._prices = PricesTab(room, self._step, self._themes)
        self._exchange = None
        if context.principal.role in SEES_EXCHANGE:
            self._exchange = ExchangePart(room, self._step, context.theme)
            self._themes.add(self._exchange.chart)
        self._tabs = tabs(
            (TABS["result"], self._outcome()),
            (TABS["prices"], self._prices.view),
            active=list(TABS).index(room.tab),
        )
        self.draw()
        self._tabs.param.watch(in_turn(self._on_tab), "active")

    @property
    def themed(self) -> list[Themes]:
        return [self._themes]

    def main(self) -> list[Any]:
        return [self._session, self._figures.view, self._tabs]

    def _outcome(self) -> Any:
        above = [] if self._exchange is None else [self._exchange.view]
        return pn.Column(*above, self._result.view, sizing_mode="stretch_width", margin=0)

    def draw(self) -> None:
        """Everything shown, from the state."""
        room = self._room
        names = {f"{row.region.name}, {row.session.delivery_day:%a %d %b %Y}": row.session.id for row in room.rows}
        offer_choices(self._session, names, room.id)
        session = room.row.session
        about = KeyFigure(
            "Session", room.row.region.name, "", f"{session.delivery_day:%a %d %b %Y}, {session.state.value}"
        )
        self._figures.show([about, *result_figures(room)])
        self._result.draw()
        self._prices.draw()
        if self._exchange is not None:
            self._exchange.draw()

    def _first_step(self) -> int:
        """The link's step, else where prices are farthest from energy's, else noon."""
        room, n_steps = self._room, self._day.n_steps
        if not 0 <= room.step < n_steps:
            known = room.prices is not None and room.prices.bus_ids
            room.step = int(np.argmax(spread(room.prices.p))) if known else n_steps // 2
        return room.step

    def _on_choice(self, event: Any) -> None:
        if event.new and event.new != self._room.id:
            self._on_session(event.new)

    def _on_tab(self, event: Any) -> None:
        self._room.tab = list(TABS)[event.new]


def _build(context: PageContext) -> Content:
    room = ResultRoom(context.desk)
    context.location.sync(room, LINK)

    def go_to(session_id: str) -> None:
        room.param.update(id=session_id, bus="", step=-1)
        filling.again()

    filling = Filling(
        context,
        {news.MARKET, news.GRID},
        refresh=room.refresh,
        shape=lambda: room.row.session.id if room.row is not None else None,
        build=lambda seen: ResultsPage(seen, room, go_to),
        empty=_empty,
    )
    return filling.content()


def _empty() -> Any:
    hint = "This page fills when the market operator plans a session."
    return panel("Results", empty_state("There is no such session.", hint))


_ROLES = frozenset({Role.DSO, Role.TSO, Role.ESP, Role.AGGREGATOR})

PAGES = (Page(path="/results", title="Results", nav="Results", roles=_ROLES, build=_build),)
