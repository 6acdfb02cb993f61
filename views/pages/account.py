"""Everyone's own account: password, sign-ins that can be ended, API keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import KeyView, ListApiKeys, ListLogins
from domain.commands import EndLogin, RevokeApiKey, RotateApiKey, SignOutEverywhere
from domain.errors import Refused
from domain.ids import KeyId, LoginId
from domain.parties import PEOPLE
from views import news
from views.pages.account_forms import NewKey, PasswordForm
from views.pages.books import show_fitted
from views.pages.context import Content, Page, PageContext
from views.pages.dso_parts import attempt, utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.account import THIS, AccountState, key_record, key_state, login_record
from views.state.common import sentence
from views.widgets import Book, ConfirmDialog, ShownOnce, empty_state, panel, text

LOGINS = (
    Column("kind", "Where", width_px=84),
    Column("this", "", width_px=84),
    Column("client", "Client", min_px=150),
    Column("address", "Address", min_px=110),
    Column("began", "Began", "time", width_px=144),
    Column("began_utc", "UTC"),
    Column("seen", "Last seen", "time", width_px=144),
    Column("seen_utc", "UTC"),
    Column("ends", "Ends", "time", width_px=144),
    Column("ends_utc", "UTC"),
)
KEYS = (
    Column("state", "State", "state", width_px=104),
    Column("name", "Name", min_px=150),
    Column("scopes", "Scopes", min_px=140),
    Column("used", "Last used", "time", width_px=144),
    Column("used_utc", "UTC"),
    Column("expires", "Ends", "time", width_px=144),
    Column("expires_utc", "UTC"),
    Column("old", "Old secret works", "time", width_px=176),
)
_SIDE_PX = 380
_OVERLAP_HOURS = 24


class AccountPage:
    """Sign-ins and keys at the left, each with what can be done to the picked row; forms at the right."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.state = AccountState()
        self._keys: dict[str, KeyView] = {}
        self._dialog, self.once = ConfirmDialog(), ShownOnce()
        self._logins = Book(LOGINS, on_pick=self._on_pick_login)
        self._book = Book(KEYS, on_pick=self._on_pick_key)
        utc_on_hover(self._logins, "began", "seen", "ends")
        utc_on_hover(self._book, "used", "expires")
        whole_on_hover(self._logins, "client")
        whole_on_hover(self._book, "name", "scopes")
        self.end = _small("End this sign-in", self._on_end)
        self.everywhere = _small("Sign out everywhere", self._on_everywhere)
        self.rotate = _small("New secret", self._on_rotate)
        self.revoke = _small("Revoke", self._on_revoke)
        self._none = empty_state("You have no API key.", "Make one at the right for a program of yours.")
        self._password = PasswordForm(context)
        self._new = NewKey(context, self.once, self.refresh)
        self.refresh()
        context.live.subscribe(self._on_news, {news.ACCESS})

    def main(self) -> list[Any]:
        name = self._context.principal.account
        books = (
            panel(
                "Where you are signed in",
                text(f"Desks and programs that act as {name}. End what you do not know.", "muted", margin=(0, 12)),
                self._logins.view,
                tools=[pn.HSpacer(), self.end, self.everywhere],
            ),
            panel("API keys", self._none, self._book.view, tools=[pn.HSpacer(), self.rotate, self.revoke]),
        )
        forms = (panel("Password", self._password.view), panel("New API key", self._new.view))
        both = pn.Row(
            pn.Column(*books, sizing_mode="stretch_width", margin=0),
            pn.Column(*forms, width=_SIDE_PX, margin=0),
            sizing_mode="stretch_width",
            margin=0,
        )
        return [both, self._dialog.view, self.once.view]

    def refresh(self) -> None:
        """Ask again and patch."""
        ask, now = self._context.desk.ask, datetime.now(UTC)
        own = self._context.principal.login
        logins = [login_record(login, own) for login in ask(ListLogins())]
        show_fitted(self._logins, logins, most_px=320)
        self._keys = {view.key.id: view for view in ask(ListApiKeys())}
        show_fitted(self._book, [key_record(view, now) for view in self._keys.values()], most_px=320)
        self._book.view.visible, self._none.visible = bool(self._keys), not self._keys
        self._show_picked()

    def _show_picked(self) -> None:
        picked = self._logins.mark("id", self.state.login_id)
        self.end.disabled = picked is None or picked["this"] == THIS
        self._book.mark("id", self.state.key_id)
        key = self._keys.get(self.state.key_id)
        lives = key is not None and key_state(key, datetime.now(UTC)) == "active"
        self.rotate.disabled = self.revoke.disabled = not lives

    def _on_pick_login(self, record: Any) -> None:
        self.state.login_id = record["id"]
        self._show_picked()

    def _on_pick_key(self, record: Any) -> None:
        self.state.key_id = record["id"]
        self._show_picked()

    def _on_end(self, _event: Any) -> None:
        command = EndLogin(login_id=LoginId(self.state.login_id))
        if attempt(self._context, lambda: self._context.desk.do(command), "It has ended."):
            self.refresh()

    def _on_everywhere(self, _event: Any) -> None:
        consequence = "All sessions at the desks and all tokens end, this one too. API keys stay."
        self._dialog.ask("Sign out everywhere?", consequence, "Sign out", self._sign_out)

    def _sign_out(self) -> None:
        """The page is closed by what this causes."""
        attempt(self._context, lambda: self._context.desk.do(SignOutEverywhere()), "You are signed out.")

    def _on_rotate(self, _event: Any) -> None:
        key = self._keys[self.state.key_id].key
        consequence = (
            f"{key.name} gets a new secret that works at once. The old one works for {_OVERLAP_HOURS} hours more, "
            "so that your programs can be changed over."
        )
        self._dialog.ask("Make a new secret?", consequence, "Make it", lambda: self._rotate(key.id))

    def _rotate(self, key_id: KeyId) -> None:
        try:
            issued = self._context.desk.do(RotateApiKey(key_id=key_id, overlap_hours=_OVERLAP_HOURS))
        except Refused as refused:
            self._context.notify(sentence(refused), "error")
            return
        self.refresh()
        self.once.show(f"New secret of {issued.key.name}", "Keep it now: it is not shown again.", issued.secret)

    def _on_revoke(self, _event: Any) -> None:
        key = self._keys[self.state.key_id].key
        consequence = f"Programs that call with {key.name} are refused from now on. This cannot be taken back."
        self._dialog.ask(f"Revoke {key.name}?", consequence, "Revoke", lambda: self._revoke(key.id))

    def _revoke(self, key_id: KeyId) -> None:
        if attempt(self._context, lambda: self._context.desk.do(RevokeApiKey(key_id=key_id)), "It is revoked."):
            self.refresh()

    def _on_news(self, _topic: str, _value: object) -> None:
        self.refresh()


def _small(label: str, on_click: Any) -> pmu.Button:
    return pmu.Button(label=label, variant="outlined", size="small", margin=(0, 4), on_click=in_turn(on_click))


def _build(context: PageContext) -> Content:
    page = AccountPage(context)
    return Content(main=page.main(), owner=page)


PAGES = (
    Page(
        path="/account",
        title="Account",
        nav="",
        roles=PEOPLE,
        build=_build,
    ),
)
