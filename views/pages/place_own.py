"""A registration of its own (MPL-REG): how far it has come, its platform, its served area, its company."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.place import CompanyRow, GetOwnCompany, GetServedArea, RegistrationRow
from domain.commands.place import QuitMarketPlace
from domain.errors import Refused
from domain.parties import Role
from views import news
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import whole_on_hover
from views.pages.later import in_turn
from views.pages.place_agreement import GeneralAgreement
from views.pages.place_contacts import ContactPoints
from views.pages.place_decisions import carry_out
from views.pages.place_more_roles import MoreRoles
from views.pages.place_own_forms import AreaForm, ContactForm, PlatformForm
from views.plots.book import Column
from views.state.common import sentence
from views.state.place_players import company_facts, registration_facts, registration_record
from views.widgets import Book, ConfirmDialog, FactList, ProblemList, empty_state, panel, text

ROLES = (
    Column("state", "State", "state", width_px=104),
    Column("role", "Role", min_px=190),
    Column("platform", "Platform", min_px=170),
    Column("area", "Countries served", min_px=110),
)


class OwnPage:
    """Facts at the left; what can be changed at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._facts, self._company = FactList(), FactList()
        self._roles = Book(ROLES)
        whole_on_hover(self._roles, "platform")
        self._dialog = ConfirmDialog()
        self.platform = PlatformForm(context, self.refresh)
        self.area = AreaForm(context, self.refresh) if context.principal.role is Role.PROVIDER else None
        self.contact = ContactForm(context, self.refresh)
        self.more = MoreRoles(context, self.refresh)
        self.people = ContactPoints(context, self.refresh)
        self.agreement = GeneralAgreement(context, self.refresh)
        self.leave = Leaving(context, self._dialog)
        self.refresh()
        context.live.subscribe(self._on_news, {news.PLAYERS})

    def main(self) -> list[Any]:
        """Facts of the registration and its company beside the forms."""
        left = [
            panel("Registration", self._facts.view),
            panel("Platform and set-up test", self.platform.view),
            panel("General agreement", self.agreement.view),
            panel("Company", self._company.view),
            panel("Roles of the company", self._roles.view),
            panel("Another role", self.more.view),
        ]
        right = [
            panel("Contact and address", self.contact.view),
            panel("People who sign in", self.people.view),
            panel("Leave", self.leave.view),
        ]
        if self.area is not None:
            right.insert(0, panel("Served area", self.area.view))
        columns = [pn.Column(*parts, sizing_mode="stretch_width", margin=0) for parts in (left, right)]
        for column in columns:
            column.styles = {"flex": "1 1 0", "min-width": "0"}
        return [pn.Row(*columns, sizing_mode="stretch_width", margin=0), self._dialog.view]

    def refresh(self) -> None:
        """Ask again; what is being typed stays unless it was changed elsewhere."""
        row = self._context.desk.ask(GetOwnCompany())
        own = own_row(row, self._context.principal.party_id)
        self._facts.show(registration_facts(own.registration))
        self._company.show(company_facts(row.company))
        show_fitted(self._roles, [registration_record(one) for one in row.registrations], most_px=240)
        self.more.show(row)
        self.platform.show(own.registration)
        self.contact.show(row.company)
        self.agreement.refresh()
        self.people.refresh()
        if self.area is not None:
            self.area.show(self._context.desk.ask(GetServedArea(registration_id=own.registration.id)))

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def own_row(row: CompanyRow, party_id: str) -> RegistrationRow:
    """The registration that is signed in."""
    return next(one for one in row.registrations if one.registration.id == party_id)


class Leaving:
    """Quit the market place, with a reason."""

    def __init__(self, context: PageContext, dialog: ConfirmDialog) -> None:
        self._context, self._dialog = context, dialog
        self.reason = pmu.TextInput(
            label="Reason", max_length=400, size="small", sizing_mode="stretch_width", margin=(5, 12)
        )
        self.problems = ProblemList({"reason": self.reason})
        self.button = pmu.Button(
            label="Leave the market place",
            variant="outlined",
            on_click=in_turn(self._on_leave),
            margin=(4, 12, 12, 12),
        )
        self.view = pn.Column(
            text("The other roles of your company stay.", "muted", margin=(0, 12)),
            self.problems.beside("reason"),
            self.problems.view,
            self.button,
            sizing_mode="stretch_width",
            margin=0,
        )

    def _on_leave(self, _event: Any) -> None:
        consequence = (
            "What this registration offers and asks for is withdrawn, its subscriptions are cancelled, its "
            "sign-ins and keys end. This cannot be taken back."
        )
        self._dialog.ask("Leave the market place?", consequence, "Leave", self._leave)

    def _leave(self) -> None:
        """The page is closed by what this causes."""
        carry_out(self._context, QuitMarketPlace(reason=self.reason.value), self.problems, {"reason": "reason"})


def _build(context: PageContext) -> Content:
    try:
        page = OwnPage(context)
    except Refused as refused:
        hint = "The market place's operator accepts companies that enrol; sign in with an account of one."
        return Content(main=[panel("Registration", empty_state(sentence(refused), hint))], owner=refused)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/place/registration",
        title="Registration",
        nav="Registration",
        roles=frozenset({Role.PROVIDER, Role.REQUESTER}),
        build=_build,
    ),
)
