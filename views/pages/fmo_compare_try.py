"""The form that tries other rules on a session's book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.errors import Refused
from domain.flexibility.rules import ClearingRules, PaymentRule
from views.pages.context import PageContext
from views.pages.fmo_rule_choices import FIELDS, RuleChoices
from views.state.fmo_compare import Compare
from views.state.spans import by_field
from views.widgets import Problem, ProblemList, panel, text

_WORDS = (
    "The session's stored book is cleared by these rules in the worker. The market takes over nothing of it, and "
    "nobody but the market operator sees it. While the gate is open the book is taken as it stands."
)


class TryForm:
    """Session and rules, each with its problems beside it. `view` is its panel."""

    def __init__(self, context: PageContext, state: Compare, done: Callable[[], None]) -> None:
        self._context, self._state, self._done = context, state, done
        self._session = pmu.Select(label="Session", options={}, size="small", width=340, margin=(6, 12))
        self._choices = RuleChoices(ClearingRules(payment=PaymentRule.NODAL), self._show)
        self._problems = ProblemList({"session_id": self._session, **self._choices.selects})
        self._button = pmu.Button(
            label="Try these rules", variant="contained", on_click=self._on_try, margin=(4, 12)
        )
        self.view = panel(
            "Try other rules",
            text(_WORDS, "muted", margin=(4, 12)),
            pn.Row(
                pn.Column(self._problems.beside("session_id"), width=364, margin=(8, 0, 0, 0)),
                self._choices.row(self._problems.beside),
                sizing_mode="stretch_width",
                margin=0,
            ),
            self._problems.view,
            pn.Row(self._button, margin=(0, 0, 8, 0)),
        )
        self.draw()
        self._session.param.watch(self._on_session, "value")

    def draw(self) -> None:
        """Sessions that can be tried on."""
        state = self._state
        self._session.param.update(options=state.session_choices(), value=state.session or None)
        self.view.visible = bool(state.sessions)
        self._show()

    def _show(self) -> None:
        findings = self._choices.explain(has_day_ahead=True)
        self._problems.show([Problem(*found) for found in by_field(findings, {name: name for name in FIELDS})])
        self._button.disabled = bool(findings)

    def _on_session(self, event: Any) -> None:
        self._state.session = event.new or ""

    def _on_try(self, _event: object) -> None:
        self._button.disabled = True
        try:
            self._state.attempt(self._choices.chosen)
        except Refused as refused:
            fields = {"session_id": "session_id", **{name: name for name in FIELDS}}
            self._problems.show([Problem(*found) for found in by_field(refused.findings, fields)])
            self._button.disabled = False
            return
        self._context.notify("The rules are being tried.", "info")
        self._done()
