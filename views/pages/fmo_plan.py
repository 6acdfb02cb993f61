"""Plan a session: region, day, times and rules, each with what is wrong beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.errors import Finding, Refused
from domain.flexibility.market import MarketSession
from domain.flexibility.rules import ClearingRules
from views.pages.context import PageContext
from views.pages.fmo_rule_choices import RuleChoices
from views.pages.later import in_turn
from views.state.fmo_plan import TIMES, Draft, PlanForm
from views.state.spans import by_field
from views.widgets import Problem, ProblemList, panel, text

_WORDS = "Times are of the market's clock. Until the gate closes the rules can be changed in the session room."


class PlanPanel:
    """The form in a panel that opens and closes. A second click on the button plans nothing more."""

    def __init__(self, context: PageContext, planned: Callable[[MarketSession], None]) -> None:
        self._context, self._planned = context, planned
        self._form = PlanForm(context.desk)
        self._region = pmu.Select(label="Region", options={}, size="small", sizing_mode="stretch_width")
        self._day = pmu.DatePicker(label="Delivery day", size="small", sizing_mode="stretch_width")
        self._times = {
            field: pmu.TextInput(
                label=f"{words} (YYYY-MM-DD HH:MM)", size="small", sizing_mode="stretch_width", max_length=16
            )
            for field, words in TIMES.items()
        }
        self._choices = RuleChoices(ClearingRules(), self._on_rules)
        self._fields = {
            "region_id": self._region,
            "delivery_day": self._day,
            **self._times,
            **self._choices.selects,
        }
        self._problems = ProblemList(self._fields)
        self._plan = pmu.Button(
            label="Plan the session", variant="contained", on_click=in_turn(self._on_plan), margin=4
        )
        close = pmu.Button(label="Close", variant="outlined", on_click=self._on_close, margin=4)
        self.toggle = pmu.Button(label="Plan a session", variant="outlined", size="small", on_click=self._on_open)
        first = [self._problems.beside(name) for name in ("region_id", "delivery_day", *TIMES)]
        self.view = panel(
            "Plan a session",
            text(_WORDS, "muted", margin=(4, 12)),
            pn.Row(*first, sizing_mode="stretch_width", margin=(8, 4, 0, 4)),
            self._choices.row(self._problems.beside),
            self._problems.view,
            pn.Row(self._plan, close, margin=(4, 8, 8, 8)),
            visible=False,
        )

    def open(self) -> None:
        """Show the form with a suggestion that can be planned as it stands."""
        self._form.refresh()
        draft = self._form.suggestion()
        self._region.param.update(
            options={region.name: region.id for region in self._form.regions}, value=draft.region_id or None
        )
        self._day.value = draft.day
        for field, widget in self._times.items():
            widget.value = getattr(draft, field)
        self._choices.put(draft.rules)
        self._problems.show([])
        self._explain()
        self._plan.disabled = False
        self.view.visible, self.toggle.visible = True, False

    def _draft(self) -> Draft:
        times = {field: widget.value_input or widget.value or "" for field, widget in self._times.items()}
        return Draft(region_id=self._region.value or "", day=self._day.value, rules=self._choices.chosen, **times)

    def _explain(self) -> list[Finding]:
        return self._choices.explain(has_day_ahead=self._form.has_day_ahead(self._day.value))

    def _show(self, findings: Any) -> None:
        self._problems.show([Problem(*f) for f in by_field(findings, {name: name for name in self._fields})])

    def _on_rules(self) -> None:
        self._show(self._explain())

    def _on_open(self, _event: object) -> None:
        self.open()

    def _on_close(self, _event: object) -> None:
        self.view.visible, self.toggle.visible = False, True

    def _on_plan(self, _event: object) -> None:
        """Once for each time the form is opened: the button sleeps from the first click until it is refused."""
        if self._plan.disabled or not self.view.visible:
            return
        self._plan.disabled = True
        command, findings = self._form.check(self._draft())
        try:
            session = self._form.plan(command) if command is not None else None
        except Refused as refused:
            session, findings = None, list(refused.findings)
        self._show(findings)
        if session is None:
            self._plan.disabled = False
            return
        self._on_close(None)
        self._context.notify("The session is planned, and the participants are told.", "success")
        self._planned(session)
