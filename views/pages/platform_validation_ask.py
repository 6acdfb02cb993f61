"""A requester composes a question of technical validation: draw the power, name the load area, ask."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmu

from domain.errors import Refused
from domain.parties import Role
from domain.time import DeliveryDay
from views import news
from views.pages.context import Content, Page, PageContext, Side
from views.pages.dso_parts import link_button
from views.pages.later import in_turn
from views.pages.themes import Themes
from views.plots.quantity import QuantityDay, QuantityPlot, quantity_plot
from views.state.common import step_labels
from views.state.platform_validations import (
    ValidationsState,
    asked_of,
    most_of,
    question,
    shown_day,
    validations_facts,
)
from views.state.spans import by_field
from views.widgets import Problem, ProblemList, empty_state, figure_pane, panel, text, toggles
from views.widgets.markup import html_pane, tag

_LOOK: dict[str, Any] = {"size": "small", "margin": (6, 12), "sizing_mode": "stretch_width"}
_RULES = {
    "subscription_id": "subscription_id",
    "start": "day",
    "end": "day",
    "delivery_day": "day",
    "curve": "curve",
    "load_area": "load_area",
    "most": "most",
}
NAMES = ("Proposed power", "Room of the chart", "", "")
HINT = "Drag across to draw. Or set an even power from one quarter hour to another at the right."
_AREA = "A bus or a feeder each line; with several, each with its share in percent, such as Feeder 3; 60"
_SIDE_PX = 380


class AskPage:
    """The chart at the left; whom, when, where and the button at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = ValidationsState()
        context.location.sync(self.state, {"subscription": "subscription", "day": "day"})
        self.themes = Themes(context.theme)
        self._power = np.zeros(0)
        self._chart: QuantityPlot | None = None
        self._drawn = pn.Column(sizing_mode="stretch_width", margin=0)
        self.subscription = pmu.Select(label="DSO", options={}, **_LOOK)
        day = shown_day(self.state.day, context.market_now())
        self.day = pmu.DatePicker(label="Delivery day", value=day, **_LOOK)
        self.sign = toggles(
            "Direction", options={"More injection": 1, "Less injection": -1}, value=1, margin=(6, 12)
        )
        self.most = pmu.TextInput(label="Top of the chart, MW", value="1", **_LOOK)
        self.first = pmu.Select(label="From", options={}, **_LOOK)
        self.last = pmu.Select(label="Until", options={}, **_LOOK)
        self.even = pmu.TextInput(label="Power, MW", value="", **_LOOK)
        self.set = pmu.Button(label="Set", variant="outlined", on_click=in_turn(self._on_set), margin=(10, 12))
        self.clear = pmu.Button(label="Clear", variant="text", on_click=in_turn(self._on_clear), margin=(10, 0))
        self.area = pmu.TextAreaInput(label="Load area", rows=3, max_length=20_000, **_LOOK)
        self._curve = html_pane(tag("p", HINT, class_="text muted"), margin=(0, 12))
        fields = {
            "subscription_id": self.subscription,
            "day": self.day,
            "most": self.most,
            "curve": self._curve,
            "even": self.even,
            "load_area": self.area,
        }
        self.problems = ProblemList(fields)
        self.ask = pmu.Button(label="Ask", variant="contained", icon="send", on_click=in_turn(self._on_ask))
        self._none = empty_state(
            "There is no DSO to ask.",
            "Subscribe to a DSO's service on the EU Market Place first; its platform then answers here.",
            link_button("Subscriptions", "/platform/subscriptions"),
        )
        self._form = pn.Row(sizing_mode="stretch_width", margin=0)
        self._fit(day)
        for widget, react in ((self.day, self._on_day), (self.most, self._on_most)):
            widget.param.watch(in_turn(react), "value")
        self.draw()
        context.live.subscribe(self._on_news, {news.PLATFORM, news.CLOCK})

    def main(self) -> list[Any]:
        beside = self.problems.beside
        chart = panel("Proposed power", self._drawn, beside("curve"), tools=[pn.HSpacer(), self.sign])
        even = (pn.Row(self.first, self.last, margin=0), beside("even"), pn.Row(self.set, self.clear, margin=0))
        form = panel(
            "Question",
            beside("subscription_id"),
            beside("day"),
            beside("most"),
            *even,
            beside("load_area"),
            text(_AREA, "muted", margin=(0, 12)),
            self.problems.view,
            pn.Row(self.ask, margin=(8, 12, 12, 12)),
        )
        left = pn.Column(chart, sizing_mode="stretch_width", margin=0)
        self._form[:] = [left, pn.Column(form, width=_SIDE_PX, margin=0)]
        return [self._none, self._form]

    def draw(self) -> None:
        """Ask whom can be asked; what somebody has drawn stays."""
        options = asked_of(validations_facts(self._context.desk, ""))
        kept = self.subscription.value or self.state.subscription
        value = kept if kept in options.values() else next(iter(options.values()), None)
        self.subscription.param.update(options=options, value=value)
        self._none.visible, self._form.visible = not options, bool(options)

    def _fit(self, day: date) -> None:
        """Chart and choices for a day of its length."""
        labels = step_labels(DeliveryDay(day=day))
        if self._chart is not None and list(self._chart.labels) == labels:
            return
        if self._chart is not None:
            self.themes.drop(self._chart)
        self._power = np.zeros(len(labels))
        self._chart = quantity_plot(self._shape(), labels, names=NAMES, theme=self.themes.name, height_px=360)
        self._chart.on_drawn(self._on_drawn)
        self.themes.add(self._chart)
        self._drawn[:] = [figure_pane(self._chart.figure)]
        middle = len(labels) // 2
        self.first.param.update(options={label: k for k, label in enumerate(labels)}, value=middle)
        ends = {label: k for k, label in enumerate([*labels[1:], "24:00"])}
        self.last.param.update(options=ends, value=middle + 3)

    def _shape(self) -> QuantityDay:
        try:
            most = float(most_of(self.most.value or ""))
        except Refused:
            most = 1.0
        return QuantityDay(quantity=np.minimum(self._power, most), room=np.full(len(self._power), most))

    def _on_drawn(self, power: Any) -> None:
        self._power = np.asarray(power, float)

    def _on_day(self, event: Any) -> None:
        if event.new is None:
            return
        self.state.day = event.new.isoformat()
        try:
            self._fit(event.new)
        except Refused as refused:
            self._refused(refused)

    def _on_most(self, _event: Any) -> None:
        try:
            most_of(self.most.value or "")
        except Refused as refused:
            self._refused(refused)
            return
        self.problems.show([])
        shape = self._shape()
        self._power = np.asarray(shape.quantity, float)
        if self._chart is not None:
            self._chart.show(shape)

    def _on_set(self, _event: Any) -> None:
        try:
            power = float(most_of(self.even.value or ""))
        except Refused as refused:
            self.problems.show([Problem("even", finding.sentence) for finding in refused.findings])
            return
        self.problems.show([])
        self._power = self._power.copy()
        self._power[self.first.value : self.last.value + 1] = power
        if power > float(self._shape().room[0]):  # type: ignore[index]
            self.most.value = self.even.value
        self._redraw()

    def _on_clear(self, _event: Any) -> None:
        self._power = np.zeros(len(self._power))
        self._redraw()

    def _redraw(self) -> None:
        if self._chart is not None:
            self._chart.show(self._shape())

    def _on_ask(self, _event: Any) -> None:
        try:
            if self.day.value is None:
                self.problems.show([Problem("day", "Choose a day.")])
                return
            command = question(
                self.subscription.value or "",
                self.day.value,
                list(self._power),
                self.sign.value,
                self.area.value or "",
            )
            asked = self._context.desk.do(command)
        except Refused as refused:
            self._refused(refused)
            return
        self.problems.show([])
        self._context.notify(
            f"The DSO is asked ({asked.request_id}); its answer comes to your validations.", "success"
        )

    def _refused(self, refused: Refused) -> None:
        self.problems.show([Problem(*found) for found in by_field(refused.findings, _RULES)])

    def _on_news(self, _topic: str, _value: object) -> None:
        self.draw()


def _build(context: PageContext) -> Content:
    page = AskPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,))


PAGES = (
    Page(
        path="/platform/validations/ask",
        title="Ask for technical validation",
        nav="",
        roles=frozenset({Role.REQUESTER}),
        build=_build,
        side=Side.PLATFORM,
    ),
)
