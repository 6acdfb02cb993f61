"""How the session is cleared and paid: chosen while the gate is open, read afterwards."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.flexibility.rules import ClearingRules
from views.pages.context import PageContext
from views.pages.dso_parts import attempt
from views.pages.fmo_rule_choices import FIELDS, RuleChoices
from views.state.fmo_session import SessionRoom
from views.state.spans import by_field
from views.widgets import ConfirmDialog, ProblemList, panel, text
from views.widgets.forms import Problem


class RulesTab:
    """Three choices side by side, each with what it means under it."""

    def __init__(self, context: PageContext, room: SessionRoom) -> None:
        self._context, self._room = context, room
        self._stored = room.row.session.rules
        self._choices = RuleChoices(self._stored, self._show)
        self._selects, self._words = self._choices.selects, self._choices.words
        self._problems = ProblemList(self._selects)
        self._state = text("", "body", margin=(8, 12))
        self._set = pmu.Button(label="Set the rules", variant="contained", on_click=self._on_set, margin=(4, 12))
        self._dialog = ConfirmDialog()
        self.view = pn.Column(
            panel(
                "Clearing rules",
                self._choices.row(self._problems.beside),
                self._problems.view,
                self._state,
                pn.Row(self._set, margin=(0, 0, 8, 0)),
            ),
            self._dialog.view,
            sizing_mode="stretch_width",
            margin=0,
        )
        self.draw()

    @property
    def chosen(self) -> ClearingRules:
        """What stands in the three choices."""
        return self._choices.chosen

    def draw(self) -> None:
        """The session's rules as they are now; a choice that is under way stays."""
        rules = self._room.row.session.rules
        if rules != self._stored:
            self._stored = rules
            self._choices.put(rules)
        self._show()

    def _show(self) -> None:
        chosen, may = self.chosen, self._room.can_set_rules()
        findings = self._choices.explain(has_day_ahead=self._room.has_day_ahead, may_change=may)
        self._problems.show([Problem(*found) for found in by_field(findings, {name: name for name in FIELDS})])
        changed = chosen != self._stored
        self._set.visible = may
        self._set.disabled = bool(findings) or not changed
        lead = "In force" if may else "In force since the gate closed"
        self._state.object = text(f"{lead}: {self._stored.words()}.", "body").object

    def _on_set(self, _event: Any) -> None:
        words = f"{self.chosen.words()}. The DSO, the TSO and all who may offer are told at once."
        self._dialog.ask("Change how this session is cleared and paid?", words, "Set the rules", self._set_now)

    def _set_now(self) -> None:
        attempt(
            self._context,
            lambda: self._room.set_rules(self.chosen),
            "The rules are set, and the participants are told.",
        )
