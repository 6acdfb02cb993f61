"""What the market place's operator decides of a company and of a registration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import Command
from domain.commands.place import (
    AcceptCompany,
    AcceptRegistration,
    CertifyRegistration,
    RefuseCompany,
    RefuseRegistration,
    ReinstateRegistration,
    SuspendRegistration,
    TestIntegration,
)
from domain.errors import Refused
from domain.marketplace.areas import ServedArea
from domain.marketplace.companies import Company, CompanyState
from domain.marketplace.registrations import AT_WORK, Registration, RegistrationState
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.state.place_players import area_facts, company_facts, registration_facts
from views.state.spans import by_field
from views.widgets import ConfirmDialog, FactList, ProblemList, text
from views.widgets.forms import Problem

_FIELD = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}
_BUTTONS = (4, 12, 12, 12)


def carry_out(context: PageContext, command: Command, problems: ProblemList, rules: dict[str, str]) -> Any:
    """What the command gives, or None with its findings beside the fields."""
    try:
        done = context.desk.do(command)
    except Refused as refused:
        problems.show([Problem(*found) for found in by_field(refused.findings, rules)])
        return None
    problems.show([])
    return True if done is None else done


class CompanyDecision:
    """Who a company is; accept it with all its registrations, or refuse it with a reason."""

    def __init__(self, context: PageContext, on_done: Callable[[], None]) -> None:
        self._context, self._on_done = context, on_done
        self._one: Company | None = None
        self._none = text("Pick a company in the table.", "muted", margin=(4, 12, 12, 12))
        self._facts = FactList()
        self.reason = pmu.TextInput(label="Reason of a refusal", max_length=400, **_FIELD)
        self.problems = ProblemList({"reason": self.reason})
        self.accept = pmu.Button(
            label="Accept the company", variant="contained", icon="check", on_click=in_turn(self._on_accept)
        )
        self.refuse = pmu.Button(label="Refuse", variant="outlined", on_click=in_turn(self._on_refuse))
        self._form = pn.Column(
            self.problems.beside("reason"),
            self.problems.view,
            pn.Row(self.accept, self.refuse, margin=_BUTTONS),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.view = pn.Column(self._none, self._facts.view, self._form, sizing_mode="stretch_width", margin=0)

    def show(self, one: Company | None) -> None:
        another = one is None or self._one is None or one.id != self._one.id
        self._one = one
        self._none.visible = one is None
        self._facts.show([] if one is None else company_facts(one))
        self._form.visible = one is not None and one.state is CompanyState.APPLIED
        if another:
            self.reason.value = ""
            self.problems.show([])

    def _on_accept(self, _event: Any) -> None:
        if self._one is not None:
            said = f"{self._one.name} takes part; its people can sign in."
            self._do(AcceptCompany(company_id=self._one.id), said)

    def _on_refuse(self, _event: Any) -> None:
        if self._one is not None:
            said = f"{self._one.name} is refused. Write to {self._one.contact.email}."
            self._do(RefuseCompany(company_id=self._one.id, reason=self.reason.value), said)

    def _do(self, command: Command, said: str) -> None:
        if carry_out(self._context, command, self.problems, {"reason": "reason"}):
            self._context.notify(said, "success")
            self._on_done()


class RegistrationDecision:
    """How far a registration has come, and the operator's next step with it."""

    def __init__(self, context: PageContext, dialog: ConfirmDialog, on_done: Callable[[], None]) -> None:
        self._context, self._dialog, self._on_done = context, dialog, on_done
        self._one: Registration | None = None
        self._name = ""
        self._none = text("Pick a registration in the table.", "muted", margin=(4, 12, 12, 12))
        self._facts = FactList()
        self.reason = pmu.TextInput(label="Reason", max_length=400, **_FIELD)
        self.problems = ProblemList({"reason": self.reason})
        self.certify = pmu.Button(
            label="Certify", variant="contained", icon="verified", on_click=in_turn(self._on_certify)
        )
        self.test = pmu.Button(label="Run the set-up test", variant="outlined", on_click=in_turn(self._on_test))
        self.accept = pmu.Button(label="Accept", variant="contained", on_click=in_turn(self._on_accept))
        self.refuse = pmu.Button(label="Refuse", variant="outlined", on_click=in_turn(self._on_refuse))
        self.suspend = pmu.Button(label="Suspend", variant="outlined", on_click=in_turn(self._on_suspend))
        self.reinstate = pmu.Button(label="Reinstate", variant="contained", on_click=in_turn(self._on_reinstate))
        self._with_reason = self.problems.beside("reason")
        buttons = (self.certify, self.test, self.accept, self.refuse, self.suspend, self.reinstate)
        self.view = pn.Column(
            self._none,
            self._facts.view,
            self._with_reason,
            self.problems.view,
            pn.Row(*buttons, margin=_BUTTONS),
            sizing_mode="stretch_width",
            margin=0,
        )

    def show(self, one: Registration | None, company: Company | None, area: ServedArea | None) -> None:
        another = one is None or self._one is None or one.id != self._one.id
        self._one, self._name = one, "" if company is None else company.name
        self._none.visible = one is None
        facts = [] if one is None else [("Company", self._name), *registration_facts(one)]
        self._facts.show(facts + (area_facts(area) if one is not None and one.provides else []))
        state = None if one is None else one.state
        decided = company is not None and company.state is CompanyState.ACCEPTED
        waits = state is RegistrationState.APPLIED and decided
        self.certify.visible = state is RegistrationState.TESTED
        self.accept.visible = self.refuse.visible = waits
        self.test.visible = state in AT_WORK and one is not None and bool(one.platform_url)
        self.suspend.visible = state in AT_WORK
        self.reinstate.visible = state is RegistrationState.SUSPENDED
        self._with_reason.visible = waits or state in AT_WORK
        if another:
            self.reason.value = ""
            self.problems.show([])

    def _on_certify(self, _event: Any) -> None:
        if self._one is not None:
            said = f"{self._name} is certified as {self._one.player_role.value}."
            self._do(CertifyRegistration(registration_id=self._one.id), said)

    def _on_test(self, _event: Any) -> None:
        if self._one is not None:
            self._do(TestIntegration(registration_id=self._one.id), f"The platform of {self._name} is called.")

    def _on_accept(self, _event: Any) -> None:
        if self._one is not None:
            said = f"{self._name} takes part as {self._one.player_role.value}, too."
            self._do(AcceptRegistration(registration_id=self._one.id), said)

    def _on_refuse(self, _event: Any) -> None:
        if self._one is not None:
            command = RefuseRegistration(registration_id=self._one.id, reason=self.reason.value)
            self._do(command, f"{self._name} is refused as {self._one.player_role.value}.")

    def _on_suspend(self, _event: Any) -> None:
        if self._one is None:
            return
        command = SuspendRegistration(registration_id=self._one.id, reason=self.reason.value)
        consequence = (
            f"{self._name} is out as {self._one.player_role.value} at once: its pages close, its keys end, its "
            "services are no longer seen. Its subscriptions stay."
        )
        said = f"{self._name} is suspended."
        self._dialog.ask(f"Suspend {self._name}?", consequence, "Suspend", lambda: self._do(command, said))

    def _on_reinstate(self, _event: Any) -> None:
        if self._one is not None:
            said = f"{self._name} is in again; its platform is tested and certified anew."
            self._do(ReinstateRegistration(registration_id=self._one.id), said)

    def _do(self, command: Command, said: str) -> None:
        if carry_out(self._context, command, self.problems, {"reason": "reason"}):
            self._context.notify(said, "success")
            self.reason.value = ""
            self._on_done()
