"""Change the own password; make an API key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import ChangePassword, CreateApiKey
from domain.errors import Refused
from domain.parties import Scope
from views.pages.context import PageContext
from views.pages.later import Later, in_turn
from views.state.account import scope_options
from views.state.spans import by_field
from views.widgets import ProblemList, ShownOnce, text
from views.widgets.forms import Problem

_FIELD = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}
_AGAIN = "The two do not agree."
_DAYS = {"a week": 7, "30 days": 30, "90 days": 90, "half a year": 183, "a year": 365}


class PasswordForm:
    """The present password, a new one, and the new one again. All three are cleared whatever comes of it."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._changing: Later[Refused | None] = Later(pause_ms=1)
        self.present = pmu.PasswordInput(label="Present password", **_FIELD)
        self.password = pmu.PasswordInput(label="New password", **_FIELD)
        self.again = pmu.PasswordInput(label="New password again", **_FIELD)
        self._fields = {"present": self.present, "password": self.password, "again": self.again}
        self.problems = ProblemList(self._fields)
        self.change = pmu.Button(label="Change password", variant="contained", on_click=in_turn(self._on_change))
        self.view = pn.Column(
            *(self.problems.beside(name) for name in self._fields),
            self.problems.view,
            text("Your other sign-ins end. API keys stay.", "muted", margin=(0, 12)),
            pn.Row(self.change, margin=(4, 12, 12, 12)),
            sizing_mode="stretch_width",
            margin=0,
        )

    def _on_change(self, _event: Any) -> None:
        if self.password.value != self.again.value:
            self.problems.show([Problem("again", _AGAIN)])
            return
        command = ChangePassword(present=self.present.value or "", password=self.password.value or "")
        self.change.disabled = True
        self._changing.soon(lambda: self._refusal(command), self._show)

    def _refusal(self, command: ChangePassword) -> Refused | None:
        """Passwords take a while to check: off the event loop."""
        try:
            self._context.desk.do(command)
        except Refused as refused:
            return refused
        return None

    def _show(self, refused: Refused | None) -> None:
        self.change.disabled = False
        for widget in self._fields.values():
            widget.value = ""
        if refused is not None:
            rules = {field: field for field in self._fields}
            self.problems.show([Problem(*found) for found in by_field(refused.findings, rules)])
            return
        self.problems.show([])
        self._context.notify("The password is changed. Your other sign-ins have ended.", "success")


class NewKey:
    """A name, what it may be used for, and for how long."""

    def __init__(self, context: PageContext, once: ShownOnce, on_done: Callable[[], None]) -> None:
        self._context, self._once, self._on_done = context, once, on_done
        options = scope_options(context.principal.role)
        self.name = pmu.TextInput(label="Name", max_length=80, placeholder="What it is for", **_FIELD)
        self.scopes = pmu.CheckBoxGroup(
            label="May be used for", options=options, value=[next(iter(options.values()))], margin=(5, 12)
        )
        self.days = pmu.Select(label="Ends after", options=_DAYS, value=90, **_FIELD)
        fields = {"name": self.name, "scopes": self.scopes, "days": self.days}
        self.problems = ProblemList(fields)
        self.create = pmu.Button(label="Make the key", variant="contained", on_click=in_turn(self._on_create))
        self.view = pn.Column(
            *(self.problems.beside(name) for name in fields),
            self.problems.view,
            pn.Row(self.create, margin=(4, 12, 12, 12)),
            sizing_mode="stretch_width",
            margin=0,
        )

    def _on_create(self, _event: Any) -> None:
        command = CreateApiKey(
            name=self.name.value or "",
            scopes=tuple(map(Scope, self.scopes.value)),
            days=self.days.value,
        )
        try:
            issued = self._context.desk.do(command)
        except Refused as refused:
            rules = {"name": "name", "scopes": "scopes", "days": "days"}
            self.problems.show([Problem(*found) for found in by_field(refused.findings, rules)])
            return
        self.problems.show([])
        self.name.value = ""
        self._on_done()
        words = "Send it as Authorization: Bearer, or as X-API-Key. Keep it now: it is not shown again."
        self._once.show(f"Secret of {issued.key.name}", words, issued.secret)
