"""How the session is cleared and paid: chosen while the gate is open, read afterwards."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.flexibility.rules import ClearingRules, EnergyPricing, rules_findings
from views.pages.context import PageContext
from views.pages.dso_parts import attempt
from views.state.fmo_session import SessionRoom
from views.state.rules_words import (
    ENERGIES,
    ENERGY_WORDS,
    MODE_WORDS,
    MODES,
    NO_DAY_AHEAD,
    PAYMENT_WORDS,
    PAYMENTS,
)
from views.state.spans import by_field
from views.widgets import ConfirmDialog, ProblemList, panel, text
from views.widgets.forms import Problem

FIELDS = {
    "clearing": ("Clearing", MODES, MODE_WORDS),
    "payment": ("Payment", PAYMENTS, PAYMENT_WORDS),
    "energy": ("Energy", ENERGIES, ENERGY_WORDS),
}


class RulesTab:
    """Three choices side by side, each with what it means under it."""

    def __init__(self, context: PageContext, room: SessionRoom) -> None:
        self._context, self._room = context, room
        self._stored = room.row.session.rules
        self._selects = {name: self._select(name) for name in FIELDS}
        self._words = {name: text("", "muted", margin=(0, 12)) for name in FIELDS}
        self._problems = ProblemList(self._selects)
        self._state = text("", "body", margin=(8, 12))
        self._set = pmu.Button(label="Set the rules", variant="contained", on_click=self._on_set, margin=(4, 12))
        self._dialog = ConfirmDialog()
        choices = [
            pn.Column(self._problems.beside(name), self._words[name], sizing_mode="stretch_width", margin=0)
            for name in FIELDS
        ]
        self.view = pn.Column(
            panel(
                "Clearing rules",
                pn.Row(*choices, sizing_mode="stretch_width", margin=(8, 0, 0, 0)),
                self._problems.view,
                self._state,
                pn.Row(self._set, margin=(0, 0, 8, 0)),
            ),
            self._dialog.view,
            sizing_mode="stretch_width",
            margin=0,
        )
        self.draw()
        for select in self._selects.values():
            select.param.watch(self._on_choice, "value")

    @property
    def chosen(self) -> ClearingRules:
        """What stands in the three choices."""
        return ClearingRules(**{name: select.value for name, select in self._selects.items()})

    def draw(self) -> None:
        """The session's rules as they are now; a choice that is under way stays."""
        rules = self._room.row.session.rules
        if rules != self._stored:
            self._stored = rules
            for name, select in self._selects.items():
                select.value = getattr(rules, name)
        self._show()

    def _select(self, name: str) -> pmu.Select:
        label, options, _ = FIELDS[name]
        return pmu.Select(
            label=label,
            options={words: value for value, words in options.items()},
            value=getattr(self._stored, name),
            size="small",
            sizing_mode="stretch_width",
            margin=(6, 12),
        )

    def _show(self) -> None:
        chosen, may = self.chosen, self._room.can_set_rules()
        for name, select in self._selects.items():
            select.disabled = not may
            words = FIELDS[name][2][getattr(chosen, name)]
            if name == "energy" and chosen.energy is EnergyPricing.PRICED and not self._room.has_day_ahead:
                words += NO_DAY_AHEAD
            self._words[name].object = text(words, "muted").object
        findings = rules_findings(chosen)
        self._problems.show([Problem(*found) for found in by_field(findings, {name: name for name in FIELDS})])
        changed = chosen != self._stored
        self._set.visible = may
        self._set.disabled = bool(findings) or not changed
        lead = "In force" if may else "In force since the gate closed"
        self._state.object = text(f"{lead}: {self._stored.words()}.", "body").object

    def _on_choice(self, _event: Any) -> None:
        self._show()

    def _on_set(self, _event: Any) -> None:
        words = f"{self.chosen.words()}. The DSO, the TSO and all who may offer are told at once."
        self._dialog.ask("Change how this session is cleared and paid?", words, "Set the rules", self._set_now)

    def _set_now(self) -> None:
        attempt(
            self._context,
            lambda: self._room.set_rules(self.chosen),
            "The rules are set, and the participants are told.",
        )
