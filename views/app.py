"""The desks of the application: whose pages they are, what surrounds them, and how news reaches them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from ssl import SSLContext
from typing import Any, Protocol

import panel as pn
from tornado.ioloop import IOLoop

from app.outbox import DESK_OF_ROLE
from app.policy import may_query
from app.queries.models import GetShell, Hit, ListJobs, ListRegions, Search, ShellView
from app.settings import Settings
from domain.commands import CancelJob
from domain.errors import Refused
from domain.flexibility.market import GateKind
from domain.ids import JobId
from domain.parties import Principal, Role
from domain.parties.applications import APPLICABLE
from views import applying, bar_facts, news, signin
from views import server as desk_server
from views.answers import SharedAnswers
from views.doors import DeskApplications, DeskSessions
from views.gate import PageSpec
from views.live import Hub
from views.pages import (
    account,
    brp_requests,
    customer,
    dso,
    fmo,
    fmo_compare,
    fmo_health,
    fmo_participants,
    fmo_prices,
    fmo_session,
    fmo_settlement,
    guide,
    notifications,
    portfolio,
    results,
    settlement,
    supply,
    tso,
    wholesale,
)
from views.pages.context import BoundDesk, Doorway, Page, PageContext
from views.pages.later import Later
from views.server import DeskServer
from views.shell import ClockModel, GateModel, JobLine, NavItem, Shell, ShellModel
from views.single_sign_on import SingleSignOn
from views.state.common import sentence

log = logging.getLogger(__name__)

BROKEN = "This page could not be drawn. The fault has been logged; go back and try again."

PAGES: tuple[Page, ...] = (
    *fmo.PAGES,
    *fmo_session.PAGES,
    *fmo_settlement.PAGES,
    *fmo_prices.PAGES,
    *fmo_compare.PAGES,
    *fmo_participants.PAGES,
    *fmo_health.PAGES,
    *dso.PAGES,
    *portfolio.PAGES,
    *brp_requests.PAGES,
    *customer.PAGES,
    *supply.PAGES,
    *tso.PAGES,
    *results.PAGES,
    *settlement.PAGES,
    *wholesale.PAGES,
    *guide.PAGES,
    *notifications.PAGES,
    *account.PAGES,
)

ROLE_WORDS: dict[Role, str] = {
    Role.FMO: "Market operator",
    Role.DSO: "Distribution system operator",
    Role.TSO: "Transmission system operator",
    Role.ESP: "Energy service provider",
    Role.AGGREGATOR: "Aggregator",
    Role.RETAILER: "Retailer",
    Role.BRP: "Balance responsible party",
    Role.CUSTOMER: "Customer",
    Role.PLACE_OPERATOR: "Market place operator",
    Role.PROVIDER: "Service provider",
    Role.REQUESTER: "Service requester",
}

GATE_WORDS: dict[GateKind, str] = {
    GateKind.OPEN: "opens",
    GateKind.INTERIM: "status report",
    GateKind.CLOSE: "gate closes",
    GateKind.PUBLISH: "publishes",
}


DEMO_ONLY = frozenset({"/guide"})


class Market(Protocol):
    """What the desks need of the application."""

    @property
    def desk(self) -> Doorway: ...
    @property
    def auth(self) -> Any: ...
    @property
    def applying(self) -> Any: ...
    @property
    def bus(self) -> Any: ...
    @property
    def revision(self) -> int: ...


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
        self._searching: Later[Sequence[Hit]] = Later(pause_ms=1)
        self._regions: dict[str, str] = {}
        self._jobs = self._own_jobs()
        self._shell = Shell(
            self._model(),
            self._content.main,
            title=page.title,
            keys=self._content.keys,
            themed=self._content.themed,
            on_notifications=partial(_go_to, "/notifications"),
            on_search=self._on_search,
            on_cancel=self._on_cancel,
        )
        ear.subscribe(self._on_news, frozenset(news.TOPICS))
        self.page = self._shell.page
        self._shell.keep(self)

    def _notify(self, text: str, kind: str) -> None:
        self._shell.notify(text, kind)

    def _model(self) -> ShellModel:
        return shell_model(self._desk.ask(GetShell()), self._page.path, self._jobs)

    def _own_jobs(self) -> tuple[JobLine, ...] | None:
        if not may_query(self._desk.principal.role, ListJobs):
            return None
        jobs = self._desk.ask(ListJobs())
        if {job.region_id for job in jobs} - self._regions.keys():
            self._regions = {region.id: region.name for region in self._desk.ask(ListRegions())}
        return bar_facts.job_lines(jobs, self._desk.principal, self._regions)

    def _on_news(self, topic: str, _value: object) -> None:
        if topic == news.JOBS:
            self._jobs = self._own_jobs()
        self._shell.update(self._model())

    def _on_search(self, text: str) -> None:
        role = self._desk.principal.role
        self._searching.soon(
            lambda: self._desk.ask(Search(text=text)),
            lambda hits: self._shell.show_found(text, bar_facts.found(hits, role)),
        )

    def _on_cancel(self, job_id: str) -> None:
        try:
            self._desk.do(CancelJob(job_id=JobId(job_id)))
        except Refused as refused:
            self._notify(sentence(refused), "warning")
            self._on_news(news.JOBS, None)


def shell_model(view: ShellView, here: str, jobs: Sequence[JobLine] | None = None) -> ShellModel:
    """What surrounds the page at `here`; `jobs` for the tray, None for a role without."""
    role = view.principal.role
    return ShellModel(
        party=view.party.name,
        role=ROLE_WORDS[role],
        account=view.principal.account,
        nav=navigation(role, demo=view.demo),
        here=here,
        clock=ClockModel(
            anchor_market=view.clock.anchor_market, anchor_wall=view.clock.anchor_wall, speed=view.clock.speed
        ),
        gate=_gate(view),
        unread=view.n_unread,
        alarms=bar_facts.alarms(view),
        jobs=jobs,
    )


def navigation(role: Role, *, demo: bool = False) -> tuple[NavItem, ...]:
    """The role's pages, in the order of `PAGES`; those of the presenter only in a demo."""
    shown = [page for page in PAGES if page.nav and role in page.roles and (demo or page.path not in DEMO_ONLY)]
    return tuple(NavItem(page.nav, page.path) for page in shown)


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
    market: Market,
    settings: Settings,
    demo_accounts: Sequence[signin.DemoAccount] = (),
    tls: SSLContext | None = None,
    provider: SingleSignOn | None = None,
) -> DeskServer:
    """The desks' server on the current loop, hearing the application's bus; `start()` it to serve.

    `demo_accounts` are shown on the sign-in page; pass none outside a demo. `tls` where TLS ends here;
    `provider` where people may sign in at one.
    """
    hub = Hub(IOLoop.current())
    server = desk_server.build(
        specs(SharedAnswers(market.desk, lambda: market.revision), hub),
        sessions=DeskSessions(market.auth, market.desk),
        desk_of_role={str(role): path for role, path in DESK_OF_ROLE.items()},
        secret=settings.secret(),
        port=settings.desks_port,
        address=settings.host,
        origins=settings.websocket_origins,
        demo_accounts=demo_accounts,
        secure_cookies=settings.secure_cookies,
        https=settings.reached_by_https,
        proxies=settings.proxy,
        tls=tls,
        provider=provider,
        applications=DeskApplications(market.applying),
        applicable_roles=[applying.RoleChoice(value=role.value, words=ROLE_WORDS[role]) for role in APPLICABLE],
    )
    market.bus.subscribe(news.teller(hub))
    market.bus.subscribe(news.closer(server.recheck))
    return server
