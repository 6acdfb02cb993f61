"""The desks of the application: whose pages they are, what surrounds them, and how news reaches them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import panel as pn
from tornado.ioloop import IOLoop

from app.auth.throttle import Throttled
from app.queries.models import GetShell, ShellView
from app.settings import Settings
from domain.errors import Refused
from domain.flexibility.market import GateKind
from domain.parties import Principal, Role
from views import news, signin
from views import server as desk_server
from views.gate import PageSpec
from views.live import Hub
from views.pages import dso, fmo, fmo_participants, fmo_session, notifications, portfolio, results, supply, tso
from views.pages.context import BoundDesk, Doorway, Page, PageContext
from views.server import DeskServer
from views.shell import ClockModel, GateModel, NavItem, Shell, ShellModel

log = logging.getLogger(__name__)

BROKEN = "This page could not be drawn. The fault has been logged; go back and try again."

PAGES: tuple[Page, ...] = (
    *fmo.PAGES,
    *fmo_session.PAGES,
    *fmo_participants.PAGES,
    *dso.PAGES,
    *supply.PAGES,
    *tso.PAGES,
    *results.PAGES,
    *portfolio.PAGES,
    *notifications.PAGES,
)

DESK_OF_ROLE: dict[Role, str] = {
    Role.FMO: "/fmo",
    Role.DSO: "/dso",
    Role.TSO: "/tso",
    Role.ESP: "/supply",
    Role.AGGREGATOR: "/supply",
    Role.RETAILER: "/portfolio",
    Role.BRP: "/portfolio",
}

ROLE_WORDS: dict[Role, str] = {
    Role.FMO: "Market operator",
    Role.DSO: "Distribution system operator",
    Role.TSO: "Transmission system operator",
    Role.ESP: "Energy service provider",
    Role.AGGREGATOR: "Aggregator",
    Role.RETAILER: "Retailer",
    Role.BRP: "Balance responsible party",
}

GATE_WORDS: dict[GateKind, str] = {
    GateKind.OPEN: "opens",
    GateKind.INTERIM: "status report",
    GateKind.CLOSE: "gate closes",
    GateKind.PUBLISH: "publishes",
}


class Market(Protocol):
    """What the desks need of the application."""

    @property
    def desk(self) -> Doorway: ...
    @property
    def auth(self) -> Any: ...
    @property
    def bus(self) -> Any: ...


@dataclass(frozen=True)
class DeskSessions:
    """The application's login sessions as the desks' server wants them."""

    auth: Any

    def sign_in(self, account: str, password: str, remote_ip: str) -> signin.SessionToken | signin.SignInRefused:
        try:
            opened = self.auth.sign_in(account, password, remote_ip)
        except Refused as refused:
            wait_s = refused.retry_after_s if isinstance(refused, Throttled) else None
            return signin.SignInRefused(message=refused.findings[0].sentence, retry_after_s=wait_s)
        return signin.SessionToken(session_id=opened.token, expires_at=opened.expires_at)

    def principal_of(self, session_id: str) -> Principal | None:
        return self.auth.principal_of_session(session_id)

    def sign_out(self, session_id: str) -> None:
        self.auth.sign_out(session_id)


class Frame:
    """The shell of one open page, kept up with the market."""

    def __init__(self, page: Page, desk: BoundDesk, hub: Hub) -> None:
        self._page, self._desk = page, desk
        ear = hub.ear(news.names_of(desk.principal))
        context = PageContext(
            desk=desk,
            live=ear,
            location=pn.state.location,
            notify=self._notify,
            theme=signin.current_theme(),
        )
        self._content = page.build(context)
        self._shell = Shell(
            shell_model(self._desk.ask(GetShell()), page.path),
            self._content.main,
            title=page.title,
            keys=self._content.keys,
            themed=self._content.themed,
            on_notifications=partial(_go_to, "/notifications"),
        )
        ear.subscribe(self._on_news, frozenset(news.TOPICS))
        self.page = self._shell.page
        self._shell.keep(self)

    def _notify(self, text: str, kind: str) -> None:
        self._shell.notify(text, kind)

    def _on_news(self, _topic: str, _value: object) -> None:
        self._shell.update(shell_model(self._desk.ask(GetShell()), self._page.path))


def shell_model(view: ShellView, here: str) -> ShellModel:
    """What surrounds the page at `here`."""
    role = view.principal.role
    return ShellModel(
        party=view.party.name,
        role=ROLE_WORDS[role],
        account=view.principal.account,
        nav=navigation(role),
        here=here,
        clock=ClockModel(
            anchor_market=view.clock.anchor_market, anchor_wall=view.clock.anchor_wall, speed=view.clock.speed
        ),
        gate=_gate(view),
        unread=view.n_unread,
        speed_path="/fmo" if role is Role.FMO and view.demo else "",
    )


def navigation(role: Role) -> tuple[NavItem, ...]:
    """The role's pages, in the order of `PAGES`."""
    return tuple(NavItem(page.nav, page.path) for page in PAGES if page.nav and role in page.roles)


def _gate(view: ShellView) -> GateModel | None:
    if view.next_gate is None:
        return None
    words = f"{view.next_gate_region} {GATE_WORDS[view.next_gate.kind]}"
    return GateModel(label=words, due_at=view.next_gate.due_at)


def _go_to(path: str) -> None:
    pn.state.location.param.update(pathname=path, search="", reload=True)


def specs(doorway: Doorway, hub: Hub) -> list[PageSpec]:
    """Every page behind its gate."""
    return [
        PageSpec(
            path=page.path,
            title=page.title,
            roles=frozenset(str(role) for role in page.roles),
            factory=_factory(page, doorway, hub),
        )
        for page in PAGES
    ]


def _factory(page: Page, doorway: Doorway, hub: Hub) -> Callable[[Principal], Any]:
    def build(principal: Principal) -> Any:
        try:
            return Frame(page, BoundDesk(doorway, principal), hub).page
        except Exception:
            log.exception("The page %s could not be drawn for %s.", page.path, principal.account)
            return pn.pane.Str(BROKEN)

    return build


def build_desks(
    market: Market, settings: Settings, demo_accounts: Sequence[signin.DemoAccount] = ()
) -> DeskServer:
    """The desks' server on the current loop, hearing the application's bus; `start()` it to serve.

    `demo_accounts` are shown on the sign-in page; pass none outside a demo.
    """
    hub = Hub(IOLoop.current())
    server = desk_server.build(
        specs(market.desk, hub),
        sessions=DeskSessions(market.auth),
        desk_of_role={str(role): path for role, path in DESK_OF_ROLE.items()},
        secret=settings.secret(),
        port=settings.desks_port,
        address=settings.host,
        origins=settings.websocket_origins,
        demo_accounts=demo_accounts,
        secure_cookies=settings.secure_cookies,
    )
    market.bus.subscribe(news.teller(hub))
    return server
