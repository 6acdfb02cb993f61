"""The desks of the application: whose pages they are, what surrounds them, and how news reaches them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from ssl import SSLContext
from typing import Any, Protocol

import panel as pn
from tornado.ioloop import IOLoop

from app.outbox import DESK_OF_ROLE, PLATFORM_DESK_OF_ROLE
from app.policy import may_query
from app.queries.models import GetShell, Hit, ListJobs, ListRegions, Search, ShellView
from app.queries.models.place import GetPlacePage
from app.settings import Settings
from domain.commands import CancelJob
from domain.errors import Refused
from domain.flexibility.market import GateKind
from domain.ids import JobId
from domain.parties import SYSTEM, Principal, Role
from domain.parties.applications import APPLICABLE
from views import applying, bar_facts, news, news_place, signin
from views import server as desk_server
from views.answers import SharedAnswers
from views.doors import DeskApplications, DeskEnrolments, DeskSessions
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
    place_about,
    place_catalogue,
    place_locating,
    place_monitoring,
    place_offers,
    place_operator,
    place_own,
    place_proposals,
    place_requests,
    place_subscriptions,
    platform_activations,
    platform_aggregates,
    platform_alarms,
    platform_asked,
    platform_asks,
    platform_consents,
    platform_data,
    platform_deliveries,
    platform_energy,
    platform_pods,
    platform_subscriptions,
    platform_validations,
    portfolio,
    results,
    settlement,
    supply,
    trail,
    tso,
    wholesale,
)
from views.pages.context import BoundDesk, Content, Doorway, Page, PageContext, Side
from views.pages.later import Later
from views.server import DeskServer
from views.shell import ClockModel, Found, GateModel, JobLine, NavItem, Shell, ShellModel
from views.sides import Hosted, NoPlatforms, Platform, Platforms, Standing, desk_of, standing_on
from views.single_sign_on import SingleSignOn
from views.state.common import sentence
from views.widgets import empty_state

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
    *place_operator.PAGES,
    *place_offers.PAGES,
    *place_catalogue.PAGES,
    *place_locating.PAGES,
    *place_requests.PAGES,
    *place_proposals.PAGES,
    *place_subscriptions.PAGES,
    *place_monitoring.PAGES,
    *place_own.PAGES,
    *place_about.PAGES,
    *platform_consents.PAGES,
    *platform_subscriptions.PAGES,
    *platform_asks.PAGES,
    *platform_asked.PAGES,
    *platform_activations.PAGES,
    *platform_data.PAGES,
    *platform_deliveries.PAGES,
    *platform_alarms.PAGES,
    *platform_pods.PAGES,
    *platform_validations.PAGES,
    *platform_aggregates.PAGES,
    *platform_energy.PAGES,
    *trail.PAGES,
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
ON_BOTH_SIDES = frozenset({"/notifications", "/account"})
"""Pages that a platform's own process has too, on its own desk."""

NOT_HOSTED = "No platform of yours runs here."
NOT_HOSTED_HINT = (
    "What lies on a platform, consents and values, is shown by that platform alone. Sign in at its own address, "
    "or ask the company that runs it."
)
NOT_KNOWN = "The platform does not let you in."


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
    """The shell of one open page, kept up with the desk that it was opened at. The page itself may stand on
    another one (`views.sides`)."""

    def __init__(self, page: Page, around: Standing, at: Standing | None, side: Side) -> None:
        self._page, self._desk, self._side = page, around.desk, side
        self._content = _content(page, at, self._notify)
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
        _ear(around).subscribe(self._on_news, frozenset({*news.TOPICS, *news_place.TOPICS, news.PLATFORM}))
        self.page = self._shell.page
        self._shell.keep(self)

    def _notify(self, text: str, kind: str) -> None:
        self._shell.notify(text, kind)

    def _model(self) -> ShellModel:
        return shell_model(self._desk.ask(GetShell()), self._page.path, self._jobs, self._side)

    def _own_jobs(self) -> tuple[JobLine, ...] | None:
        if self._side is Side.PLATFORM or not may_query(self._desk.principal.role, ListJobs):
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
        if self._side is Side.PLATFORM:
            self._shell.show_found(text, pages_found(role, text))
            return
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


def _ear(standing: Standing) -> Any:
    return standing.hub.ear(news.names_of(standing.desk.principal))


def _content(page: Page, at: Standing | None, notify: Callable[[str, str], None]) -> Content:
    """What the page shows on the desk where it stands, or why it can show nothing there."""
    if at is None:
        return Content(main=[empty_state(NOT_HOSTED, NOT_HOSTED_HINT)], owner=page)
    context = PageContext(
        desk=at.desk,
        live=_ear(at),
        location=pn.state.location,
        notify=notify,
        theme=signin.current_theme(),
        uploads=at.uploads,
        address=at.address,
    )
    try:
        return page.build(context)
    except Refused as refused:
        if page.side is Side.MARKET:
            raise
        return Content(main=[empty_state(NOT_KNOWN, sentence(refused))], owner=page)


def shell_model(
    view: ShellView, here: str, jobs: Sequence[JobLine] | None = None, side: Side = Side.MARKET
) -> ShellModel:
    """What surrounds the page at `here`; `jobs` for the tray, None for a role without. `side`: whose server."""
    role = view.principal.role
    return ShellModel(
        party=view.party.name,
        role=ROLE_WORDS[role],
        account=view.principal.account,
        nav=navigation(role, demo=view.demo, side=side),
        here=here,
        clock=ClockModel(
            anchor_market=view.clock.anchor_market, anchor_wall=view.clock.anchor_wall, speed=view.clock.speed
        ),
        gate=_gate(view),
        unread=view.n_unread,
        alarms=bar_facts.alarms(view) if side is Side.MARKET else None,
        jobs=jobs,
    )


def navigation(role: Role, *, demo: bool = False, side: Side = Side.MARKET) -> tuple[NavItem, ...]:
    """The role's pages, in the order of `PAGES`; those of the presenter only in a demo."""
    shown = [
        page for page in pages_of(side) if page.nav and role in page.roles and (demo or page.path not in DEMO_ONLY)
    ]
    return tuple(NavItem(page.nav, page.path) for page in shown)


def pages_of(side: Side) -> tuple[Page, ...]:
    """What a server of this side serves: the market's all, as it may host platforms; a platform's its own."""
    if side is Side.MARKET:
        return PAGES
    return tuple(page for page in PAGES if page.side is Side.PLATFORM or page.path in ON_BOTH_SIDES)


def pages_found(role: Role, text: str) -> list[Found]:
    """A platform's pages whose name has the text in it."""
    items = navigation(role, side=Side.PLATFORM)
    return [
        Found(kind="page", label=item.label, note="", href=item.path)
        for item in items
        if text.strip().lower() in item.label.lower()
    ]


def _gate(view: ShellView) -> GateModel | None:
    if view.next_gate is None:
        return None
    words = f"{view.next_gate_region} {GATE_WORDS[view.next_gate.kind]}"
    return GateModel(label=words, due_at=view.next_gate.due_at)


def _go_to(path: str) -> None:
    pn.state.location.param.update(pathname=path, search="", reload=True)


Stands = Callable[[Principal], Standing | None]


def specs(side: Side, around: Callable[[Principal], Standing], platform: Stands) -> list[PageSpec]:
    """Every page of a server behind its gate. `around`: where its shell and the market's pages stand;
    `platform`: where those of the platform side do."""
    return [
        PageSpec(
            path=page.path,
            title=page.title,
            roles=frozenset(str(role) for role in page.roles & served_roles(side)),
            factory=_factory(page, side, around, platform if page.side is Side.PLATFORM else around),
        )
        for page in pages_of(side)
    ]


def served_roles(side: Side) -> frozenset[Role]:
    """Who may sign in at a server of this side."""
    return frozenset(ROLE_WORDS if side is Side.MARKET else PLATFORM_DESK_OF_ROLE)


def _factory(
    page: Page, side: Side, around: Callable[[Principal], Standing], at: Stands
) -> Callable[[Principal], Any]:
    def build(principal: Principal) -> Any:
        try:
            return Frame(page, around(principal), at(principal), side).page
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
    platforms: Platforms | None = None,
) -> DeskServer:
    """The desks' server on the current loop, hearing the application's bus; `start()` it to serve.

    `demo_accounts` are shown on the sign-in page; pass none outside a demo. `tls` where TLS ends here;
    `provider` where people may sign in at one; `platforms` that run in this process.
    """
    io_loop = IOLoop.current()
    hub = Hub(io_loop)
    doorway = SharedAnswers(market.desk, lambda: market.revision)
    hosted = Hosted(platforms or NoPlatforms(), lambda: Hub(io_loop))
    server = desk_server.build(
        specs(Side.MARKET, partial(_standing, doorway, hub), hosted.standing),
        sessions=DeskSessions(market.auth, market.desk),
        desk_of_role={str(role): path for role, path in DESK_OF_ROLE.items()},
        demo_accounts=demo_accounts,
        tls=tls,
        provider=provider,
        applications=DeskApplications(market.applying),
        enrolments=DeskEnrolments(
            market.applying,
            about=lambda: place_about.about_facts(market.desk.query(SYSTEM, GetPlacePage())),
        ),
        applicable_roles=[applying.RoleChoice(value=role.value, words=ROLE_WORDS[role]) for role in APPLICABLE],
        **_served_as(settings),
    )
    market.bus.subscribe(news.teller(hub))
    market.bus.subscribe(news.closer(server.recheck))
    return server


def build_platform_desks(
    platform: Platform,
    settings: Settings,
    demo_accounts: Sequence[signin.DemoAccount] = (),
    tls: SSLContext | None = None,
) -> DeskServer:
    """The desks' server of a platform's own process: the platform's pages, notifications and account, with the
    platform's own sign-ins. `start()` it to serve."""
    hub = Hub(IOLoop.current())
    stands = partial(standing_on, platform, desk_of(platform), hub)
    server = desk_server.build(
        specs(Side.PLATFORM, stands, stands),
        sessions=DeskSessions(platform.auth, platform.desk),
        desk_of_role={str(role): path for role, path in PLATFORM_DESK_OF_ROLE.items()},
        demo_accounts=demo_accounts,
        tls=tls,
        **_served_as(settings),
    )
    platform.bus.subscribe(news.teller(hub))
    platform.bus.subscribe(news.closer(server.recheck))
    return server


def _standing(doorway: Doorway, hub: Hub, principal: Principal) -> Standing:
    return Standing(desk=BoundDesk(doorway, principal), hub=hub)


def _served_as(settings: Settings) -> dict[str, Any]:
    """What both kinds of servers take from the settings."""
    return {
        "secret": settings.secret(),
        "port": settings.desks_port,
        "address": settings.host,
        "origins": settings.websocket_origins,
        "secure_cookies": settings.secure_cookies,
        "https": settings.reached_by_https,
        "proxies": settings.proxy,
    }
