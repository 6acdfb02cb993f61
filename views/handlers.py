"""Tornado handlers of the desks: pages, their websockets, sign-in, sign-out, and `/`."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from bokeh.protocol.exceptions import ProtocolError
from bokeh.util.token import get_session_id
from panel.io.server import DocHandler, WSHandler
from tornado.httputil import HTTPHeaders
from tornado.web import HTTPError, OutputTransform, RequestHandler
from tornado.websocket import WebSocketHandler

from views import signin
from views.edge import HSTS
from views.site import LOGIN_PATH, POLICY_VIOLATION, Site

log = logging.getLogger(__name__)

_REPLAY_ARGUMENTS = ("bokeh-token", "bokeh-session-id")
_STRICT_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Panel needs eval (CustomJS) and blob modules (its components); inline scripts only with the nonce.
_PAGE_CSP = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' blob: ws://{host} wss://{host}; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class SecurityHeaders(OutputTransform):
    """Adds to every answer what a browser needs to be strict; a handler's own policy wins."""

    def __init__(self, https: bool, request: Any) -> None:
        self.https = https
        self.is_library = request.path.startswith(("/static/", "/assets/", "/components/"))

    def transform_first_chunk(
        self,
        status_code: int,
        headers: HTTPHeaders,
        chunk: bytes,
        finishing: bool,  # noqa: ARG002 - Tornado's signature
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Set the headers before the first bytes leave."""
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if self.https:
            headers["Strict-Transport-Security"] = HSTS
        headers.setdefault("Content-Security-Policy", _STRICT_CSP)
        if not self.is_library:
            headers["Cache-Control"] = "no-store"
        del headers["Server"]
        return status_code, headers, chunk


class _SignedInHandler:
    """What pages and sockets share: who is asking, read from the request's own cookie."""

    application: Any
    request: Any

    @property
    def site(self) -> Site:
        return self.application.settings["site"]

    @property
    def remote_ip(self) -> str:
        """Who asks, also through the proxy."""
        return self.site.edge.remote_ip(self.request)

    @contextmanager
    def as_current(self, who: signin.SignedIn) -> Iterator[None]:
        """Let page factories that run inside ask `signin.current()`."""
        theme = self.request.cookies.get(signin.THEME_COOKIE)
        who_token = signin._current.set(who)
        theme_token = signin._theme.set("dark" if theme is not None and theme.value == "dark" else "light")
        try:
            yield
        finally:
            signin._theme.reset(theme_token)
            signin._current.reset(who_token)


class PageHandler(_SignedInHandler, DocHandler):
    """A page: redirect to the login, 403 for a wrong role, otherwise Panel's document with a nonce."""

    nonce = ""
    sent = ""  # of the page's HTML

    async def get(self, *args: Any, **kwargs: Any) -> None:
        who = self.site.signed_in(self.request)
        if who is None:
            self.redirect(f"{LOGIN_PATH}?{urlencode({'next': self.request.uri})}")
            return
        if "Bokeh-Session-Id" in self.request.headers or any(
            name in self.request.arguments for name in _REPLAY_ARGUMENTS
        ):
            raise HTTPError(403, reason="Replay refused")
        if not self.site.pages[self.application_context.url].admits(who):
            self.set_status(403)
            self.finish(self.site.message_page("Not for your role", signin_hint=True))
            return
        asyncio.get_running_loop().run_in_executor(None, self.site.sessions.seen, who.session_id)
        _ = self.xsrf_token  # sets the cookie that sign-out needs
        self.nonce = secrets.token_urlsafe(16)
        host = self.request.host
        self.set_header("Content-Security-Policy", _PAGE_CSP.format(nonce=self.nonce, host=host))
        with self.as_current(who):
            await self._send_head()
            await super().get(*args, **kwargs)

    async def _send_head(self) -> None:
        early = self.site.heads.early(self._head_key(), self.nonce)
        if early:
            self.set_header("Content-Type", "text/html; charset=UTF-8")
            super().write(early)
            self.sent = early
            await self.flush()

    def _head_key(self) -> object:
        return self.application_context.url, signin.current_theme()

    def write(self, chunk: Any) -> None:
        """Panel's page is written once, whole; its own script tags get the nonce."""
        if self.nonce and isinstance(chunk, str):
            html = chunk.replace("<script", f'<script nonce="{self.nonce}"')
            chunk = self.site.heads.rest(self._head_key(), self.nonce, html, self.sent)
        super().write(chunk)

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        self.nonce = ""
        self.set_header("Content-Security-Policy", _STRICT_CSP)
        self.finish(self.site.message_page("This page cannot be shown", status=status_code))


class SocketHandler(_SignedInHandler, WSHandler):
    """A page's websocket: same login session, same page, allowed role, known origin, or none."""

    who: signin.SignedIn | None = None

    async def prepare(self) -> None:
        if not self.site.edge.speaks(self.request.headers.get("Origin", "")):
            self.set_status(403)
            self.finish()
            return
        await super().prepare()  # 403 without a user
        if self._finished:
            return
        self.who = self.site.signed_in(self.request)
        if not self.site.pages[self.application_context.url].admits(self.who):
            self.set_status(403)
            self.finish()

    def check_origin(self, origin: str) -> bool:
        """Asked when the origin is not of the host that the request names. Bokeh's own check knows no scheme, and
        no host without port but at port 80."""
        if self.site.edge.admits(origin):
            return True
        log.warning("Socket refused: its origin %r is not among FLEXDESK_ORIGINS.", origin[:200])
        return False

    def open(self, *args: Any, **kwargs: Any) -> Any:
        self.set_nodelay(True)
        return super().open(*args, **kwargs)

    async def _async_open(self, token: str) -> None:
        if self.who is None or not self._joins_own_document(token):
            log.warning("Socket refused: the document is not of this page and login session.")
            self.close(POLICY_VIOLATION, "not your page")
            return
        self.site.sockets.add(self)  # here, as Tornado calls no on_close when open() raises for a bad token
        with self.as_current(self.who):
            await super()._async_open(token)

    async def write_message(self, message: Any, binary: bool = False, locked: bool = True) -> None:
        """The parts of a message leave together while the socket takes them: waiting for each would let the turns
        of all other pages come between, and a hundred pages would hear news when the last one has drawn them."""
        if locked:
            await super().write_message(message, binary)
            return
        sent = WebSocketHandler.write_message(self, message, binary)
        if self.ws_connection.stream.writing():
            await sent
        else:
            sent.add_done_callback(asyncio.Future.exception)  # of a closed socket `on_close` is told

    def _joins_own_document(self, token: str) -> bool:
        document_id = get_session_id(token)
        try:
            self.application_context.get_session(document_id)
        except ProtocolError:
            return False
        return self.who is not None and self.site.owners.owns(self.who.session_id, document_id)

    def on_close(self) -> None:
        self.site.sockets.discard(self)
        super().on_close()


class PlainHandler(_SignedInHandler, RequestHandler):
    """A page of ours outside Panel."""

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        hint = "The form was open for too long. Try again." if status_code == 403 else ""
        self.finish(self.site.message_page(hint or "Not found", status=status_code))

    def _request_summary(self) -> str:
        """What Tornado logs of a refused request: the query may hold a provider's code."""
        return f"{self.request.method} {self.request.path} ({self.remote_ip})"

    def keep_session(self, session_id: str, expires_at: datetime) -> None:
        """The login session's cookie."""
        lasts_s = max(1, int((expires_at - datetime.now(UTC)).total_seconds()))
        self.keep_cookie(signin.COOKIE, session_id, max_age=lasts_s)

    def keep_cookie(self, name: str, value: str, **limits: Any) -> None:
        """A signed cookie that scripts do not see and other sites do not send with their forms."""
        self.set_signed_cookie(
            name,
            value,
            expires_days=None,
            httponly=True,
            samesite="Lax",
            secure=self.site.secure_cookies,
            **limits,
        )

    def wished_page(self) -> str:
        """Only one of our own pages; anything else leads to the role's desk."""
        target = self.get_argument("next", "/")
        parts = urlsplit(target)
        is_ours = not parts.scheme and not parts.netloc and parts.path in self.site.pages
        return parts._replace(fragment="").geturl() if is_ours else "/"


class LoginHandler(PlainHandler):
    """The login page and its form (POST with XSRF token)."""

    def get(self) -> None:
        if self.site.signed_in(self.request) is not None:
            self.redirect("/")
            return
        self._page()

    async def post(self) -> None:
        account = self.get_body_argument("account", "")[:200]
        password = self.get_body_argument("password", "", strip=False)[:1000]
        chosen = self.get_body_argument("new_password", "", strip=False)[:1000]
        agent = self.request.headers.get("User-Agent", "")[:500]
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(
            None, self.site.sessions.sign_in, account, password, self.remote_ip, agent, chosen
        )
        if isinstance(answer, signin.SignInRefused):
            self.set_status(429 if answer.retry_after_s else 401)
            if answer.retry_after_s:
                self.set_header("Retry-After", str(answer.retry_after_s))
            self._page(account=account, problem=answer.message, must_change=answer.must_change)
            return
        self.keep_session(answer.session_id, answer.expires_at)
        self.redirect(self.wished_page())

    def _page(self, account: str = "", problem: str = "", *, must_change: bool = False) -> None:
        self.finish(
            self.site.render(
                "login.html",
                account=account,
                problem=problem,
                must_change=must_change,
                next=self.get_argument("next", "/"),
                xsrf=self.xsrf_token.decode(),
                demo_accounts=self.site.demo_accounts,
                enrols=self.site.enrolments is not None,
                single_sign_on=self.site.single_sign_on and self.site.single_sign_on.label,
            )
        )


class LogoutHandler(PlainHandler):
    """Sign-out: POST with XSRF token; ends the session and its open pages."""

    def post(self) -> None:
        session_id = signin.session_id_of(self.request, self.site.cookie_secret)
        if session_id is not None:
            self.site.sessions.sign_out(session_id)
            self.site.close_sockets_of(session_id)
        self.clear_cookie(signin.COOKIE)
        self.redirect(LOGIN_PATH)


class HomeHandler(PlainHandler):
    """`/` leads to the role's desk, or to the login."""

    def get(self) -> None:
        who = self.site.signed_in(self.request)
        if who is None:
            self.redirect(LOGIN_PATH)
            return
        desk = self.site.desk_of_role.get(str(who.principal.role))
        if desk is None:
            self.set_status(403)
            self.finish(self.site.message_page("Your role has no desk", signin_hint=True))
            return
        self.redirect(desk)


class NothingHandler(PlainHandler):
    """Every other address."""

    def prepare(self) -> None:
        self.set_status(404)
        self.finish(self.site.message_page("There is no such page", status=404))
