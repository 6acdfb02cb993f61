"""The market place's operator: companies and registrations, what waits for a decision, tests and certificates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn

from app.queries.models.place import CompanyRow, GetServedArea, ListCompanies, RegistrationRow
from domain.marketplace.companies import CompanyState
from domain.marketplace.registrations import RegistrationState
from domain.marketplace.words import PARTY_ROLE
from domain.parties import Party, Role
from views import news
from views.pages.books import picked_or_first, show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import utc_on_hover, whole_on_hover
from views.pages.fmo_participant_access import PartyAccess
from views.pages.place_decisions import CompanyDecision, RegistrationDecision
from views.plots.book import Column
from views.state.place_pick import PlayersPick
from views.state.place_players import (
    company_record,
    registration_record,
    waiting_companies,
    waiting_registrations,
)
from views.widgets import Book, ConfirmDialog, KeyFigure, KeyFigures, ShownOnce, csv_button, empty_state, panel

COMPANIES = (
    Column("state", "State", "state", width_px=104),
    Column("name", "Company", min_px=180),
    Column("type", "Type", min_px=170),
    Column("country", "Country", width_px=74),
    Column("registrations", "Roles", "count", width_px=62),
    Column("agreed", "General agreement", width_px=138),
    Column("at", "Applied", "time", width_px=136),
    Column("at_utc", "UTC"),
)
REGISTRATIONS = (
    Column("state", "State", "state", width_px=104),
    Column("company", "Company", min_px=120),
    Column("role", "Role", min_px=176),
    Column("platform", "Platform", min_px=262),
    Column("test", "Set-up test", min_px=100),
    Column("area", "Served area", min_px=80),
)
_SIDE_PX = 420


class OperatorPage:
    """Books at the left, the picked company's and registration's facts and decisions at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = PlayersPick()
        context.location.sync(self.state, {"company_id": "company", "registration_id": "registration"})
        self._companies: dict[str, CompanyRow] = {}
        self._registrations: dict[str, RegistrationRow] = {}
        self._strip = KeyFigures([])
        self._book = Book(COMPANIES, on_pick=self._on_pick_company)
        self._none = empty_state(
            "No company has enrolled yet.", "Companies enrol on the public page that the sign-in links to."
        )
        self._roles = Book(REGISTRATIONS, on_pick=self._on_pick_registration)
        utc_on_hover(self._book, "at")
        whole_on_hover(self._book, "name")
        whole_on_hover(self._roles, "company", "platform", "test", "area")
        self._dialog = ConfirmDialog()
        self.company = CompanyDecision(context, self.refresh)
        self.registration = RegistrationDecision(context, self._dialog, self.refresh)
        self._once = ShownOnce()
        self.access = PartyAccess(context, self._dialog, self._once)
        self.refresh()
        context.live.subscribe(self._on_news, {news.PLAYERS, news.PARTIES, news.ACCESS})

    def main(self) -> list[Any]:
        companies = panel(
            "Companies",
            self._none,
            self._book.view,
            tools=[pn.HSpacer(), csv_button("companies.csv", self._book.csv)],
        )
        roles = panel(
            "Registrations",
            self._roles.view,
            tools=[pn.HSpacer(), csv_button("registrations.csv", self._roles.csv)],
        )
        sides = (panel("Company", self.company.view), panel("Registration", self.registration.view))
        both = pn.Row(
            pn.Column(
                companies,
                roles,
                panel("Sign-ins and API keys", self.access.view),
                sizing_mode="stretch_width",
                margin=0,
            ),
            pn.Column(*sides, width=_SIDE_PX, margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )
        return [self._strip.view, both, self._dialog.view, self._once.view]

    def refresh(self) -> None:
        """Ask again and patch."""
        companies = waiting_companies(self._context.desk.ask(ListCompanies()))
        registrations = waiting_registrations([one for row in companies for one in row.registrations])
        self._companies = {row.company.id: row for row in companies}
        self._registrations = {row.registration.id: row for row in registrations}
        show_fitted(self._book, [company_record(row) for row in companies], most_px=300)
        self._book.view.visible, self._none.visible = bool(companies), not companies
        show_fitted(self._roles, [registration_record(row) for row in registrations], most_px=420)
        self._strip.show(figures(companies))
        self.state.company_id = picked_or_first(self.state.company_id, self._companies)
        self.state.registration_id = picked_or_first(self.state.registration_id, self._own_roles())
        self._show_picked()

    def _show_picked(self) -> None:
        self._book.mark("id", self.state.company_id)
        self._roles.mark("id", self.state.registration_id)
        company = self._companies.get(self.state.company_id)
        self.company.show(None if company is None else company.company)
        picked = self._registrations.get(self.state.registration_id)
        self.access.show(None if picked is None else participant(picked))
        if picked is None:
            self.registration.show(None, None, None)
            return
        one = picked.registration
        area = self._context.desk.ask(GetServedArea(registration_id=one.id)) if one.provides else None
        self.registration.show(one, self._companies[one.company_id].company, area)

    def _on_pick_company(self, record: Any) -> None:
        self.state.company_id = record["id"]
        own = self._own_roles()
        if self.state.registration_id not in own:
            self.state.registration_id = own[0] if own else ""
        self._show_picked()

    def _own_roles(self) -> list[str]:
        """Registrations of the picked company."""
        company = self._companies.get(self.state.company_id)
        return [] if company is None else [row.registration.id for row in company.registrations]

    def _on_pick_registration(self, record: Any) -> None:
        self.state.registration_id = record["id"]
        self.state.company_id = self._registrations[record["id"]].registration.company_id
        self._show_picked()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def participant(row: RegistrationRow) -> Party | None:
    """Who signs in for a registration; None before it is accepted."""
    one = row.registration
    if one.accepted_at is None:
        return None
    return Party(id=one.id, name=row.company_name, role=PARTY_ROLE[one.player_role])


def figures(companies: Sequence[CompanyRow]) -> list[KeyFigure]:
    """What waits for the operator comes first."""
    waiting = sum(row.company.state is CompanyState.APPLIED for row in companies)
    accepted = [row for row in companies if row.company.state is CompanyState.ACCEPTED]
    roles = [one.registration for row in accepted for one in row.registrations]
    n = {state: sum(one.state is state for one in roles) for state in RegistrationState}
    more, tested = n[RegistrationState.APPLIED], n[RegistrationState.TESTED]
    return [
        KeyFigure("Companies to decide on", str(waiting), "", "", "watch" if waiting else "normal"),
        KeyFigure("Further roles to decide on", str(more), "", "", "watch" if more else "normal"),
        KeyFigure("To be certified", str(tested), "", "passed the test", "watch" if tested else "normal"),
        KeyFigure("To be tested", str(n[RegistrationState.ACCEPTED]), "", "accepted"),
        KeyFigure("Certified", str(n[RegistrationState.CERTIFIED]), "", "services are seen"),
        KeyFigure("Suspended", str(n[RegistrationState.SUSPENDED])),
    ]


def _build(context: PageContext) -> Content:
    page = OperatorPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/place",
        title="Market place",
        nav="Players",
        roles=frozenset({Role.PLACE_OPERATOR}),
        build=_build,
    ),
)
