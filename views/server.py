"""The desks' web server: Panel's Tornado server with our sign-in, gates, headers and socket control.

Panel's own side doors are shut: no index of pages, no `/metadata`, no `autoload.js`, no `/liveness`
(health is asked of REST), no session history.
"""

from __future__ import annotations

import hashlib
import hmac
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from ssl import SSLContext
from typing import Any

import bokeh.server.tornado as bokeh_tornado
import panel as pn
from bokeh.server.auth_provider import AuthProvider
from panel.io.server import get_server
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop, PeriodicCallback

from views import applying, enrolling, files, garbage, handlers, manifest, patches, signin, single_sign_on
from views.edge import Edge
from views.gate import PageSpec, gated
from views.site import ASSETS, LOGIN_PATH, Site

_PUBLIC_ASSETS = ("css", "icons", "js")
RELEASE_AFTER_MS = 15_000  # a page needs a few seconds between its HTML and its websocket
_RELEASE_CHECK_MS = 2_000
_MAX_MESSAGE_BYTES = 20 * 1024 * 1024
_MAX_BODY_BYTES = 64 * 1024  # only sign-in and sign-out have bodies; uploads come by websocket


class SignInProvider(AuthProvider):
    """Bokeh's authorization hooks, answered from the server-side login sessions."""

    def __init__(self, signed_in: Callable[[HTTPServerRequest], signin.SignedIn | None]) -> None:
        self._signed_in = signed_in
        super().__init__()

    @property
    def get_user(self) -> Callable[[Any], Any]:
        return lambda handler: self._signed_in(handler.request)

    @property
    def get_user_async(self) -> None:
        return None

    @property
    def login_url(self) -> str:
        return LOGIN_PATH

    @property
    def get_login_url(self) -> None:
        return None

    @property
    def login_handler(self) -> type[handlers.LoginHandler]:
        return handlers.LoginHandler

    @property
    def logout_url(self) -> str:
        return "/logout"

    @property
    def logout_handler(self) -> type[handlers.LogoutHandler]:
        return handlers.LogoutHandler


@dataclass
class DeskServer:
    """A built server; `start` it on the running loop."""

    server: Any
    site: Site
    _watches: Sequence[PeriodicCallback]

    @property
    def io_loop(self) -> IOLoop:
        """The loop on which documents may be changed; `live.Hub` needs it."""
        return self.server.io_loop

    @property
    def port(self) -> int:
        """The port listened on (useful with port 0)."""
        return self.server.port

    @property
    def document_count(self) -> int:
        """Documents alive now, open or waiting for release."""
        return sum(len(list(self.server.get_sessions(path))) for path in self.site.pages)

    def start(self) -> None:
        """Begin to serve; the asyncio loop must be running or be run afterwards."""
        self.server.start()
        for watch in self._watches:
            watch.start()

    def stop(self) -> None:
        """Stop serving and close the pages."""
        for watch in self._watches:
            watch.stop()
        for socket in list(self.site.sockets):
            socket.close(1001, "the server stops")
        self.server.stop()

    def recheck(self) -> None:
        """Check open pages now (after a role change or a revocation); callable from any thread."""
        self.io_loop.add_callback(self.site.recheck)


def build(
    pages: Iterable[PageSpec],
    *,
    sessions: signin.LoginSessions,
    desk_of_role: Mapping[str, str],
    secret: bytes,
    port: int,
    address: str = "127.0.0.1",
    origins: Sequence[str] = (),
    demo_accounts: Sequence[signin.DemoAccount] = (),
    secure_cookies: bool = False,
    https: bool = False,
    proxies: Sequence[str] = (),
    tls: SSLContext | None = None,
    applications: applying.Applications | None = None,
    applicable_roles: Sequence[applying.RoleChoice] = (),
    enrolments: enrolling.Enrolments | None = None,
    provider: single_sign_on.SingleSignOn | None = None,
    recheck_every_s: float = 5.0,
    release_after_ms: int = RELEASE_AFTER_MS,
) -> DeskServer:
    """Build the desks' server on the current loop; nothing is served before `start()`.

    pages : every page, each with its roles
    sessions : the application's login sessions
    desk_of_role : role -> path of the page that `/` leads to
    secret : at least 32 bytes; signs cookies and page tokens
    origins : hosts that browsers use, if not the address itself, e.g. "desk.example" or "127.0.0.1:5006"
    demo_accounts : shown on the login page; pass none outside a demo
    secure_cookies : send cookies over TLS only, also without `https`
    https : browsers come by TLS, which ends here (`tls`) or at one of the `proxies`
    proxies : addresses or networks whose forwarding headers are believed
    applications, applicable_roles : who takes applications on the public page, and for which roles
    enrolments : who takes companies' enrolments on the EU Market Place
    provider : who signs people in beside the passwords

    Raises ValueError for a short secret, a path given twice or a desk that is no page of its role.
    """
    if len(secret) < 32:
        raise ValueError("secret: at least 32 bytes")
    by_path = _by_path(pages)
    _check_desks(desk_of_role, by_path)
    site = Site(
        sessions=sessions,
        pages=by_path,
        desk_of_role=desk_of_role,
        demo_accounts=tuple(demo_accounts),
        cookie_secret=_derive(secret, b"cookie").hex(),
        edge=Edge(tuple(origins) or (f"127.0.0.1:{port}", f"localhost:{port}"), https, tuple(proxies)),
        secure_cookies=secure_cookies or https,
        applications=applications,
        applicable_roles=tuple(applicable_roles),
        enrolments=enrolments,
        single_sign_on=provider,
    )
    pn.extension("tabulator", notifications=True)
    patches.install()
    with _our_page_handlers(), _signals_kept():
        server = get_server(
            {path: gated(page, site.owners) for path, page in by_path.items()},
            port=port,
            address=address,
            title={path: page.title for path, page in by_path.items()},
            websocket_origin=["localhost"],  # not asked: `SocketHandler` asks our own edge
            cookie_secret=site.cookie_secret,
            secret_key=_derive(secret, b"page token"),
            sign_sessions=True,
            auth_provider=SignInProvider(site.signed_in),
            xsrf_cookies=True,
            xsrf_cookie_kwargs={"samesite": "Lax", "secure": site.secure_cookies},
            include_cookies=[],
            include_headers=[],
            use_index=False,
            redirect_root=False,
            extra_patterns=_own_routes(),
            check_unused_sessions_milliseconds=min(_RELEASE_CHECK_MS, release_after_ms),
            unused_session_lifetime_milliseconds=release_after_ms,
            websocket_max_message_size=_MAX_MESSAGE_BYTES,
            http_server_kwargs={"max_body_size": _MAX_BODY_BYTES, "ssl_options": tls},
            default_handler_class=handlers.NothingHandler,
            site=site,
        )
    server._tornado.add_transform(partial(handlers.SecurityHeaders, https))
    watches = (
        PeriodicCallback(site.recheck, recheck_every_s * 1000),
        PeriodicCallback(garbage.instead_of_panels().check, garbage.CHECK_MS),
    )
    return DeskServer(server, site, watches)


def _by_path(pages: Iterable[PageSpec]) -> dict[str, PageSpec]:
    by_path: dict[str, PageSpec] = {}
    for page in pages:
        if page.path in by_path:
            raise ValueError(f"two pages at {page.path}")
        by_path[page.path] = page
    return by_path


def _check_desks(desk_of_role: Mapping[str, str], pages: Mapping[str, PageSpec]) -> None:
    for role, path in desk_of_role.items():
        if path not in pages or role not in pages[path].roles:
            raise ValueError(f"the desk of {role} is no page of that role: {path}")


def _derive(secret: bytes, purpose: bytes) -> bytes:
    """One key per purpose from the one secret."""
    return hmac.new(secret, b"flexdesk " + purpose, hashlib.sha256).digest()


def _own_routes() -> list[tuple[Any, ...]]:
    assets = [
        (rf"/assets/{kind}/(.*)", files.AssetHandler, {"path": str(ASSETS / kind)}) for kind in _PUBLIC_ASSETS
    ]
    return [
        ("/", handlers.HomeHandler),
        (applying.PATH, applying.ApplyHandler),
        (enrolling.PATH, enrolling.EnrolHandler),
        (single_sign_on.PATH, single_sign_on.BeginHandler),
        (single_sign_on.CALLBACK, single_sign_on.CallbackHandler),
        ("/assets/css/tokens.css", files.TokensHandler),
        (manifest.PATH, manifest.ManifestHandler),
        *assets,
        ("/components/(.*)", files.ComponentHandler),
    ]


@contextmanager
def _our_page_handlers() -> Iterator[None]:
    """Bokeh reads its per-page routes from a module list: give it ours while the server is built."""
    routes = bokeh_tornado.per_app_patterns
    before = list(routes)
    routes[:] = [(r"/ws", handlers.SocketHandler), (r"/?", handlers.PageHandler)]
    try:
        yield
    finally:
        routes[:] = before


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Panel takes over SIGINT when a server is built; the command line keeps its own handling."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if before is not signal.getsignal(signal.SIGINT):
            signal.signal(signal.SIGINT, before)
