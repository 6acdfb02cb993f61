"""Who takes part: applications to accept or refuse, roles, suspension and reinstatement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import ListApplications, ListParties
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
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.participants import (
    ParticipantsState,
    application_record,
    chosen_role,
    group_options,
    party_record,
    role_options,
    role_value,
    role_words,
    waiting_first,
)
from views.state.spans import by_field
from views.widgets import (
    Book,
    ConfirmDialog,
    KeyFigure,
    KeyFigures,
    ProblemList,
    csv_button,
    empty_state,
    panel,
    text,
)
from views.widgets.forms import Problem

APPLICATIONS = (
    Column("state", "State", "state", width_px=116),
    Column("company", "Company", min_px=170),
    Column("role", "Role wished", min_px=160),
    Column("email", "E-mail", min_px=170),
    Column("account", "Sign-in name", min_px=110),
    Column("at", "Received", "time", width_px=136),
    Column("at_utc", "UTC"),
    Column("reason", "Reason of refusal", min_px=120),
)
PARTIES = (
    Column("state", "State", "state", width_px=116),
    Column("name", "Participant", min_px=210),
    Column("role", "Role", min_px=150),
    Column("group", "Balance group", min_px=120),
    Column("reason", "Why suspended", min_px=140),
    Column("id", "Id", min_px=130),
)
_SIDE_PX = 380
_FIELD = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}


class ParticipantsPage:
    """Applications above, participants below; what is picked is decided at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = ParticipantsState()
        context.location.sync(self.state, {"application_id": "application", "party_id": "party"})
        self._applications: tuple[Application, ...] = ()
        self._parties: dict[str, Party] = {}
        self._strip = KeyFigures([])
        self._applied = Book(APPLICATIONS, on_pick=self._on_pick_application)
        self._none = empty_state("Nobody has applied yet.", "Companies apply on the public page /apply.")
        self._book = Book(PARTIES, height_px=380, on_pick=self._on_pick_party)
        utc_on_hover(self._applied, "at")
        whole_on_hover(self._applied, "reason")
        whole_on_hover(self._book, "reason")
        self._dialog = ConfirmDialog()
        self._decision = _Decision(context, self.refresh)
        self._standing = _Standing(context, self._dialog, self.refresh)
        self.refresh()
        context.live.subscribe(self._on_news, {news.PARTIES})

    def main(self) -> list[Any]:
        applied = panel(
            "Applications",
            self._none,
            self._applied.view,
            tools=[pn.HSpacer(), csv_button("applications.csv", self._applied.csv)],
        )
        parties = panel(
            "Participants and roles",
            self._book.view,
            tools=[pn.HSpacer(), csv_button("participants.csv", self._book.csv)],
        )
        return [
            self._strip.view,
            _beside(applied, panel("Answer an application", self._decision.view)),
            _beside(parties, panel("Role and standing", self._standing.view)),
            self._dialog.view,
        ]

    def refresh(self) -> None:
        """Ask again and patch."""
        ask = self._context.desk.ask
        self._applications = tuple(waiting_first(ask(ListApplications())))
        self._parties = {party.id: party for party in ask(ListParties())}
        show_fitted(self._applied, [application_record(one) for one in self._applications], most_px=260)
        self._applied.view.visible = bool(self._applications)
        self._none.visible = not self._applications
        self._book.show([party_record(party, self._parties) for party in self._parties.values()])
        self._strip.show(figures(self._applications, self._parties.values()))
        self._show_picked()

    def _show_picked(self) -> None:
        picked = next((one for one in self._applications if one.id == self.state.application_id), None)
        waiting = (one for one in self._applications if one.state is ApplicationState.SUBMITTED)
        self._decision.show(picked or next(waiting, None), tuple(self._parties.values()))
        self._standing.show(self._parties.get(self.state.party_id), self._context.principal.party_id)

    def _on_pick_application(self, record: Any) -> None:
        self.state.application_id = record["id"]
        self._show_picked()

    def _on_pick_party(self, record: Any) -> None:
        self.state.party_id = record["id"]
        self._show_picked()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


class _Decision:
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


class _Standing:
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


def _beside(left: Any, right: Any) -> pn.Row:
    right.param.update(sizing_mode="fixed", width=_SIDE_PX)
    return pn.Row(left, right, sizing_mode="stretch_width", margin=0)


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


def figures(applications: tuple[Application, ...], parties: Any) -> list[KeyFigure]:
    """How many wait, take part and are suspended."""
    waiting = sum(one.state is ApplicationState.SUBMITTED for one in applications)
    active = sum(party.active for party in parties)
    return [
        KeyFigure("Applications to answer", str(waiting), "", "", "watch" if waiting else "normal"),
        KeyFigure("Active participants", str(active)),
        KeyFigure("Suspended", str(len(parties) - active)),
    ]


def _build(context: PageContext) -> Content:
    page = ParticipantsPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/fmo/participants",
        title="Participants",
        nav="Participants",
        roles=frozenset({Role.FMO}),
        build=_build,
    ),
)
