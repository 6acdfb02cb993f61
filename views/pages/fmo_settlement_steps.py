"""Where a session's settlement stands, and the buttons that move it on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.errors import Refused
from domain.lifecycle import SessionState
from views.pages.context import PageContext
from views.pages.fmo_controls import first_problems
from views.pages.later import Later, in_turn
from views.state.common import count, sentence
from views.state.settlement import SettlementRoom
from views.state.settlement_records import n_stopping
from views.widgets import Problem, ProblemList, panel, text


class Steps:
    """Readings from a file, settle, validate, issue; each step is open when the one before is done."""

    def __init__(self, context: PageContext, room: SettlementRoom) -> None:
        self._context, self._room = context, room
        self._later: Later[str] = Later(0)
        self._storing: Later[int | list[Problem]] = Later(0)
        self._busy = False
        self._words = text("", "body", margin=(0, 12, 4, 12))
        self._file = pmu.FileInput(
            label="Upload metering (CSV)", accept=".csv", width=230, variant="outlined", margin=(4, 8)
        )
        self._file.param.watch(self._on_file, "value")
        self._problems = ProblemList({})
        self._past = _button("Move the clock past delivery", self._on_past, "outlined")
        self._settle = _button("Settle", self._on_settle)
        self._accept = pmu.Checkbox(label="Accept the findings", value=False, margin=(4, 8))
        self._accept.param.watch(self._on_accept, "value")
        self._validate = _button("Validate", self._on_validate)
        self._issue = _button("Issue", self._on_issue)
        self.view = panel(
            "Steps",
            self._words,
            self._problems.view,
            pn.Row(self._file, margin=(0, 4)),
            pn.Row(self._past, margin=(0, 4)),
            self._accept,
            pn.Row(self._settle, self._validate, self._issue, margin=(0, 4, 8, 4)),
        )

    def draw(self) -> None:
        """Words and buttons by the state; what cannot be done now is disabled and said why."""
        room, view = self._room, self._room.view
        stopping = n_stopping(view.statements)
        over, published = view.over, room.row.session.state is SessionState.PUBLISHED
        self._words.object = text(_words(room, stopping), "body").object
        self._past.disabled = False
        self._past.visible = room.shell.demo and published and not over
        self._file.disabled = not over or self._busy
        self._settle.disabled = not (over and published)
        self._accept.visible = bool(stopping)
        self._accept.label = f"Accept {count(stopping, 'finding')} that would stop the validation"
        self._validate.disabled = not room.drafts or bool(stopping and not self._accept.value)
        self._issue.disabled = not room.validated
        for step in (self._past, self._settle, self._validate, self._issue):
            step.disabled = step.disabled or self._busy
        self._validate.label = f"Validate {count(room.drafts, 'statement')}" if room.drafts else "Validate"
        self._issue.label = f"Issue {count(room.validated, 'statement')}" if room.validated else "Issue"

    def _on_accept(self, _event: Any) -> None:
        self.draw()

    def _on_file(self, event: Any) -> None:
        """Off the event loop: a region's file has a hundred thousand values."""
        content = event.new
        if content:
            self._busy = True
            self.draw()
            self._storing.soon(lambda: self._stored(content), self._uploaded)

    def _stored(self, content: bytes) -> int | list[Problem]:
        """How many readings were stored, or what is wrong with the file."""
        try:
            return self._room.upload(content)
        except Refused as refused:
            return [Problem(f.field, f"{f.field}: {f.sentence}") for f in refused.findings]
        finally:
            self._busy = False

    def _uploaded(self, stored: int | list[Problem]) -> None:
        problems = stored if isinstance(stored, list) else []
        self._problems.show(first_problems(problems))
        if isinstance(stored, int):
            self._context.notify(f"{count(stored, 'reading')} stored.", "success")
        self.draw()

    def _on_past(self, *_event: Any) -> None:
        self._do(self._room.move_to_day_end, "The delivery day is over.")

    def _on_settle(self, *_event: Any) -> None:
        self._do(self._room.settle, "The session is settled.")

    def _on_validate(self, *_event: Any) -> None:
        accept = self._accept.visible and self._accept.value
        self._do(lambda: self._room.validate(accept=accept), "The statements are validated.")
        self._accept.value = False

    def _on_issue(self, *_event: Any) -> None:
        self._do(self._room.issue, "The statements and their invoices are issued.")

    def _do(self, action: Callable[[], object], done: str) -> None:
        """Off the event loop: a large session takes a while. Until it is done no step can be clicked again."""

        def refusal() -> str:
            try:
                action()
            except Refused as refused:
                return sentence(refused)
            finally:
                self._busy = False
            return ""

        self._busy = True
        self.draw()
        self._later.soon(refusal, lambda refused: self._done(refused, done))

    def _done(self, refused: str, done: str) -> None:
        self._context.notify(refused or done, "error" if refused else "success")
        self.draw()


def _button(label: str, on_click: Callable[..., None], variant: str = "contained") -> pmu.Button:
    return pmu.Button(label=label, variant=variant, size="small", on_click=in_turn(on_click), margin=(4, 8))


def _words(room: SettlementRoom, stopping: int) -> str:
    """Where it stands and what comes next."""
    view, session = room.view, room.row.session
    if session.state is not SessionState.PUBLISHED:
        return f"The session is {session.state.value}. It is settled after its result is published and delivered."
    if not view.over:
        return f"Delivery is on {session.delivery_day:%d %b %Y}. Readings and settlement come after it."
    if not view.statements:
        metered = f"{view.n_metered} of {view.n_assets} awarded assets have readings."
        return f"{metered} Upload what is missing, then settle."
    if stopping:
        return "Findings would stop the validation: correct the readings, or accept what they say."
    if room.drafts:
        return "The statements add up. Validate them."
    if room.validated:
        return "The statements are validated. Issue them to the participants."
    return "All statements are issued. A corrected reading makes new versions by itself."
