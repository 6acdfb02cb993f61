"""What if: change the day, see the map change, before anything is published."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import GetWhatIf, ListUnits, ListWhatIfs, WhatIfView
from domain.commands import CancelJob
from domain.errors import Refused
from domain.ids import WhatIfId
from domain.lifecycle import JobState
from views import news
from views.pages.context import Content, PageContext
from views.pages.dso_day import NO_REGION, DayChoice
from views.pages.dso_parts import attempt, job_model, link_button
from views.pages.dso_what_if_answer import AnswerPanel
from views.pages.dso_what_if_form import Question
from views.pages.later import in_turn
from views.pages.themes import Themes
from views.shell import Key
from views.state.dso_facts import Place, grid_view, market_facts
from views.state.dso_room import RoomState
from views.state.what_if import question
from views.widgets import JobBar, empty_state, panel
from views.widgets.forms import Problem

KEYS = (Key("Space", "Play or stop the day"),)
_EARLIER = "Earlier what-ifs"
_COMPUTING = ("This is being computed.", "Both maps appear here when it is done; you can go on meanwhile.")
_WORDS = {
    JobState.QUEUED: _COMPUTING,
    JobState.RUNNING: _COMPUTING,
    JobState.CANCELLED: ("This was given up.", "Ask it again, or choose an earlier one."),
    JobState.FAILED: ("This could not be computed.", "The reason is said at the left; change the question."),
}


class WhatIfPage:
    """The question at the left, its answer at the right; a link names both by the what-if's id."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = RoomState()
        self._where = DayChoice(
            context,
            self.state,
            ("region_id", "day", "step", "what_if"),
            self.refresh,
            by_region={"what_if": "", "step": -1},
            by_day={"what_if": "", "step": -1},
        )
        self.themes = Themes(context.theme)
        self._here: Place | None = None
        self.answer: WhatIfView | None = None
        self.form = Question(self._on_ask)
        self.found = AnswerPanel(self.state, self.themes)
        self._job = JobBar(in_turn(self._on_cancel))
        self._earlier = pmu.Select(label=_EARLIER, options={}, size="small", sizing_mode="stretch_width")
        self._earlier.param.watch(self._on_earlier, "value")
        self._left = panel(
            "Day", pn.Spacer(height=8), self._where.region, self._where.day, pn.Spacer(height=4), self._earlier
        )
        self._body = pn.Column(sizing_mode="stretch_width", margin=0)
        self.refresh()
        context.live.subscribe(self._on_news, {news.JOBS, news.GRID, news.MARKET})

    def main(self) -> list[Any]:
        return [self._body]

    def refresh(self) -> None:
        """Ask again: what there is to choose from, and what has been found."""
        door = self._context.desk
        self._here = here = self._where.find()
        if here is None:
            self._body[:] = [panel("What if", empty_state(*NO_REGION))]
            return
        view = grid_view(door, here)
        if view is None or view.schedule_uploaded_at is None:
            go = link_button("Go to data", f"/dso/data{here.link}", icon="upload")
            words = ("This day has no network and schedules yet.", "Upload them on the data page.")
            self._body[:] = [panel("What if", empty_state(*words, go, self._where.day))]
            return
        facts = market_facts(door, here.row)
        self.form.offer_choices(
            here, view.grid.branch_ids, door.ask(ListUnits(region_id=here.region.id)), facts.offers
        )
        self._list_earlier(here)
        self._show_answer(here)
        self._lay_out()

    def _lay_out(self) -> None:
        if len(self._body) and isinstance(self._body[0], pn.Row):
            return
        left = pn.Column(self._left, self.form.view, margin=0, sizing_mode="stretch_width")
        right = pn.Column(self._job.view, self.found.view, margin=0, sizing_mode="stretch_width")
        left.styles = {"flex": "26 1 0", "min-width": "0"}
        right.styles = {"flex": "74 1 0", "min-width": "0"}
        self._body[:] = [pn.Row(left, right, sizing_mode="stretch_width", margin=0)]

    def _list_earlier(self, here: Place) -> None:
        rows = self._context.desk.ask(ListWhatIfs(region_id=here.region.id, delivery_day=here.day))
        options = {"–": ""}
        for k, row in enumerate(rows):
            options[f"{len(rows) - k}. {question(row.what_if)}"[:120]] = row.what_if.id
        chosen = self.state.what_if if self.state.what_if in options.values() else ""
        self._earlier.param.update(options=options, value=chosen, visible=len(options) > 1)
        self._left.visible = any(part.visible for part in (self._where.region, self._where.day, self._earlier))

    def _show_answer(self, here: Place) -> None:
        self.answer = self._ask_for(self.state.what_if)
        if self.answer is None:
            self._job.show(None)
            self.found.empty()
            return
        ended_well = self.answer.job.state is JobState.DONE
        self._job.show(None if ended_well else job_model(self.answer.job, question(self.answer.what_if)))
        self.form.said.show(
            [Problem("", self.answer.job.error)] if self.answer.job.state is JobState.FAILED else []
        )
        if ended_well:
            self.found.show(self.answer, here.delivery)
        else:
            self.found.empty(*_WORDS[self.answer.job.state])

    def _ask_for(self, what_if_id: str) -> WhatIfView | None:
        if not what_if_id:
            return None
        try:
            return self._context.desk.ask(GetWhatIf(what_if_id=WhatIfId(what_if_id)))
        except Refused:
            return None  # a link of another DSO, or of another database

    def _on_ask(self) -> None:
        if self._here is None:
            return
        try:
            asked = self._context.desk.do(self.form.command(self._here))
        except Refused as refused:
            self.form.said.show([Problem("", finding.sentence) for finding in refused.findings])
            return
        self.form.said.show([])
        self.state.param.update(what_if=asked.id, step=-1)
        self.refresh()

    def _on_earlier(self, event: Any) -> None:
        if event.new is not None and event.new != self.state.what_if:
            self.state.param.update(what_if=event.new, step=-1)
            self.refresh()

    def _on_cancel(self) -> None:
        if self.answer is not None:
            job_id = self.answer.job.id
            attempt(
                self._context, lambda: self._context.desk.do(CancelJob(job_id=job_id)), "The job is cancelled."
            )
        self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def build(context: PageContext) -> Content:
    page = WhatIfPage(context)
    return Content(main=page.main(), owner=page, themed=(page.themes,), keys=KEYS)
