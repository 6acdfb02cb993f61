"""N-1 of the chosen element: what would pass its limits this day if it were out of service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import GetWhatIf, WhatIfView
from domain.commands import AskWhatIf, CancelJob
from domain.errors import Refused
from domain.ids import WhatIfId
from domain.lifecycle import JobState
from views.pages.context import PageContext
from views.pages.dso_parts import align_right, attempt, job_model, link_button, template, utc_on_hover
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.common import sentence
from views.state.dso_facts import Place
from views.state.dso_room import Element, RoomState
from views.state.what_if import compared, under_way, verdict
from views.widgets import Book, JobBar, text

NEEDS = (
    Column("change_words", "Change", width_px=96),
    Column("need", "Need", width_px=88),
    Column("element", "Element", min_px=110),
    Column("before", "Before", width_px=82),
    Column("after", "Changed", width_px=88),
    Column("limit", "Limit", width_px=70),
    Column("span", "From–to", width_px=98),
    Column("severity", "Severity"),
    Column("span_utc", "From–to, UTC"),
)
NEED = '<span style="color:var(--fd-<%- severity %>-text);font-weight:600"><%- value %></span>'
_BUS = "Choose a line or a transformer on the map to see the day without it."


def needs_book(on_pick: Callable[[Any], None], height_px: int) -> Book:
    """A table of compared needs."""
    book = Book(NEEDS, height_px=height_px, on_pick=on_pick)
    utc_on_hover(book, "span")
    template(book, "need", NEED, needs="severity")
    align_right(book, "before", "after", "limit")
    return book


class OutageTab:
    """Lay out `view`. The question is kept in `state.outage`, so that a link shows its answer."""

    def __init__(
        self,
        context: PageContext,
        state: RoomState,
        on_answer: Callable[[WhatIfView | None], None],
        on_pick: Callable[[Any], None],
    ) -> None:
        self._context, self._state, self._on_answer = context, state, on_answer
        self._here: Place | None = None
        self._element: Element | None = None
        self.answer: WhatIfView | None = None
        self._words = text(_BUS, "muted", margin=(8, 12))
        self._ask = pmu.Button(
            label="Take it out", icon="power_off", variant="outlined", size="small", on_click=in_turn(self._on_ask)
        )
        self._job = JobBar(in_turn(self._on_cancel))
        self._more = link_button("Open as what-if", "/dso/what-if", "text")
        self.book = needs_book(on_pick, 190)
        head = pn.Row(self._ask, self._more, sizing_mode="stretch_width", margin=(4, 8, 0, 8))
        self.view = pn.Column(
            head, self._job.view, self._words, self.book.view, sizing_mode="stretch_width", margin=0
        )
        self._draw()

    def show(self, here: Place, element: Element) -> None:
        """Another element, or news: what was asked of another element is left behind."""
        self._here, self._element = here, element
        self.answer = self._asked()
        mine = self.answer is not None and self.answer.what_if.lines_out == (element.name,)
        if not mine:
            self.answer = None
        self._draw()
        self._on_answer(self.answer)

    def refresh(self) -> None:
        if self._here is not None and self._element is not None:
            self.show(self._here, self._element)

    def _asked(self) -> WhatIfView | None:
        if not self._state.outage:
            return None
        try:
            return self._context.desk.ask(GetWhatIf(what_if_id=WhatIfId(self._state.outage)))
        except Refused:
            return None  # a link of another DSO, or of another database

    def _draw(self) -> None:
        element, answer = self._element, self.answer
        is_branch = element is not None and element.kind == "branch"
        self._ask.disabled = not is_branch or under_way(answer)
        solved = answer.solved if answer is not None else None
        self._job.show(job_model(answer.job, "N-1") if answer is not None and solved is None else None)
        self._more.visible = answer is not None
        if answer is not None:
            asked = answer.what_if
            where = f"region={asked.region_id}&day={asked.delivery_day}"
            self._more.href = f"/dso/what-if?{where}&what_if={asked.id}"
        self.book.view.visible = solved is not None
        if solved is not None and self._here is not None:
            day = self._here.delivery
            self.book.show(compared(solved.as_is.needs, solved.changed.needs, day))
            self._say(f"Without {element.name}: {verdict(solved, day)}" if element else "")
        elif answer is not None and answer.job.state is JobState.FAILED:
            self._say(answer.job.error)
        else:
            self._say(f"What would pass its limits without {element.name}?" if is_branch and element else _BUS)

    def _say(self, words: str) -> None:
        self._words.object = text(words, "body").object

    def _on_ask(self, _event: Any) -> None:
        here, element = self._here, self._element
        if here is None or element is None or element.kind != "branch":
            return
        command = AskWhatIf(region_id=here.region.id, delivery_day=here.day, lines_out=(element.name,))
        try:
            asked = self._context.desk.do(command)
        except Refused as refused:
            self._context.notify(sentence(refused), "error")
            return
        self._state.outage = asked.id
        self.refresh()

    def _on_cancel(self) -> None:
        if self.answer is not None:
            job_id = self.answer.job.id
            attempt(
                self._context, lambda: self._context.desk.do(CancelJob(job_id=job_id)), "The job is cancelled."
            )
        self.refresh()
