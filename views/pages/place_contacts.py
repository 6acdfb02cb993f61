"""People who sign in for a registration (MPL-AUT), on its own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import ListAccounts
from domain.commands.place import AddContactPoint
from domain.ids import PartyId
from domain.parties.applications import MAX_ACCOUNT
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.pages.place_decisions import carry_out
from views.pages.place_description import side_by_side
from views.widgets import ProblemList, text

_WIDE: dict[str, Any] = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}


class ContactPoints:
    """Their names, and a form for one more."""

    def __init__(self, context: PageContext, on_done: Callable[[], None]) -> None:
        self._context, self._on_done = context, on_done
        self._own = PartyId(context.principal.party_id)
        self._names = text("", margin=(4, 12))
        self.fields = {
            "account": pmu.TextInput(label="Another sign-in name", max_length=MAX_ACCOUNT, **_WIDE),
            "password": pmu.PasswordInput(label="Its password", max_length=1000, **_WIDE),
        }
        self.problems = ProblemList(self.fields)
        self.add = pmu.Button(
            label="Add the sign-in", variant="outlined", on_click=in_turn(self._on_add), margin=(4, 12, 12, 12)
        )
        self.view = pn.Column(
            self._names,
            side_by_side(*(self.problems.beside(name) for name in self.fields)),
            self.problems.view,
            self.add,
            sizing_mode="stretch_width",
            margin=0,
        )

    def refresh(self) -> None:
        """What is typed stays."""
        names = (account.name for account in self._context.desk.ask(ListAccounts(party_id=self._own)))
        self._names.object = text(f"{', '.join(names)}.").object

    def _on_add(self, _event: Any) -> None:
        """The field forgets the password at once."""
        password, self.fields["password"].value = self.fields["password"].value or "", ""
        command = AddContactPoint(account=(self.fields["account"].value or "").strip(), secret=password)
        if carry_out(self._context, command, self.problems, {name: name for name in self.fields}):
            self._context.notify(f"{command.account} may sign in now.", "success")
            self.fields["account"].value = ""
            self._on_done()
