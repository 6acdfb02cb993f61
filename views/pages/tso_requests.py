"""The TSO's answers to the requests of the DSOs below it: accept, hold, ask for a change."""

from __future__ import annotations

from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import ReviewRequest, Verdict
from domain.errors import Refused
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexRequest
from domain.lifecycle import RequestState, ReviewState
from domain.units import energy_mwh, total
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, PageContext
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.pages.filling import Filling
from views.pages.later import in_turn
from views.plots.book import Column, state_text
from views.plots.day_series import Curve, DaySeriesPlot, day_series
from views.state.common import count, floats, number, step_labels
from views.state.spans import by_field
from views.state.tso_requests import EFFECTS, TsoRequests, record
from views.widgets import (
    Book,
    KeyFigure,
    KeyFigures,
    ProblemList,
    csv_button,
    empty_state,
    figure_pane,
    panel,
    text,
)
from views.widgets.forms import Problem

LINK = {key: key for key in ("day", "region", "review", "request")}
COLUMNS = (
    Column("review", "Your answer", "state", width_px=192),
    Column("state", "State", "state", width_px=104),
    Column("region", "Region", min_px=130),
    Column("coupling", "Coupling point", min_px=110),
    Column("point", "Congestion point", min_px=164),
    Column("power", "Power", width_px=70),
    Column("direction", "Direction", width_px=78),
    Column("span", "From–to", width_px=104),
    Column("peak_mw", "Peak, MW|Mvar", "mw", width_px=112),
    Column("energy_mwh", "MWh|Mvarh", "mw", width_px=98),
    Column("cap", "Cap, EUR/MWh|Mvarh", "price", width_px=150),
    Column("note", "Your note", min_px=90),
    Column("span_utc", "UTC"),
)
LABELS = {Verdict.ACCEPT: "Accept", Verdict.HOLD: "Hold", Verdict.ASK_CHANGE: "Ask for a change"}
DONE = {
    Verdict.ACCEPT: "The request is accepted.",
    Verdict.HOLD: "The request is held: it is left out of the clearing.",
    Verdict.ASK_CHANGE: "The DSO is asked for a change.",
}
_CURVES = (Curve(key="asked", label="Asked, up positive", mark="bar", tone="primary"),)


class RequestsPage:
    """All requests of a day on top; the chosen one's day and the answer under them."""

    def __init__(self, context: PageContext, state: TsoRequests, refresh: Any) -> None:
        self._context, self.state, self._refresh = context, state, refresh
        small: dict[str, Any] = {"size": "small", "margin": (0, 6)}
        reviews = {"All": ""} | {review.value: review.value for review in ReviewState}
        self._day = pmu.Select(label="Day", options=list(state.days), width=140, **small)
        self._region = pmu.Select(label="Region", options={}, width=170, **small)
        self._review = pmu.Select(label="Your answer", options=reviews, width=200, **small)
        self._figures = KeyFigures([])
        self._book = Book(COLUMNS, on_pick=self._on_pick)
        utc_on_hover(self._book, "span")
        whole_on_hover(self._book, "note")
        self._none = text("No request passes these filters.", "muted", margin=(4, 12, 12, 12))
        self._chart = day_series(_CURVES, step_labels(state.delivery_day), "MW", places=3, theme=context.theme)
        self._about = text("", margin=(4, 12))
        self._note = pmu.TextInput(
            label="Note for the DSO, needed to hold or to ask for a change", max_length=400, size="small",
            margin=(4, 12), sizing_mode="stretch_width",
        )  # fmt: skip
        self._problems = ProblemList({"note": self._note})
        self._buttons = {
            verdict: pmu.Button(
                label=LABELS[verdict],
                variant="contained" if verdict is Verdict.ACCEPT else "outlined",
                disabled=True,
                on_click=in_turn(partial(self._on_verdict, verdict)),
            )
            for verdict in Verdict
        }
        self.draw()
        for key, widget in (("day", self._day), ("region", self._region), ("review", self._review)):
            widget.param.watch(in_turn(lambda event, key=key: self._on_filter(key, event.new)), "value")

    @property
    def themed(self) -> list[DaySeriesPlot]:
        return [self._chart]

    def main(self) -> list[Any]:
        tools = [
            pn.HSpacer(),
            self._review,
            self._region,
            self._day,
            csv_button(f"tso-requests-{self.state.day}.csv", self._book.csv),
        ]
        effects = [
            text(f"{LABELS[verdict]}: {words}", "muted", margin=(2, 12)) for verdict, words in EFFECTS.items()
        ]
        answer = panel(
            "Your answer, until the gate closes",
            self._about,
            self._problems.beside("note"),
            self._problems.view,
            pn.Row(*self._buttons.values(), margin=(4, 12)),
            *effects,
        )
        answer.param.update(sizing_mode=None, width=520)
        chart = panel("Asked over the day", figure_pane(self._chart.figure))
        listed = panel("Requests below your grid", self._none, self._book.view, tools=tools)
        return [self._figures.view, listed, pn.Row(chart, answer, sizing_mode="stretch_width", margin=0)]

    def draw(self) -> None:
        """Everything shown, from the state."""
        state = self.state
        self._day.param.update(options=list(state.days), value=state.day)
        self._region.param.update(options={"All": ""} | state.regions, value=state.region)
        self._review.value = state.review
        records = [record(request, state.sessions, state.coupling) for request in state.shown]
        show_fitted(self._book, records, most_px=330)
        self._book.mark("request_id", state.request)
        self._book.view.visible, self._none.visible = bool(records), not records
        self._figures.show(figures(state))
        self._draw_chosen()

    def _draw_chosen(self) -> None:
        request = self.state.chosen
        for verdict, button in self._buttons.items():
            button.disabled = not self.state.allowed(verdict)
        if request is None:
            self._about.object = text("Pick a request in the table.", "muted").object
            self._chart.show({})
            return
        words = f"{request.congestion_point}: {state_text(request.review.value)}."
        if request.review_note:
            words += f" Your note: {request.review_note}"
        named = [row.point.name for row in self.state.points if set(row.buses) & set(request.buses)]
        if named:
            words += f" In the congested region {', '.join(named)}."
        if self.state.matched:
            words += " The session is continuous: requests are matched as they come, so none can be held."
        self._about.object = text(words).object
        sign = 1 if request.direction.value == "up" else -1
        self._chart.figure.yaxis.axis_label = request.commodity.units.power
        self._chart.show({"asked": sign * floats(request.quantity_mw)})

    def _on_filter(self, key: str, value: Any) -> None:
        if value is not None and value != getattr(self.state, key):
            setattr(self.state, key, value)
            self._refresh()

    def _on_pick(self, picked: Any) -> None:
        self.state.request = picked["request_id"]
        self._problems.show([])
        self._draw_chosen()

    def _on_verdict(self, verdict: Verdict, _event: Any) -> None:
        request = self.state.chosen
        if request is None:
            return
        command = ReviewRequest(request_id=request.id, verdict=verdict, note=self._note.value)
        try:
            self._context.desk.do(command)
        except Refused as refused:
            self._problems.show([Problem(*found) for found in by_field(refused.findings, {"note": "note"})])
            return
        self._problems.show([])
        self._note.value = ""
        self._context.notify(DONE[verdict], "success")
        self._refresh()


def figures(state: TsoRequests) -> list[KeyFigure]:
    """The day's requests that stand, and how many have which answer."""
    live = [request for request in state.all if request.state is not RequestState.WITHDRAWN]
    of = {review: sum(request.review is review for request in live) for review in ReviewState}
    waiting, held = of[ReviewState.NONE], of[ReviewState.HELD]
    return [
        KeyFigure("Requests", str(len(live)), "", count(len(state.regions), "region")),
        KeyFigure("Not reviewed", str(waiting)),
        KeyFigure("Accepted", str(of[ReviewState.ACCEPTED])),
        KeyFigure(
            "Held", str(held), "", "left out of the clearing" if held else "", "watch" if held else "normal"
        ),
        KeyFigure("Change asked", str(of[ReviewState.CHANGE_ASKED])),
        KeyFigure("Requested", number(_mwh(live)), "MWh", "up and down, active power"),
    ]


def _mwh(requests: list[FlexRequest]) -> Any:
    return total([energy_mwh(r.quantity_mw) for r in requests if r.commodity is Commodity.P])


def build(context: PageContext) -> Content:
    state = TsoRequests(context.desk)
    context.location.sync(state, LINK)
    filling = Filling(
        context,
        {news.MARKET, news.GRID},
        refresh=state.refresh,
        shape=lambda: state.day or None,
        build=lambda seen: RequestsPage(seen, state, lambda: filling.again()),
        empty=_empty,
    )
    return filling.content()


def _empty() -> Any:
    hint = "This page fills when the market operator plans a session."
    return panel("Requests", empty_state("No session is planned below your grid.", hint))
