"""The three choices of how a book is cleared and paid, each with what it means under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.errors import Finding
from domain.flexibility.rules import ClearingRules, EnergyPricing, rules_findings
from views.state.rules_words import (
    ENERGIES,
    ENERGY_WORDS,
    MODE_WORDS,
    MODES,
    NO_DAY_AHEAD,
    PAYMENT_WORDS,
    PAYMENTS,
)
from views.widgets import text

FIELDS = {
    "clearing": ("Clearing", MODES, MODE_WORDS),
    "payment": ("Payment", PAYMENTS, PAYMENT_WORDS),
    "energy": ("Energy", ENERGIES, ENERGY_WORDS),
}


class RuleChoices:
    """`selects` go into the form's `ProblemList`; `words` under each. `on_change()` is called after a choice."""

    def __init__(self, rules: ClearingRules, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self.selects = {name: self._select(name, rules) for name in FIELDS}
        self.words = {name: text("", "muted", margin=(0, 12)) for name in FIELDS}
        for select in self.selects.values():
            select.param.watch(self._on_choice, "value")

    @property
    def chosen(self) -> ClearingRules:
        """What stands in the three choices."""
        return ClearingRules(**{name: select.value for name, select in self.selects.items()})

    def put(self, rules: ClearingRules) -> None:
        """Show these rules."""
        for name, select in self.selects.items():
            select.value = getattr(rules, name)

    def explain(self, *, has_day_ahead: bool, may_change: bool = True) -> list[Finding]:
        """Say what the choices mean; the findings of what does not go together."""
        chosen = self.chosen
        for name, select in self.selects.items():
            select.disabled = not may_change
            words = FIELDS[name][2][getattr(chosen, name)]
            if name == "energy" and chosen.energy is EnergyPricing.PRICED and not has_day_ahead:
                words += NO_DAY_AHEAD
            self.words[name].object = text(words, "muted").object
        return rules_findings(chosen)

    def row(self, beside: Callable[[str], Any]) -> pn.Row:
        """Side by side; `beside(field)` is the field with room for its problems."""
        choices = [
            pn.Column(beside(name), self.words[name], sizing_mode="stretch_width", margin=0) for name in FIELDS
        ]
        return pn.Row(*choices, sizing_mode="stretch_width", margin=(8, 0, 0, 0))

    def _select(self, name: str, rules: ClearingRules) -> pmu.Select:
        label, options, _ = FIELDS[name]
        return pmu.Select(
            label=label,
            options={words: value for value, words in options.items()},
            value=getattr(rules, name),
            size="small",
            sizing_mode="stretch_width",
            margin=(6, 12),
        )

    def _on_choice(self, _event: Any) -> None:
        self._on_change()
