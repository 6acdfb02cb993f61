"""The DSO's control room: key figures, the grid over the day, alarms and needs, and one element's day."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import DayState, GridView, ListAlarms, WhatIfView
from domain.commands import CancelJob
from views import news
from views.pages.context import Content, PageContext
from views.pages.dso_alarms import LIST_PX, AlarmList
from views.pages.dso_day import NO_REGION, DayChoice
from views.pages.dso_element import ElementPanel
from views.pages.dso_figures import key_figures
from views.pages.dso_parts import (
    align_right,
    attempt,
    job_model,
    link_button,
    template,
    utc_on_hover,
)
from views.pages.dso_scene import GridScene
from views.pages.later import in_turn
from views.pages.themes import Themes
from views.plots.book import Column
from views.shell import Key
from views.state.dso_facts import MarketFacts, Place, grid_view, market_facts
from views.state.dso_room import (
    Element,
    RoomState,
    element_of,
    first_choice,
    first_overlay,
    need_records,
    worst_steps,
)
from views.widgets import Book, JobBar, KeyFigures, csv_button, empty_state, panel, tabs, text

NEED_COLUMNS = (
    Column("need", "Need", width_px=92),
    Column("element", "Element", min_px=122),
    Column("zone", "Zone", min_px=122),
    Column("span", "From–to", width_px=102),
    Column("worst", "Worst", width_px=84),
    Column("limit", "Limit", width_px=76),
    Column("severity", "Severity"),
    Column("span_utc", "From–to, UTC"),
)
STEP_COLUMNS = (
    Column("time", "At", "time", width_px=70),
    Column("element", "Worst element", min_px=140),
    Column("value", "Value", width_px=92),
    Column("n", "Elements beyond", "count", width_px=130),
    Column("time_utc", "At, UTC"),
)
_NEED = '<span style="color:var(--fd-<%- severity %>-text);font-weight:600"><%- value %></span>'
"""Symbol and kind in the colour of the severity, which is one of our own words."""
KEYS = (Key("Space", "Play or stop the day"),)


class ControlRoom:
    """Lays out the room and keeps it up with the market."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = RoomState()
        self._where = DayChoice(
            context,
            self.state,
            ("region_id", "day", "step", "element", "overlay", "moment", "requests", "contour", "outage"),
            self.refresh,
            by_region={"step": -1, "element": "", "outage": ""},
            by_day={"step": -1, "moment": "before", "outage": ""},
        )
        self.themes = Themes(context.theme)
        self._here: Place | None = None
        self._view: GridView | None = None
        self._facts = MarketFacts(requests=(), offers=None, result=None)
        self._scene: GridScene | None = None
        self._scene_of: object = None
        self._strip = KeyFigures([])
        self._job = JobBar(in_turn(self._on_cancel))
        self.alarms = AlarmList(context, self._on_need)
        self._needs = Book(NEED_COLUMNS, height_px=LIST_PX, on_pick=self._on_need)
        utc_on_hover(self._needs, "span")
        template(self._needs, "need", _NEED, needs="severity")
        align_right(self._needs, "worst", "limit")
        self._no_needs = text("No element passes a limit on this day.", "muted", margin=(4, 12, 12, 12))
        self._steps = Book(STEP_COLUMNS, height_px=LIST_PX + 31, on_pick=self._on_need)
        utc_on_hover(self._steps, "time")
        align_right(self._steps, "value")
        self._no_steps = text("No quarter hour passes a limit.", "muted", margin=(8, 12))
        self.element = ElementPanel(context, self.state, self.themes, self._on_outage, self._on_need)
        self._requests = link_button("Turn needs into requests", "/dso/requests")
        self._lists = self._lay_out_lists()
        self._body = pn.Column(margin=0)
        self.refresh()
        self.state.param.watch(self._on_moment, "moment")
        context.live.subscribe(self._on_news, {news.MARKET, news.GRID, news.JOBS})
        context.live.subscribe(self._on_alarms, {news.ALARMS})

    def main(self) -> list[Any]:
        return [self._strip.view, self._job.view, self._body, self.alarms.dialog]

    def _lay_out_lists(self) -> pmu.Tabs:
        csv = csv_button("needs.csv", self._needs.csv)
        tools = pn.Row(pn.HSpacer(), csv, sizing_mode="stretch_width", margin=(0, 8))
        needs = pn.Column(tools, self._no_needs, self._needs.view, sizing_mode="stretch_width", margin=0)
        steps = pn.Column(self._no_steps, self._steps.view, sizing_mode="stretch_width", margin=0)
        return tabs(("Alarms", self.alarms.view), ("Needs", needs), ("Worst steps", steps))

    @property
    def _chart(self) -> Any:
        return self.element.chart

    def refresh(self) -> None:
        """Ask again and show what has changed."""
        door = self._context.desk
        self._here = here = self._where.find()
        if here is None:
            self._empty(*NO_REGION)
            return
        self._view = grid_view(door, here)
        self._facts = market_facts(door, here.row)
        self._show_alarms()
        job = self._view.computing if self._view else None
        self._job.show(job_model(job, f"Needs of {here.day:%d %b %Y}"))
        if self._view is None or self._view.before is None:
            self._show_missing(here)
        else:
            self._show_room(here, self._view, self._view.before)

    def _show_alarms(self) -> None:
        if self._here is None:
            return
        query = ListAlarms(region_id=self._here.region.id, delivery_day=self._here.day)
        self.alarms.show(self._context.desk.ask(query))

    def _show_missing(self, here: Place) -> None:
        go = link_button("Go to data", f"/dso/data{here.link}", icon="upload")
        if self._view is None:
            self._empty(
                f"{here.region.name} has no network yet.", "Upload it as a JSON file on the data page.", go
            )
        elif self._view.computing is not None:
            self._empty("The needs of this day are being computed.", "The map appears here when they are there.")
        else:
            what = f"There are no schedules for {here.day:%a %d %b %Y} yet."
            self._empty(what, "Upload the day's schedules as CSV on the data page.", go, self._where.day)

    def _empty(self, what: str, then: str, *actions: Any) -> None:
        self._scene = self._scene_of = None
        self._strip.show([])
        self._strip.view.visible = False
        self._body[:] = [panel("Control room", empty_state(what, then, *actions))]

    def _show_room(self, here: Place, view: GridView, before: DayState) -> None:
        key = (here.day, view.grid.drawn)
        if self._scene is None or self._scene_of != key:
            self._build(here, view, before)
            self._scene_of = key
        else:
            self._scene.show(before, view.after)
        self._draw()

    def _build(self, here: Place, view: GridView, before: DayState) -> None:
        if self._scene is not None:
            self.themes.drop(*self._scene.themed)
        self.state.overlay = self.state.overlay or first_overlay(before)
        self._scene = scene = GridScene(
            view.grid, before, view.after, here.delivery, self.state, self.themes.name, self._on_pick
        )
        element = element_of(self.state.element, view.grid) or first_choice(before, view.grid)
        self.state.element = element.key
        self.themes.add(*scene.themed)
        self.element.build(here, view, self._facts, element, scene.step)
        scene.select(element)
        self._requests.href = f"/dso/requests{here.link}"
        what_if = link_button("What if…", f"/dso/what-if{here.link}", "outlined")
        lists = panel("What asks for you", self._lists, tools=[pn.HSpacer(), what_if, self._requests])
        right = pn.Column(lists, self.element.view, margin=0)
        left = pn.Column(scene.view(self._where.region, self._where.day), margin=0)
        left.styles, right.styles = {"flex": "56 1 0", "min-width": "0"}, {"flex": "44 1 0", "min-width": "0"}
        self._body[:] = [pn.Row(left, right, margin=0)]

    def _draw(self) -> None:
        here, view, scene = self._here, self._view, self._scene
        if here is None or view is None or scene is None:
            return
        scene.show_market(self._facts.prices, self._facts.live_requests)
        records = need_records(scene.shown.needs, here.delivery)
        self._needs.show(records)
        self._needs.view.visible, self._no_needs.visible = bool(records), not records
        steps = worst_steps(scene.shown, view.grid, here.delivery)
        self._steps.show(steps)
        self._steps.view.visible, self._no_steps.visible = bool(steps), not steps
        self._strip.view.visible = True
        self._strip.show(key_figures(here, view, scene.shown, self._facts))
        element = element_of(self.state.element, view.grid)
        if element is not None:
            self.element.show(here, view, self._facts, element)

    def _on_pick(self, element: Element) -> None:
        self.state.element = element.key
        if self._here is not None and self._view is not None:
            self.element.show(self._here, self._view, self._facts, element)

    def _on_need(self, record: Any) -> None:
        if self._view is None or self._scene is None:
            return
        element = element_of(record["key"], self._view.grid)
        if element is not None:
            self._scene.select(element)
            self._scene.go_to(record["worst_step"])
            self._on_pick(element)

    def _on_outage(self, answer: WhatIfView | None) -> None:
        """The chosen element's N-1 has come, or belongs to another one."""
        if self._scene is not None:
            self._scene.show_outage(answer.solved.changed if answer is not None and answer.solved else None)

    def _on_moment(self, _event: Any) -> None:
        self._draw()

    def _on_cancel(self) -> None:
        job = self._view.computing if self._view else None
        if job is not None:
            attempt(
                self._context, lambda: self._context.desk.do(CancelJob(job_id=job.id)), "The job is cancelled."
            )
        self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()

    def _on_alarms(self, _topic: str, _value: object) -> None:
        self._show_alarms()


def build(context: PageContext) -> Content:
    room = ControlRoom(context)
    return Content(main=room.main(), owner=room, themed=(room.themes,), keys=KEYS)
