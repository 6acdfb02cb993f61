"""Another role for the own company (MPL-REG), on the desk of one of its registrations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.place import CompanyRow
from domain.commands.place import AddRegistration
from domain.marketplace.words import PlayerRole
from domain.parties.applications import MAX_ACCOUNT
from domain.transport import LONGEST_URL
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.pages.place_decisions import carry_out
from views.pages.place_description import side_by_side
from views.state.place_players import roles_left
from views.widgets import ProblemList, text

_WIDE: dict[str, Any] = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}
_RULES = {
    "player_role": "player_role",
    "account": "account",
    "platform_url": "platform_url",
    "password": "password",
}


class MoreRoles:
    """The roles that a company of this type may have and does not have yet; the operator decides on the wish."""

    def __init__(self, context: PageContext, on_done: Callable[[], None]) -> None:
        self._context, self._on_done = context, on_done
        self.fields: dict[str, Any] = {
            "player_role": pmu.Select(label="Role", options={}, **_WIDE),
            "account": pmu.TextInput(label="Sign-in name", max_length=MAX_ACCOUNT, **_WIDE),
            "password": pmu.PasswordInput(label="Its password", max_length=1000, **_WIDE),
            "platform_url": pmu.TextInput(label="Platform address (optional)", max_length=LONGEST_URL, **_WIDE),
        }
        self.problems = ProblemList(self.fields)
        self.wish = pmu.Button(
            label="Register in this role",
            variant="outlined",
            on_click=in_turn(self._on_wish),
            margin=(4, 12, 12, 12),
        )
        beside = self.problems.beside
        self._none = text("Your company has every role that its type may have.", "muted", margin=(4, 12, 12, 12))
        self._form = pn.Column(
            text("A registration of its own, which the operator accepts or not.", "muted", margin=(0, 12)),
            beside("player_role"),
            side_by_side(beside("account"), beside("password")),
            beside("platform_url"),
            self.problems.view,
            self.wish,
            sizing_mode="stretch_width",
            margin=0,
        )
        self.view = pn.Column(self._none, self._form, sizing_mode="stretch_width", margin=0)

    def show(self, row: CompanyRow) -> None:
        """What is chosen and typed stays while the role is to be had."""
        left = roles_left(row)
        self._none.visible, self._form.visible = not left, bool(left)
        role = self.fields["player_role"]
        if role.options != left:
            kept = role.value if role.value in left.values() else next(iter(left.values()), None)
            role.param.update(options=left, value=kept)

    def _on_wish(self, _event: Any) -> None:
        """The field forgets the password at once."""
        password, self.fields["password"].value = self.fields["password"].value or "", ""
        command = AddRegistration(
            player_role=PlayerRole(self.fields["player_role"].value),
            account=(self.fields["account"].value or "").strip(),
            platform_url=(self.fields["platform_url"].value or "").strip(),
            secret=password,
        )
        if carry_out(self._context, command, self.problems, _RULES):
            self.fields["account"].value = self.fields["platform_url"].value = ""
            self._context.notify("The operator decides on the role. Then its sign-in name works.", "success")
            self._on_done()
