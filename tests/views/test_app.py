"""The desks as wired: who gets which page, what surrounds it, and how news reaches it."""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import fakes
import httpx
import pytest
from serving import serving

from app.auth.throttle import Throttled
from domain import events
from domain.errors import refuse
from domain.parties import PEOPLE, Principal, Role
from tests.views import hostile_day as h
from views import app as desks_app
from views import news, signin
from views.pages.context import Page

ACCOUNT_OF_ROLE = {
    Role.FMO: "fmo",
    Role.DSO: "dso1",
    Role.TSO: "tso",
    Role.ESP: "esp1",
    Role.AGGREGATOR: "agg1",
    Role.RETAILER: "retailer1",
    Role.BRP: "brp1",
    Role.CUSTOMER: "customer1",
    Role.PLACE_OPERATOR: "place1",
    Role.PROVIDER: "provider1",
    Role.REQUESTER: "requester1",
}
UNSEEN: set[type[events.Event]] = set()
"""Events that no page shows."""


@dataclass
class FakeAuth:
    """Everyone's password is their name; sessions in a dictionary."""

    people: Mapping[str, Principal] = field(
        default_factory=lambda: {party.id: fakes.principal(party.id) for party in fakes.PARTIES}
    )
    open: dict[str, Principal] = field(default_factory=dict)

    def sign_in(self, account: str, password: str, remote_ip: str, agent: str) -> Any:
        if account == "hasty":
            raise Throttled(17)
        if password != account:
            raise refuse("wrong_credentials", "account", "Account and password do not fit.")
        self.open[f"token-{account}"] = self.people[account]
        return SimpleNamespace(token=f"token-{account}", expires_at=datetime.now(UTC) + timedelta(hours=1))

    def principal_of_session(self, token: str, *, active: bool = False) -> Principal | None:
        return self.open.get(token)

    def sign_out(self, token: str) -> None:
        self.open.pop(token, None)


@pytest.fixture(scope="module")
def url(hostile: Any) -> Iterator[str]:
    """The desks over the real desk and database after the hostile day, on a thread of their own."""
    with serving(hostile.desk, FakeAuth(h.w.WHO)) as address:
        yield address


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with h.hostile_world(tmp_path_factory.mktemp("hostile")) as world:
        yield world


@pytest.fixture(scope="module")
def people(url: str) -> dict[Role, httpx.Client]:
    """One signed-in browser of each role."""
    return {role: signed_in(url, account) for role, account in ACCOUNT_OF_ROLE.items()}


def signed_in(url: str, account: str) -> httpx.Client:
    http = httpx.Client(base_url=url, follow_redirects=False, timeout=30)
    http.get("/login")
    form = {"account": account, "password": account, "_xsrf": http.cookies["_xsrf"]}
    answer = http.post("/login", data=form)
    assert answer.status_code == 302, answer.text
    return http


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_every_role_lands_on_its_desk(people: dict[Role, httpx.Client], role: Role) -> None:
    assert people[role].get("/").headers["Location"] == desks_app.DESK_OF_ROLE[role]


@pytest.mark.parametrize("spec", desks_app.PAGES, ids=lambda spec: spec.path)
def test_a_page_opens_for_its_roles_and_for_no_other(
    people: dict[Role, httpx.Client], spec: Page, caplog: pytest.LogCaptureFixture
) -> None:
    for role, http in people.items():
        answer = http.get(spec.path)
        assert answer.status_code == (200 if role in spec.roles else 403), (role, answer.text[:500])
        if role in spec.roles:
            assert re.search(r'"token":"[^"]+"', answer.text)
            assert h.ATTACK not in answer.text
            assert "<img src=x" not in answer.text
            assert "location.reload" not in answer.text, "from the second role on its head was sent before it"
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert [said for record in caplog.records if "overridden to 'stretch" in (said := record.getMessage())] == []


def test_nobody_sees_a_page_without_signing_in(url: str) -> None:
    for page in desks_app.PAGES:
        answer = httpx.get(url + page.path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/login")


def test_every_free_text_of_the_product_carries_the_attack(hostile: Any) -> None:
    """A new command with a text must be played by the hostile day, or be refused there."""
    assert h.free_texts() == hostile.desk.taken | h.REFUSED | h.NOT_TYPED.keys()
    assert hostile.desk.refused - hostile.desk.taken == h.REFUSED


def test_each_role_has_one_desk_that_admits_it() -> None:
    assert set(desks_app.DESK_OF_ROLE) == PEOPLE == set(desks_app.ROLE_WORDS)
    by_path = {page.path: page for page in desks_app.PAGES}
    for role, path in desks_app.DESK_OF_ROLE.items():
        assert role in by_path[path].roles
        assert desks_app.navigation(role)[0].path == path, "the desk comes first in the navigation"


def test_everyone_may_read_notifications_and_nobody_acts_as_the_market() -> None:
    pages = {page.path: page for page in desks_app.PAGES}
    assert pages["/notifications"].roles == PEOPLE
    assert all(Role.SYSTEM not in page.roles for page in desks_app.PAGES)


def test_every_event_is_told_under_one_topic() -> None:
    classes = {
        thing
        for _, thing in inspect.getmembers(events, inspect.isclass)
        if issubclass(thing, events.Event) and thing is not events.Event
    }
    told = [event for group in news.TOPICS.values() for event in group]
    assert len(told) == len(set(told))
    assert set(told) | UNSEEN == classes


def test_a_batch_tells_each_topic_once() -> None:
    published: list[str] = []
    hub = SimpleNamespace(publish=lambda topic, _value, _audience: published.append(topic))
    tell = news.teller(hub)
    opened = events.SessionOpened(session_id="MS-1", region_id="north")
    tell([opened, opened, events.ClockMoved(market_time="", speed=1.0)])
    assert sorted(published) == [news.CLOCK, news.MARKET]


OFFER = {"session_id": "MS-1", "region_id": "north", "offer_id": "FO-1", "party_id": "esp1"}
BASELINE = {"asset_id": "FA-1", "region_id": "north", "owner_id": "esp1", "delivery_day": fakes.DAY}


@pytest.mark.parametrize(
    ("event", "heard_by"),
    [
        (events.OfferSubmitted(**OFFER), {"esp1", "fmo"}),
        (events.OfferWithdrawn(**OFFER), {"esp1", "fmo"}),
        (events.BaselineUploaded(**BASELINE), {"esp1", "fmo"}),
        (events.Notified(party_id="esp1"), {"esp1"}),
        (events.NotificationsRead(party_id="esp1"), {"esp1"}),
        (events.SessionOpened(session_id="MS-1", region_id="north"), {party.id for party in fakes.PARTIES}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_a_supplier_does_before_the_gate_reaches_no_rival_and_no_dso(
    event: events.Event, heard_by: set[str]
) -> None:
    """Not even the time of it: a page told of nothing asks nothing, and its data-age stamp stands."""
    published: list[frozenset[str] | None] = []
    news.teller(SimpleNamespace(publish=lambda _topic, _value, audience: published.append(audience)))([event])
    (audience,) = published
    people = {party.id: news.names_of(fakes.principal(party.id)) for party in fakes.PARTIES}
    assert {party for party, names in people.items() if audience is None or audience & names} == heard_by


def test_in_one_batch_news_for_all_reach_all() -> None:
    published: list[frozenset[str] | None] = []
    tell = news.teller(SimpleNamespace(publish=lambda _topic, _value, audience: published.append(audience)))
    tell([events.OfferSubmitted(**OFFER), events.SessionOpened(session_id="MS-1", region_id="north")])
    assert published == [None]


def test_refused_sign_ins_become_sentences() -> None:
    sessions = desks_app.DeskSessions(FakeAuth(), None)
    wrong = sessions.sign_in("fmo", "nonsense", "127.0.0.1")
    hasty = sessions.sign_in("hasty", "hasty", "127.0.0.1")
    assert wrong == signin.SignInRefused(message="Account and password do not fit.")
    assert isinstance(hasty, signin.SignInRefused)
    assert hasty.retry_after_s == 17
    opened = sessions.sign_in("fmo", "fmo", "127.0.0.1")
    assert isinstance(opened, signin.SessionToken)
    assert sessions.principal_of(opened.session_id) == fakes.principal("fmo")
    sessions.sign_out(opened.session_id)
    assert sessions.principal_of(opened.session_id) is None


def test_the_shell_names_party_gate_and_unread() -> None:
    desk = fakes.FakeDesk()
    view = desk.query(fakes.principal("fmo"), desks_app.GetShell())
    model = desks_app.shell_model(view, "/fmo")
    assert (model.party, model.role, model.unread) == ("FlexMarkt", "Market operator", 2)
    assert model.gate is not None
    assert model.gate.due_at == view.next_gate.due_at
    assert "gate closes" in model.gate.label
