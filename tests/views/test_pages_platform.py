"""On which desk a page stands: the market's, or that of the platform that is hosted for its participant."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fakes
import httpx
import pytest
from platform_room import WHO, Doors, Room, platform_room
from serving import on_a_thread

from app.bus import Bus
from app.free_ports import free_port
from app.queries.models import GetShell, ListNotifications
from domain.events import Notified
from domain.events.platform import PlatformEvent
from domain.ids import NotificationId, PartyId
from domain.notifications import Notification
from domain.parties import Principal, Role
from views import app as desks_app
from views import news
from views.pages.context import Side
from views.sides import Hosted

PAGE = next(page for page in desks_app.PAGES if page.path == "/platform/notifications")


@dataclass
class Heard:
    """A hub that keeps what it is told."""

    told: list[tuple[str, frozenset[str] | None]] = field(default_factory=list)

    def publish(self, topic: str, _value: object, audience: frozenset[str] | None = None) -> None:
        self.told.append((topic, audience))

    def ear(self, _names: frozenset[str]) -> Any:
        return SimpleNamespace(subscribe=lambda _listener, _topics: None)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with platform_room(tmp_path / "platform.db") as opened:
        yield opened


def hosted(room: Room, *parties: str) -> tuple[Hosted, Heard]:
    heard = Heard()
    platforms = SimpleNamespace(of=lambda party_id: room.platform if party_id in parties else None)
    return Hosted(platforms, lambda: heard), heard


def note(party: str, number: int) -> Notification:
    return Notification(
        id=NotificationId(f"N-{number}"),
        party_id=WHO[party].party_id,
        event="Notified",
        sentence=f"<b>{number}</b>",
        link="",
        market_at=fakes.NOW,
    )


def texts(content: Any) -> str:
    return " ".join(str(part.object) for item in content.main for part in item.select() if hasattr(part, "object"))


def test_a_platforms_shell_has_its_name_clock_and_unread_and_no_gate(room: Room) -> None:
    room.add(note("provider1", 1), note("customer1", 2))
    view = room.ask("provider1", GetShell())
    assert (view.party.id, view.n_unread, view.next_gate, view.demo) == ("provider1", 1, None, False)
    model = desks_app.shell_model(view, "/platform/notifications", side=Side.PLATFORM)
    assert model.alarms is None
    assert all(item.path.startswith("/platform/") for item in model.nav)


def test_a_page_of_the_platform_side_asks_the_platform_as_the_party_of_the_same_id(room: Room) -> None:
    room.add(note("provider1", 1), note("requester1", 2))
    sides, _ = hosted(room, "provider1")
    standing = sides.standing(WHO["provider1"])
    assert standing is not None
    assert [n.id for n in standing.desk.ask(ListNotifications())] == ["N-1"]
    assert sides.standing(WHO["provider1"]).hub is standing.hub


def test_without_a_hosted_platform_the_page_says_so(room: Room) -> None:
    sides, _ = hosted(room, "provider1")
    content = desks_app._content(PAGE, sides.standing(WHO["requester1"]), lambda _text, _kind: None)
    assert desks_app.NOT_HOSTED in texts(content)


def test_whom_the_platform_does_not_know_is_told_so_and_sees_nothing(room: Room) -> None:
    stranger = Principal(account="x", party_id=PartyId("x"), role=Role.PROVIDER)
    sides, _ = hosted(room, "x")
    content = desks_app._content(PAGE, sides.standing(stranger), lambda _text, _kind: None)
    assert desks_app.NOT_KNOWN in texts(content)


def test_what_was_stored_on_a_platform_ends_its_shared_answers_and_nothing_else_does(room: Room) -> None:
    sides, _ = hosted(room, "customer1")
    desk = sides.standing(WHO["customer1"]).desk
    first = desk.ask(ListNotifications())
    assert desk.ask(ListNotifications()) is first, "within a quarter of a second the same answer serves"
    room.add(note("customer1", 3))
    assert [n.id for n in desk.ask(ListNotifications())] == ["N-3"]


def test_news_of_a_platform_reach_its_own_hub_once_per_platform(room: Room) -> None:
    sides, heard = hosted(room, "provider1", "customer1")
    sides.standing(WHO["provider1"])
    sides.standing(WHO["customer1"])
    room.platform.bus.publish([Notified(party_id=WHO["customer1"].party_id)])
    assert heard.told == [(news.NOTICES, frozenset({"party customer1"}))]


def test_other_customers_do_not_hear_what_happens_on_a_platform() -> None:
    heard = Heard()
    news.teller(heard)([PlatformEvent()])
    ((topic, audience),) = heard.told
    assert topic == news.PLATFORM
    assert audience is not None
    assert audience & news.names_of(WHO["provider1"])
    assert audience & news.names_of(WHO["requester1"])
    assert not audience & news.names_of(WHO["customer1"])


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Room]]:
    """The desks of a platform's own process."""
    with platform_room(tmp_path_factory.mktemp("own") / "platform.db") as room:
        port = free_port()
        settings = SimpleNamespace(
            secret=lambda: b"p" * 40,
            desks_port=port,
            host="127.0.0.1",
            websocket_origins=(),
            secure_cookies=False,
            reached_by_https=False,
            proxy=(),
        )
        platform = SimpleNamespace(
            desk=room.platform.desk,
            auth=Doors(WHO),
            bus=Bus(),
            revision=0,
            upload_values=room.platform.upload_values,
            address="",
        )
        with on_a_thread(lambda: desks_app.build_platform_desks(platform, settings)):
            yield f"http://127.0.0.1:{port}", room


def signed_in(url: str, account: str) -> httpx.Client:
    http = httpx.Client(base_url=url, follow_redirects=False, timeout=30)
    http.get("/login")
    form = {"account": account, "password": account, "_xsrf": http.cookies["_xsrf"]}
    assert http.post("/login", data=form).status_code == 302
    return http


@pytest.mark.parametrize("who", ["provider1", "requester1", "customer1"])
def test_a_platforms_own_server_has_its_pages_and_none_of_the_markets(
    own_server: Any, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    url, _room = own_server
    http = signed_in(url, who)
    assert http.get("/").headers["Location"] == desks_app.PLATFORM_DESK_OF_ROLE[WHO[who].role]
    for page in desks_app.PAGES:
        answer = http.get(page.path)
        if page not in desks_app.pages_of(Side.PLATFORM):
            assert answer.status_code == 404, page.path
        else:
            assert answer.status_code == (200 if WHO[who].role in page.roles else 403), page.path
            assert "<img src=x" not in answer.text
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_the_desk_of_each_role_of_a_platform_is_one_of_its_pages() -> None:
    pages = {page.path: page for page in desks_app.pages_of(Side.PLATFORM)}
    for role, path in desks_app.PLATFORM_DESK_OF_ROLE.items():
        assert role in pages[path].roles
        assert desks_app.navigation(role, side=Side.PLATFORM)[0].path == path


def test_a_search_on_a_platform_finds_its_pages() -> None:
    found = desks_app.pages_found(Role.CUSTOMER, "NEWS")
    assert [hit.href for hit in found] == ["/platform/notifications"]
