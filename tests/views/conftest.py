"""A small desks' server on its own thread, and a browser's side of it: cookies, pages, websockets."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import httpx
import panel as pn
import pytest
from serving import on_a_thread
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from app.free_ports import free_port
from views import server, signin
from views.gate import PageSpec

RELEASE_AFTER_MS = 1500
RECHECK_EVERY_S = 60.0  # longer than any test: what must happen at once is not helped by the watch


@dataclass(frozen=True)
class Person:
    account: str
    role: str


@dataclass
class MemorySessions:
    """Login sessions in a dictionary; the password is the account's name backwards."""

    open: dict[str, Person] = field(default_factory=dict)
    roles: dict[str, str] = field(
        default_factory=lambda: {"alice": "dso", "carol": "dso", "bob": "esp", "dora": "nodesk"}
    )

    def sign_in(
        self, account: str, password: str, remote_ip: str, agent: str, new_password: str
    ) -> signin.SessionToken | signin.SignInRefused:
        if account == "throttled":
            return signin.SignInRefused(message="Too many attempts", retry_after_s=30)
        if account not in self.roles or password != account[::-1]:
            return signin.SignInRefused(message="Account or password is wrong.")
        session_id = secrets.token_urlsafe(16)
        self.open[session_id] = Person(account, self.roles[account])
        return signin.SessionToken(session_id=session_id, expires_at=datetime.now(UTC) + timedelta(hours=1))

    def principal_of(self, session_id: str) -> Person | None:
        return self.open.get(session_id)

    def seen(self, session_id: str) -> None: ...

    def sign_out(self, session_id: str) -> None:
        self.open.pop(session_id, None)

    def change_role(self, account: str, role: str) -> None:
        for session_id, person in self.open.items():
            if person.account == account:
                self.open[session_id] = replace(person, role=role)


@dataclass
class Desks:
    """The server under test."""

    built: server.DeskServer
    sessions: MemorySessions
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def browser(self) -> Browser:
        return Browser(self, httpx.Client(base_url=self.url, follow_redirects=False))

    def wait_until(self, condition: Callable[[], bool], seconds: float = 8.0) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.05)
        return False


@dataclass
class Browser:
    """One person's cookies and requests."""

    desks: Desks
    http: httpx.Client

    def sign_in(self, account: str, **form: str) -> httpx.Response:
        self.http.get("/login")
        data = {"account": account, "password": account[::-1], "_xsrf": self.http.cookies["_xsrf"]}
        return self.http.post("/login", data=data | form)

    def sign_out(self) -> httpx.Response:
        return self.http.post("/logout", data={"_xsrf": self.http.cookies["_xsrf"]})

    def page_token(self, path: str) -> str:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        found = re.search(r'"token":"([^"]+)"', answer.text)
        assert found, "the page carries no token"
        return found.group(1)

    async def socket(self, path: str, token: str, origin: str | None = "") -> WebSocketClientConnection:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())}
        if origin is not None:
            headers["Origin"] = origin or self.desks.url
        request = HTTPRequest(f"ws://127.0.0.1:{self.desks.port}{path}/ws", headers=headers)
        return await websocket_connect(request, subprotocols=["bokeh", token])


def page(label: str) -> Callable[[Person], object]:
    return lambda principal: pn.pane.Str(f"{label} of {principal.account}")


@pytest.fixture(scope="module")
def desks() -> Iterator[Desks]:
    sessions, port = MemorySessions(), free_port()

    def build() -> server.DeskServer:
        pages = [
            PageSpec(path="/dso", title="Grid", roles=frozenset({"dso"}), factory=page("grid")),
            PageSpec(path="/dso/needs", title="Needs", roles=frozenset({"dso"}), factory=page("needs")),
            PageSpec(path="/esp", title="Offers", roles=frozenset({"esp"}), factory=page("offers")),
        ]
        return server.build(
            pages,
            sessions=sessions,
            desk_of_role={"dso": "/dso", "esp": "/esp"},
            secret=secrets.token_bytes(32),
            port=port,
            recheck_every_s=RECHECK_EVERY_S,
            release_after_ms=RELEASE_AFTER_MS,
        )

    with on_a_thread(build) as built:
        yield Desks(built, sessions, port)
