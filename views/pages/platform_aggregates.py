"""A provider's own values as aggregates: what requesters of aggregated data get, and what they do not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.errors import Refused
from domain.marketplace.words import AggregationLevel, AggregationMethod, Quantity, TimeStep
from domain.parties import Role
from domain.platform.series import AggregateSeries
from domain.time import market_day
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import align_right, whole_on_hover
from views.pages.later import in_turn
from views.pages.platform_readings import SeriesChart
from views.pages.themes import Themes
from views.plots.book import Column
from views.state.platform_aggregates import (
    LEVELS,
    METHODS,
    AggregatesState,
    aggregate_record,
    aggregated,
    floats,
    labels,
    picked,
    value_rows,
)
from views.state.platform_values import QUANTITIES, STEPS
from views.state.spans import by_field
from views.widgets import Book, Problem, ProblemList, csv_button, empty_state, panel
from views.widgets.tables import Record

AGGREGATES = (
    Column("name", "Aggregate", min_px=220),
    Column("n_pods", "Points", "count", width_px=90),
    Column("n_values", "Values", "count", width_px=90),
    Column("hidden", "Not told", "count", width_px=100),
    Column("total", "Sum", width_px=160),
)
VALUES = (
    Column("local", "Local time", "time", width_px=110),
    Column("value", "Value", width_px=120),
    Column("unit", "", width_px=70),
    Column("n_pods", "Points", "count", width_px=90),
    Column("start_utc", "UTC", min_px=150),
)
_LOOK: dict[str, Any] = {"size": "small", "margin": (6, 12), "sizing_mode": "stretch_width"}
_RULES = {"localisation": "places", "time_step": "step", "method": "method", "level": "level", "start": "day"}
_SIDE_PX = 320


class AggregatesPage:
    """Aggregates and the picked one's values at the left, the question at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = AggregatesState()
        context.location.sync(self.state, {"level": "level", "group": "group", "day": "day"})
        self.themes = Themes(context.theme)
        self._found: tuple[AggregateSeries, ...] = ()
        day = _day(self.state.day) or market_day(context.market_now()) - timedelta(days=1)
        level = self.state.level if self.state.level in LEVELS.values() else AggregationLevel.CITY
        self.fields: dict[str, Any] = {
            "level": pmu.Select(label="Level", options=dict(LEVELS), value=AggregationLevel(level), **_LOOK),
            "method": pmu.Select(label="Method", options=dict(METHODS), value=AggregationMethod.SUM, **_LOOK),
            "quantity": pmu.Select(label="Quantity", options=QUANTITIES, value=Quantity.CONSUMPTION, **_LOOK),
            "step": pmu.Select(label="Values for", options=STEPS, value=TimeStep.HOUR, **_LOOK),
            "day": pmu.DatePicker(label="Day", value=day, **_LOOK),
            "places": pmu.TextInput(label="Places, such as DE/Bremen; empty for all", value="", **_LOOK),
        }
        self.problems = ProblemList(self.fields)
        self._book = Book(AGGREGATES, on_pick=self._on_pick)
        self._values = Book(VALUES)
        whole_on_hover(self._book, "name")
        align_right(self._book, "total")
        align_right(self._values, "value")
        self._chart = SeriesChart(self.themes, "Aggregate")
        self._none = empty_state(
            "Nothing can be told here.",
            "There are no values of that day, or each aggregate is of too few points of delivery.",
        )
        self._rest = panel(
            "The aggregate that is picked",
            self._chart.view,
            self._values.view,
            tools=[pn.HSpacer(), csv_button("aggregate.csv", self._values.csv)],
        )
        self.draw()
        for field in self.fields.values():
            field.param.watch(in_turn(self._on_asked), "value")
        context.live.subscribe(self._on_news, {news.PLATFORM})

    def main(self) -> list[Any]:
        book = panel(
            "Aggregates of your points of delivery",
            self._none,
            self._book.view,
            tools=[pn.HSpacer(), csv_button("aggregates.csv", self._book.csv)],
        )
        form = panel("Which", *(self.problems.beside(name) for name in self.fields), self.problems.view)
        left = pn.Column(book, self._rest, sizing_mode="stretch_width", margin=0)
        return [pn.Row(left, pn.Column(form, width=_SIDE_PX, margin=0), sizing_mode="stretch_width", margin=0)]

    def draw(self) -> None:
        """Ask again and show; a refusal stands at its field and leaves nothing of before."""
        value = {name: field.value for name, field in self.fields.items()}
        try:
            self._found = aggregated(
                self._context.desk,
                level=value["level"],
                method=value["method"],
                quantity=value["quantity"],
                step=value["step"],
                day=value["day"],
                places=value["places"] or "",
            )
            self.problems.show([])
        except Refused as refused:
            self._found = ()
            self.problems.show([Problem(*found) for found in by_field(refused.findings, _RULES)])
        show_fitted(self._book, [aggregate_record(one) for one in self._found], most_px=320)
        self._book.view.visible, self._none.visible = bool(self._found), not self._found
        self._show_picked()

    def _show_picked(self) -> None:
        one = picked(self._found, self.state.group)
        self._rest.visible = one is not None
        if one is None:
            self._chart.clear()
            return
        self._book.mark("name", one.name)
        self._chart.show(labels(one), floats(one), one.quantity.unit)
        show_fitted(self._values, value_rows(one), most_px=320)

    def _on_pick(self, record: Record) -> None:
        self.state.group = record["name"]
        self._show_picked()

    def _on_asked(self, _event: Any) -> None:
        if self.fields["day"].value is not None:
            self.state.day = self.fields["day"].value.isoformat()
            self.state.level = self.fields["level"].value.value
            self.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _build(context: PageContext) -> Content:
    page = AggregatesPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))


PAGES = (
    Page(
        path="/platform/aggregates",
        title="Aggregates",
        nav="Aggregates",
        roles=frozenset({Role.PROVIDER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
