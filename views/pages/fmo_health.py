"""System health: jobs, toolkits and who answers for them, scheduler, outbox, audit trail, database."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import AuditReport
from domain.errors import Refused
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import attempt, utc_on_hover, whole_on_hover
from views.pages.fmo_health_figures import key_figures
from views.pages.fmo_health_letters import LettersPart
from views.pages.later import Later, in_turn
from views.plots.book import Column
from views.state.common import sentence
from views.state.fmo_health import (
    HealthRoom,
    audit_words,
    facts,
    job_line_record,
    late_record,
    toolkit_record,
)
from views.state.spans import by_field
from views.widgets import (
    Book,
    ConfirmDialog,
    KeyFigures,
    Problem,
    ProblemList,
    csv_button,
    empty_state,
    panel,
    text,
)
from views.widgets.markup import html_pane, tag

TOOLKITS = (
    Column("words", "Toolkit", width_px=206),
    Column("state", "State", "state", width_px=98),
    Column("in_a_row", "Fails in a row", "figure", width_px=104),
    Column("done", "Done", "figure", width_px=58),
    Column("failed", "Failed", "figure", width_px=64),
    Column("typical", "Typically", "figure", width_px=80),
    Column("success", "Last success", "time", width_px=116),
    Column("success_utc", "Last success, UTC"),
    Column("failure", "Last failure", "time", width_px=116),
    Column("failure_utc", "Last failure, UTC"),
    Column("answers", "Answers for it", min_px=182),
)
JOBS = (
    Column("kind", "Work", min_px=210),
    Column("region", "Region", min_px=120),
    Column("day", "Day", "time", width_px=94),
    Column("at", "Submitted", "time", width_px=118),
    Column("at_utc", "Submitted, UTC"),
    Column("age", "Age", "figure", width_px=68),
    Column("took", "Ran for", "figure", width_px=72),
    Column("state", "State", "state", width_px=104),
    Column("progress", "Done, %", "percent", width_px=74),
    Column("stage", "Stage or error", min_px=180),
)
LATE = (
    Column("region", "Region", min_px=130),
    Column("kind", "Gate", width_px=84),
    Column("due", "Due", "time", width_px=124),
    Column("due_utc", "Due, UTC"),
    Column("late", "Late by", "figure", width_px=84),
)
EVERY_MS = 5000
_FIELDS = {"toolkit": "toolkit", "party_id": "party_id", "note": "note"}


class HealthPage:
    """Key figures on top; toolkits and the form beside the server's facts; all jobs under them."""

    def __init__(self, context: PageContext, room: HealthRoom) -> None:
        self._context, self._room = context, room
        self._later: Later[Any] = Later(0)
        self._auditing: Later[AuditReport | str] = Later(0)
        self._figures = KeyFigures([])
        self._toolkits = Book(TOOLKITS, on_pick=self._on_toolkit_row)
        self._jobs = Book(JOBS, on_pick=self._on_job_row)
        self._late = Book(LATE)
        utc_on_hover(self._toolkits, "success", "failure")
        utc_on_hover(self._jobs, "at")
        utc_on_hover(self._late, "due")
        whole_on_hover(self._jobs, "stage")
        self._facts = html_pane("", margin=(0, 12, 8, 12))
        self._audit = text("", "body", margin=(4, 12))
        self._verify = pmu.Button(
            label="Verify the audit trail", variant="outlined", on_click=in_turn(self._on_verify), margin=4
        )
        self._toolkit = pmu.Select(label="Toolkit", options={}, size="small", sizing_mode="stretch_width")
        self._party = pmu.Select(label="Answers for it", options={}, size="small", sizing_mode="stretch_width")
        self._note = pmu.TextInput(
            label="Note (who there, how to reach them)", size="small", max_length=400, sizing_mode="stretch_width"
        )
        self._problems = ProblemList({"toolkit": self._toolkit, "party_id": self._party, "note": self._note})
        self._error = text("", "muted", margin=(0, 12, 8, 12))
        self._dialog = ConfirmDialog()
        self._cancel = pmu.Button(
            label="Cancel the chosen job",
            variant="outlined",
            size="small",
            disabled=True,
            on_click=in_turn(self._on_cancel),
        )
        self._job_id = ""
        self._letters = LettersPart(context, room)
        self._all_in_time = empty_state(
            "Every gate has been passed in time.", "Gates pass by themselves when due."
        )
        room.take(room.ask())
        self.draw()
        self._fill_form()
        self._toolkit.param.watch(self._on_toolkit, "value")
        context.live.subscribe(self._on_news, {news.JOBS, news.CLOCK, news.MARKET})
        if pn.state.curdoc is not None and pn.state.curdoc.session_context is not None:
            pn.state.add_periodic_callback(self._ask, period=EVERY_MS)

    def main(self) -> list[Any]:
        toolkits = panel(
            "Toolkits",
            self._toolkits.view,
            tools=[pn.HSpacer(), csv_button("toolkits.csv", self._toolkits.csv)],
        )
        form = panel(
            "Who is told when it fails",
            pn.Row(
                *(self._problems.beside(name) for name in _FIELDS),
                sizing_mode="stretch_width",
                margin=(8, 4, 0, 4),
            ),
            self._error,
            self._problems.view,
            pn.Row(
                pmu.Button(label="Assign", variant="contained", on_click=in_turn(self._on_assign), margin=4),
                margin=(0, 8, 8, 8),
            ),
        )
        audit = panel("Audit trail", self._audit, pn.Row(self._verify, margin=(0, 8, 8, 8)))
        gates = panel("Gates that are late", self._all_in_time, self._late.view)
        jobs = panel(
            "Jobs, newest first",
            self._jobs.view,
            tools=[pn.HSpacer(), self._cancel, csv_button("jobs.csv", self._jobs.csv)],
        )
        right = pn.Column(panel("Server", self._facts), audit, gates, width=344, margin=0)
        left = pn.Column(toolkits, form, self._letters.view, jobs, sizing_mode="stretch_width", margin=0)
        return [self._figures.view, pn.Row(left, right, sizing_mode="stretch_width", margin=0), self._dialog.view]

    def draw(self) -> None:
        """Everything shown, from the state."""
        view = self._room.view
        self._figures.show(key_figures(view))
        show_fitted(self._toolkits, [toolkit_record(row) for row in view.toolkits], most_px=320)
        now = view.vitals.now if view.vitals else view.market_now
        show_fitted(self._jobs, [job_line_record(line, now) for line in view.jobs], most_px=560)
        show_fitted(self._late, [late_record(row) for row in view.late_gates], most_px=220)
        self._late.view.visible, self._all_in_time.visible = bool(view.late_gates), not view.late_gates
        self._letters.draw()
        lines = "".join(tag("dt", escape(name)) + tag("dd", escape(value)) for name, value in facts(view).items())
        self._facts.object = tag("dl", lines, class_="facts")
        self._audit.object = text(audit_words(view.vitals.audit if view.vitals else None), "body").object
        self._cancel.disabled = not self._room.can_cancel(self._job_id)

    def _fill_form(self) -> None:
        """The form of the toolkit looked at; what is being typed for another is left."""
        room, row = self._room, self._room.chosen
        options = {entry.words: entry.toolkit for entry in room.view.toolkits}
        self._toolkit.param.update(options=options, value=room.toolkit or None)
        who = room.answering()
        answers = row.answers.id if row is not None and row.answers is not None else None
        self._party.param.update(
            options=who, value=answers if answers in who.values() else next(iter(who.values()), None)
        )
        self._note.value = row.note if row else ""
        words = f"Last failure: {row.last_error}" if row is not None and row.last_error else ""
        self._error.param.update(object=text(words, "muted").object, visible=bool(words))

    def _ask(self) -> None:
        self._later.soon(self._room.ask, self._take)

    def _take(self, asked: Any) -> None:
        self._room.take(asked)
        self.draw()

    def _on_news(self, _topic: str, _value: object) -> None:
        self._ask()

    def _on_toolkit_row(self, record: Any) -> None:
        self._toolkit.value = record["toolkit"]

    def _on_toolkit(self, event: Any) -> None:
        if event.new and event.new != self._room.toolkit:
            self._room.toolkit = event.new
            self._problems.show([])
            self._fill_form()

    def _on_assign(self, _event: object) -> None:
        try:
            self._room.assign(
                self._toolkit.value or "",
                self._party.value or "",
                self._note.value_input or self._note.value or "",
            )
        except Refused as refused:
            self._problems.show([Problem(*found) for found in by_field(refused.findings, _FIELDS)])
            return
        self._problems.show([])
        self._context.notify("It is noted, and the participant is told.", "success")
        self._ask()

    def _on_verify(self, _event: object) -> None:
        """In a thread of its own: a long trail takes seconds to read."""
        self._verify.disabled = True
        self._audit.object = text("Every row is being read…", "muted").object
        self._auditing.soon(self._checked, self._on_checked)

    def _checked(self) -> AuditReport | str:
        try:
            return self._room.check_audit()
        except Refused as refused:
            return sentence(refused)

    def _on_checked(self, report: AuditReport | str) -> None:
        self._verify.disabled = False
        words = report if isinstance(report, str) else audit_words(report)
        self._audit.object = text(words, "body").object
        self._ask()

    def _on_job_row(self, record: Any) -> None:
        self._job_id = record["id"]
        self._cancel.disabled = not self._room.can_cancel(self._job_id)

    def _on_cancel(self, _event: object) -> None:
        job_id = self._job_id
        self._dialog.ask(
            f"Cancel job {job_id}?",
            "What it has computed is lost. A session whose clearing is cancelled is not cleared.",
            "Cancel the job",
            lambda: attempt(self._context, lambda: self._room.cancel(job_id), "The job is cancelled."),
        )


def _build(context: PageContext) -> Content:
    room = HealthRoom(context.desk)
    context.location.sync(room, {"toolkit": "toolkit"})
    page = HealthPage(context, room)
    return Content(main=page.main(), owner=page)


PAGES = (Page(path="/fmo/health", title="System health", nav="Health", roles=frozenset({Role.FMO}), build=_build),)
