"""Who takes part: applications to accept or refuse, roles, suspension and reinstatement."""

from __future__ import annotations

from typing import Any

import panel as pn

from app.queries.models import ListApplications, ListParties
from domain.lifecycle import ApplicationState
from domain.parties import Application, Party, Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.pages.fmo_participant_access import PartyAccess
from views.pages.fmo_participant_forms import Decision, Standing
from views.plots.book import Column
from views.state.participants import (
    ParticipantsState,
    application_record,
    party_record,
    waiting_first,
)
from views.widgets import (
    Book,
    ConfirmDialog,
    KeyFigure,
    KeyFigures,
    ShownOnce,
    csv_button,
    empty_state,
    panel,
)

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
        self._decision = Decision(context, self.refresh)
        self._standing = Standing(context, self._dialog, self.refresh)
        self._once = ShownOnce()
        self._access = PartyAccess(context, self._dialog, self._once)
        self.refresh()
        context.live.subscribe(self._on_news, {news.PARTIES, news.ACCESS})

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
        access = panel("Sign-ins and API keys", self._access.view)
        answers = (
            panel("Answer an application", self._decision.view),
            panel("Role and standing", self._standing.view),
        )
        both = pn.Row(
            pn.Column(applied, parties, access, sizing_mode="stretch_width", margin=0),
            pn.Column(*answers, width=_SIDE_PX, margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )
        return [self._strip.view, both, self._dialog.view, self._once.view]

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
        party = self._parties.get(self.state.party_id)
        self._standing.show(party, self._context.principal.party_id)
        self._access.show(party)

    def _on_pick_application(self, record: Any) -> None:
        self.state.application_id = record["id"]
        self._show_picked()

    def _on_pick_party(self, record: Any) -> None:
        self.state.party_id = record["id"]
        self._show_picked()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


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
