"""The account's page and the operator's view of sign-ins: what is shown, sent and refused, without a browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import fakes
import httpx
import pytest
from opened import Opened, opened
from serving import serving

from app.queries.models import KeyView, ListAccounts, ListApiKeys, ListLogins
from domain.commands import (
    ChangePassword,
    CreateApiKey,
    EndLogin,
    ResetPassword,
    RevokeApiKey,
    RotateApiKey,
    SignOutEverywhere,
)
from domain.errors import refuse
from domain.events import LoginsEnded, PasswordChanged, PasswordReset
from domain.ids import LoginId
from domain.parties import Account, ApiKey, IssuedKey, KeyUse, Login, LoginKind, Party, Role, Scope
from tests.views import fakes as asked  # the module that `opened` answers from
from views import news
from views.pages.account import AccountPage
from views.pages.context import BoundDesk
from views.pages.fmo_participant_access import PartyAccess
from views.state import account as state
from views.widgets import ConfirmDialog, ShownOnce

NOW = datetime.now(UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
LOGIN = Login(
    id=LoginId("LN-1"),
    kind=LoginKind.SESSION,
    began_at=NOW,
    seen_at=NOW,
    expires_at=NOW + timedelta(hours=12),
    address="10.0.0.7",
    client=FIREFOX,
)
OTHER = replace(LOGIN, id=LoginId("TF-2"), kind=LoginKind.TOKEN, client="scada")
KEY = ApiKey(
    id="AK-1",
    party_id="esp1",
    account="esp1",
    name="Scheduler <i>",
    scopes=(Scope.TRADE,),
    created_at=NOW,
    issued_at=NOW,
    expires_at=NOW + timedelta(days=90),
)


class Carrying:
    """The fake desk; commands about keys answer with a secret, and what it is told to refuse it refuses."""

    def __init__(self, desk: Any) -> None:
        self.desk, self.refusal = desk, None

    def query(self, principal: Any, query: Any) -> Any:
        return self.desk.query(principal, query)

    def execute(self, principal: Any, command: Any) -> Any:
        if self.refusal is not None:
            raise self.refusal
        self.desk.done.append((principal.account, command))
        return IssuedKey(key=KEY, secret="fdk_shown-once")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> tuple[AccountPage, Opened, Carrying]:
    """The page of esp1 in session LN-1, with a token and a key."""
    views = (KeyView(key=KEY, use=KeyUse()),)
    monkeypatch.setitem(asked._ANSWERS, ListLogins, lambda *_: (LOGIN, OTHER))
    monkeypatch.setitem(asked._ANSWERS, ListApiKeys, lambda *_: views)
    monkeypatch.setitem(
        asked._ANSWERS,
        ListAccounts,
        lambda *_: (Account(name="esp1", active=True, one_time_until=None, n_logins=2),),
    )
    found = opened("esp1")
    desk = Carrying(found.desk)
    who = replace(found.context.principal, login=LoginId("LN-1"))
    context = replace(found.context, desk=BoundDesk(desk, who))
    return AccountPage(context), found, desk


def pick(page: AccountPage, *, login: str = "", key: str = "") -> None:
    if login:
        page._on_pick_login({"id": login})
    if key:
        page._on_pick_key({"id": key})


def test_this_session_is_marked_and_only_others_are_ended_one_by_one(page: Any) -> None:
    view, found, _desk = page
    assert [row["this"] for row in view._logins.records] == ["this one", ""]
    assert view.end.disabled
    pick(view, login="LN-1")
    assert view.end.disabled
    pick(view, login="TF-2")
    assert not view.end.disabled
    view._on_end(None)
    assert [command.login_id for command in found.sent(EndLogin)] == ["TF-2"]


def test_signing_out_everywhere_is_asked_for(page: Any) -> None:
    view, found, _desk = page
    view._on_everywhere(None)
    assert found.sent(SignOutEverywhere) == []
    view._dialog._on_confirm(None)
    assert [command.but_this for command in found.sent(SignOutEverywhere)] == [False]


def test_a_new_key_is_shown_once_and_forgotten_with_the_dialog(page: Any) -> None:
    view, found, _desk = page
    new = view._new
    assert list(new.scopes.options.values()) == ["read", "trade", "assets"]
    new.name.value, new.scopes.value = "Scheduler", ["trade"]
    new._on_create(None)
    (command,) = found.sent(CreateApiKey)
    assert (command.name, command.scopes, command.days) == ("Scheduler", (Scope.TRADE,), 90)
    assert (view.once.secret, view.once.view.open) == ("fdk_shown-once", True)
    view.once._on_done(None)
    assert view.once.secret == ""


def test_a_key_is_rotated_and_revoked_after_a_question(page: Any) -> None:
    view, found, _desk = page
    assert view.rotate.disabled
    assert view.revoke.disabled
    pick(view, key="AK-1")
    view._on_rotate(None)
    view._dialog._on_confirm(None)
    assert view.once.secret == "fdk_shown-once"
    view._on_revoke(None)
    assert found.sent(RevokeApiKey) == []
    view._dialog._on_confirm(None)
    assert len(found.sent(RotateApiKey)) == len(found.sent(RevokeApiKey)) == 1


def test_findings_on_a_key_stand_beside_their_fields(page: Any) -> None:
    view, _found, desk = page
    desk.refusal = refuse("missing", "scopes", "Choose <b>something</b>.")
    view._new._on_create(None)
    assert "Choose &lt;b&gt;" in view._new.problems._beside["scopes"].object


def test_a_password_is_typed_twice_and_no_field_keeps_it(page: Any) -> None:
    view, found, desk = page
    form = view._password
    form.present.value, form.password.value, form.again.value = "old horse", "new horse!", "new horse?"
    form._on_change(None)
    assert found.sent(ChangePassword) == []
    assert form.problems._beside["again"].visible
    form.again.value = "new horse!"
    form._on_change(None)
    (command,) = found.sent(ChangePassword)
    assert (command.present, command.password) == ("old horse", "new horse!")
    assert "horse" not in repr(command)
    assert {form.present.value, form.password.value, form.again.value} == {""}
    desk.refusal = refuse("wrong_credentials", "present", "It does not fit.")
    form._on_change(None)
    assert form.problems._beside["present"].visible


def test_the_operator_gives_a_one_time_password_and_revokes_keys(page: Any) -> None:
    _view, found, desk = page
    context = replace(opened("fmo").context, desk=BoundDesk(desk, fakes.principal("fmo")))
    dialog, once = ConfirmDialog(), ShownOnce()
    access = PartyAccess(context, dialog, once)
    access.show(None)
    assert not access._sign_ins.visible
    access.show(Party(id="esp1", name="Sun", role=Role.ESP))
    assert "1 account, 2 sign-ins, 1 API key" in access._words.object
    access._on_reset(None)
    dialog._on_confirm(None)
    (reset,) = found.sent(ResetPassword)
    assert (reset.account, reset.password) == ("esp1", once.secret)
    assert len(once.secret) == 19
    access._on_revoke(None)
    dialog._on_confirm(None)
    assert [command.key_id for command in found.sent(RevokeApiKey)] == ["AK-1"]
    access.show(Party(id="fmo", name="Market", role=Role.FMO))
    assert not access._sign_ins.visible, "an operator changes its own password"


@pytest.mark.parametrize(
    ("client", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/129.0 Safari/537.36 Edg/129.0",
            "Edge on Windows",
        ),
        ("python-httpx/0.28.1", "python-httpx/0.28.1"),
        ("scada", "scada"),
        ("", "–"),
    ],
)
def test_clients_in_words(client: str, words: str) -> None:
    assert state.client_words(client) == words


def test_a_keys_state_follows_the_clock() -> None:
    view = KeyView(key=KEY, use=KeyUse())
    assert state.key_state(view, NOW) == "active"
    assert state.key_state(view, KEY.expires_at) == "expired"
    assert state.key_state(replace(view, key=replace(KEY, revoked_at=NOW)), NOW) == "revoked"


def test_pages_are_looked_after_when_sign_ins_end() -> None:
    checked: list[bool] = []
    close = news.closer(lambda: checked.append(True))
    for event in (LoginsEnded, PasswordChanged, PasswordReset):
        close([event(party_id="esp1", account="esp1")])
    assert checked == [True] * 3
    told = news.audience_of(LoginsEnded(party_id="esp1", account="esp1"))
    assert told == frozenset({"party esp1", "role fmo"})


# -- the sign-in page with a one-time password ----------------------------------------------------------------


class OneTime:
    """Sign-in of one account whose password is for one time."""

    chosen = ""

    def whoever_chooses(self, account: str, password: str, _remote_ip: str) -> Any:
        if password != "one-time":
            raise refuse("wrong_credentials", "account", "Account and password do not fit.")
        return fakes.principal(account)

    def sign_in(self, account: str, password: str, _remote_ip: str, _agent: str) -> Any:
        if not self.chosen or password != self.chosen:
            raise refuse("must_change", "password", "Choose another one.")
        return type("Issued", (), {"token": "t", "expires_at": datetime.now(UTC) + timedelta(hours=1)})


class Changing(fakes.FakeDesk):
    def execute(self, principal: Any, command: Any) -> Any:
        assert isinstance(command, ChangePassword)
        if len(command.password) < 8:
            raise refuse("out_of_range", "password", "A password has 8 characters.")
        OneTime.chosen = command.password


def test_a_one_time_password_asks_for_another_before_it_signs_in() -> None:
    with serving(Changing(), OneTime()) as url, httpx.Client(base_url=url, timeout=30) as http:
        assert "new_password" not in http.get("/login").text

        def send(**form: str) -> httpx.Response:
            return http.post("/login", data={"account": "esp1", "_xsrf": http.cookies["_xsrf"]} | form)

        asked_for = send(password="one-time")
        assert (asked_for.status_code, 'name="new_password"' in asked_for.text) == (401, True)
        assert "one-time" not in asked_for.text.replace("One-time", "")
        assert 'name="new_password"' in send(password="one-time", new_password="short").text
        assert send(password="guess", new_password="another horse").status_code == 401
        assert OneTime.chosen == ""
        signed_in = send(password="one-time", new_password="another horse")
        assert signed_in.status_code == 302
        assert OneTime.chosen == "another horse"
