"""Sign-ins and API keys of the picked participant, as the market operator may end them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import ListAccounts, ListApiKeys
from domain.commands import ResetPassword, RevokeApiKey
from domain.errors import Refused
from domain.ids import KeyId
from domain.parties import Account, Party, Role
from domain.parties.access import one_time_password
from views.pages.context import PageContext
from views.pages.dso_parts import attempt
from views.pages.later import Later, in_turn
from views.state.account import key_state
from views.state.common import local, sentence
from views.state.spans import plural
from views.widgets import ConfirmDialog, ShownOnce, text

_FIELD = {"size": "small", "margin": (5, 12)}


class PartyAccess:
    """A one-time password for one of its accounts; revocation of one of its keys."""

    def __init__(self, context: PageContext, dialog: ConfirmDialog, once: ShownOnce) -> None:
        self._context, self._dialog, self._once = context, dialog, once
        self._party: Party | None = None
        self._accounts: dict[str, Account] = {}
        self._resetting: Later[Refused | None] = Later(pause_ms=1)
        self._words = text("", margin=(4, 12))
        self.account = pmu.Select(label="Account", options=[], width=200, **_FIELD)
        self.key = pmu.Select(label="API key", options={}, width=300, **_FIELD)
        self.reset = _small("Give a one-time password", self._on_reset)
        self.revoke = _small("Revoke the key", self._on_revoke)
        self._sign_ins = pn.Row(self.account, self.reset, margin=0)
        self._keys = pn.Row(self.key, self.revoke, margin=0)
        self.view = pn.Column(
            self._words,
            pn.Row(self._sign_ins, self._keys, margin=(0, 0, 8, 0)),
            sizing_mode="stretch_width",
            margin=0,
        )

    def show(self, party: Party | None) -> None:
        """Ask again about this participant."""
        self._party = party
        ask = self._context.desk.ask
        accounts = ask(ListAccounts(party_id=party.id)) if party else ()
        keys = ask(ListApiKeys(party_id=party.id)) if party else ()
        self._accounts = {account.name: account for account in accounts}
        living = {f"{view.key.name} ({view.key.id})": view.key.id for view in keys if _lives(view)}
        _offer(self.account, list(self._accounts))
        _offer(self.key, living)
        self._sign_ins.visible = bool(self._accounts) and party is not None and party.role is not Role.FMO
        self._keys.visible = bool(living)
        self._words.object = text(_words(party, tuple(accounts), len(living))).object

    def _on_reset(self, _event: Any) -> None:
        name = self.account.value
        consequence = (
            f"{name} gets a one-time password that you pass on. Its sign-ins end, and with that password it "
            "chooses another one."
        )
        self._dialog.ask("Give a one-time password?", consequence, "Give it", lambda: self._reset(name))

    def _reset(self, name: str) -> None:
        password = one_time_password()
        command = ResetPassword(account=name, password=password)

        def shown(refused: Refused | None) -> None:
            if refused is not None:
                self._context.notify(sentence(refused), "error")
                return
            self.show(self._party)
            words = f"For whoever signs in as {name}. It serves once, within 72 hours, and is not shown again."
            self._once.show("One-time password", words, password)

        self._resetting.soon(lambda: self._refusal(command), shown)

    def _refusal(self, command: ResetPassword) -> Refused | None:
        """Passwords take a while to hash: off the event loop."""
        try:
            self._context.desk.do(command)
        except Refused as refused:
            return refused
        return None

    def _on_revoke(self, _event: Any) -> None:
        key_id = KeyId(self.key.value)
        consequence = "Programs that call with it are refused from now on. This cannot be taken back."
        self._dialog.ask("Revoke the key?", consequence, "Revoke", lambda: self._revoke(key_id))

    def _revoke(self, key_id: KeyId) -> None:
        if attempt(self._context, lambda: self._context.desk.do(RevokeApiKey(key_id=key_id)), "It is revoked."):
            self.show(self._party)


def _small(label: str, on_click: Any) -> pmu.Button:
    return pmu.Button(
        label=label, variant="outlined", size="small", align="center", margin=(0, 12), on_click=in_turn(on_click)
    )


def _lives(view: Any) -> bool:
    return key_state(view, datetime.now(UTC)) == "active"


def _offer(select: pmu.Select, options: Any) -> None:
    values = list(options.values()) if isinstance(options, dict) else options
    value = select.value if select.value in values else next(iter(values), None)
    select.param.update(options=options, value=value)


def _words(party: Party | None, accounts: tuple[Account, ...], n_keys: int) -> str:
    if party is None:
        return "Pick a participant in the table."
    signed_in = sum(account.n_logins for account in accounts)
    waiting = [account for account in accounts if account.one_time_until is not None]
    one_time = "".join(
        f" {one.name} has a one-time password until {local(one.one_time_until)}."
        for one in waiting
        if one.one_time_until is not None
    )
    said = f"{plural(len(accounts), 'account')}, {plural(signed_in, 'sign-in')}, {plural(n_keys, 'API key')}."
    return f"{party.name}: {said}{one_time}"
