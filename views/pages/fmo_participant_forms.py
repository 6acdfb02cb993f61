"""What is decided of an application and of a participant: beside the books of participants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import (
    AcceptApplication,
    AssignRole,
    Command,
    RefuseApplication,
    ReinstateParty,
    SuspendParty,
)
from domain.errors import Refused
from domain.lifecycle import ApplicationState
from domain.parties import Application, Party, Role
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.state.participants import chosen_role, group_options, role_options, role_value, role_words
from views.state.spans import by_field
from views.widgets import ConfirmDialog, ProblemList, text
from views.widgets.forms import Problem

_FIELD = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}


class Decision:
    """Accept an application in a role, or refuse it with a reason."""

    def __init__(self, context: PageContext, on_done: Callable[[], None]) -> None:
        self._context, self._on_done = context, on_done
        self._one: Application | None = None
        self._words = text("", margin=(4, 12))
        self.role = pmu.Select(label="Role given", options=role_options(), **_FIELD)
        self.group = pmu.Select(label="Balance group", options={}, **_FIELD)
        self.reason = pmu.TextInput(label="Reason of a refusal", max_length=400, **_FIELD)
        self.problems = ProblemList({"role": self.role, "brp_id": self.group, "reason": self.reason})
        self.accept = pmu.Button(
            label="Accept", variant="contained", icon="check", on_click=in_turn(self._on_accept)
        )
        self.refuse = pmu.Button(label="Refuse", variant="outlined", on_click=in_turn(self._on_refuse))
        beside = self.problems.beside
        self._form = pn.Column(
            beside("role"),
            beside("brp_id"),
            beside("reason"),
            self.problems.view,
            pn.Row(self.accept, self.refuse, margin=(4, 12, 12, 12)),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.view = pn.Column(self._words, self._form, sizing_mode="stretch_width", margin=0)

    def show(self, one: Application | None, parties: tuple[Party, ...]) -> None:
        another = one is None or self._one is None or one.id != self._one.id
        self._one = one
        self._words.object = text(_about(one)).object
        self._form.visible = one is not None and one.state is ApplicationState.SUBMITTED
        self.group.options = group_options(parties)
        if another and one is not None:
            self.role.value = role_value(one.role, one.independent)
            self.group.value, self.reason.value = "", ""
            self.problems.show([])

    def _on_accept(self, _event: Any) -> None:
        if self._one is None:
            return
        role, independent = chosen_role(self.role.value)
        command = AcceptApplication(
            application_id=self._one.id,
            role=role,
            independent=independent,
            brp_id=self.group.value or None,
        )
        if _done(self._context, command, self.problems):
            self._context.notify(f"{self._one.company} takes part and can sign in.", "success")
            self._on_done()

    def _on_refuse(self, _event: Any) -> None:
        if self._one is None:
            return
        command = RefuseApplication(application_id=self._one.id, reason=self.reason.value)
        if _done(self._context, command, self.problems):
            self._context.notify(f"{self._one.company} is refused. Write to {self._one.email}.", "info")
            self._on_done()


class Standing:
    """Another role, suspension with a reason, reinstatement."""

    def __init__(self, context: PageContext, dialog: ConfirmDialog, on_done: Callable[[], None]) -> None:
        self._context, self._dialog, self._on_done = context, dialog, on_done
        self._party: Party | None = None
        self._words = text("", margin=(4, 12))
        self.role = pmu.Select(label="Role", options=role_options(), **_FIELD)
        self.reason = pmu.TextInput(label="Reason of the suspension", max_length=400, **_FIELD)
        self.problems = ProblemList({"role": self.role, "reason": self.reason})
        self.assign = pmu.Button(label="Give this role", variant="outlined", on_click=in_turn(self._on_assign))
        self.suspend = pmu.Button(label="Suspend", variant="outlined", on_click=in_turn(self._on_suspend))
        self.reinstate = pmu.Button(
            label="Reinstate", variant="contained", on_click=in_turn(self._on_reinstate), margin=(4, 12, 12, 12)
        )
        self._active = pn.Column(
            self.problems.beside("role"),
            pn.Row(self.assign, margin=(0, 12)),
            self.problems.beside("reason"),
            pn.Row(self.suspend, margin=(0, 12, 12, 12)),
            sizing_mode="stretch_width",
            margin=0,
        )
        self.view = pn.Column(
            self._words,
            self._active,
            self.problems.view,
            self.reinstate,
            sizing_mode="stretch_width",
            margin=0,
        )

    def show(self, party: Party | None, own_id: str) -> None:
        another = party is None or self._party is None or party.id != self._party.id
        self._party = party
        mine = party is not None and (party.id == own_id or party.role is Role.FMO)
        self._words.object = text(_standing_words(party, mine)).object
        self._active.visible = party is not None and party.active and not mine
        self.reinstate.visible = party is not None and not party.active
        if another and party is not None and not mine:
            self.role.value = role_value(party.role, party.independent)
            self.reason.value = ""
            self.problems.show([])

    def _on_assign(self, _event: Any) -> None:
        party = self._party
        if party is None:
            return
        role, independent = chosen_role(self.role.value)
        if (role, independent) == (party.role, party.independent):
            self.problems.show([Problem("role", f"{party.name} has this role already.")])
            return
        command = AssignRole(party_id=party.id, role=role, independent=independent)
        consequence = f"{party.name} becomes {role_words(role, independent)}. Its logins end and its pages close."
        self._dialog.ask("Give another role?", consequence, "Give the role", lambda: self._do(command, "done"))

    def _on_suspend(self, _event: Any) -> None:
        party = self._party
        if party is None:
            return
        command = SuspendParty(party_id=party.id, reason=self.reason.value)
        consequence = (
            f"{party.name} is out at once: its pages close, its tokens end, its offers and requests that wait "
            "for a gate are withdrawn. What is awarded stays."
        )
        self._dialog.ask(f"Suspend {party.name}?", consequence, "Suspend", lambda: self._do(command, "suspended"))

    def _on_reinstate(self, _event: Any) -> None:
        if self._party is not None:
            self._do(ReinstateParty(party_id=self._party.id), "reinstated")

    def _do(self, command: Command, what: str) -> None:
        party = self._party
        if party is not None and _done(self._context, command, self.problems):
            self._context.notify(f"{party.name}: {what}.", "success")
            self.reason.value = ""
            self._on_done()


def _done(context: PageContext, command: Command, problems: ProblemList) -> bool:
    """Carry the command out, or show its findings beside the fields."""
    rules = {field: field for field in ("role", "brp_id", "reason")} | {"independent": "role"}
    try:
        context.desk.do(command)
    except Refused as refused:
        problems.show([Problem(*found) for found in by_field(refused.findings, rules)])
        return False
    problems.show([])
    return True


def _about(one: Application | None) -> str:
    if one is None:
        return "No application waits for your answer."
    if one.state is ApplicationState.SUBMITTED:
        wish = role_words(one.role, one.independent)
        return f"{one.company} wishes to take part as {wish}. Contact: {one.contact}, {one.email}."
    return f"{one.company}: {one.state.value}. {one.reason}"


def _standing_words(party: Party | None, mine: bool) -> str:
    if party is None:
        return "Pick a participant in the table."
    if mine:
        return f"{party.name} operates the market; its role stands."
    return f"{party.name}: {'active' if party.active else f'suspended. {party.reason}'}"
