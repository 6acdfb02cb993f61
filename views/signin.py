"""Sign-in of people at the desks: the port to the login sessions, the cookie, and who is asking now.

The application implements :class:`LoginSessions` with its database; nothing here stores a session.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tornado.httputil import HTTPServerRequest
from tornado.web import decode_signed_value

COOKIE = "flexdesk_session"
THEME_COOKIE = "flexdesk_theme"


class Principal(Protocol):
    """Who is signed in. `role` may be any string type; pages and the desk table are keyed by it."""

    @property
    def account(self) -> str: ...

    @property
    def role(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class SessionToken:
    """A new login session. `session_id` is unguessable and goes into a signed HttpOnly cookie.

    expires_at : wall clock, with offset
    """

    session_id: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class SignInRefused:
    """Why not, in a sentence for the person; `retry_after_s` when attempts are throttled; `must_change` when the
    password fits and serves only to choose another one."""

    message: str
    retry_after_s: int | None = None
    must_change: bool = False


class LoginSessions(Protocol):
    """Server-side login sessions.

    All methods may be called from any thread. `sign_in` may be slow (password hash) and runs in a
    thread; `principal_of` is called on every page and every few seconds for open pages, must be quick
    and must not prolong the session.
    """

    def sign_in(
        self, account: str, password: str, remote_ip: str, agent: str, new_password: str
    ) -> SessionToken | SignInRefused:
        """Open a session, or say why not (never whether the account exists).

        agent : what the browser says it is; new_password : chosen with a one-time password, else ""
        """
        ...

    def principal_of(self, session_id: str) -> Principal | None:
        """The principal with its role as of now; None when unknown, expired, revoked or signed out."""
        ...

    def seen(self, session_id: str) -> None:
        """A person has just opened a page with it. May wait for the database: runs in a thread."""
        ...

    def sign_out(self, session_id: str) -> None:
        """End the session; no error when it has ended already."""
        ...


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """A sign-in the login page may show; the caller passes some only in a demo."""

    account: str
    password: str
    who: str


@dataclass(frozen=True)
class SignedIn:
    """The login session behind a request, read from the request's own cookie."""

    session_id: str
    principal: Principal


_current: ContextVar[SignedIn | None] = ContextVar("flexdesk_signed_in", default=None)
_theme: ContextVar[str] = ContextVar("flexdesk_theme", default="light")


def session_id_of(request: HTTPServerRequest, cookie_secret: str) -> str | None:
    """The login session's id in the request's signed cookie; None when absent or forged."""
    morsel = request.cookies.get(COOKIE)
    if morsel is None:
        return None
    value = decode_signed_value(cookie_secret, COOKIE, morsel.value)
    return value.decode("ascii", "replace") if value else None


def current() -> SignedIn | None:
    """Who the page being built is for. Set by the server from the live request, never from a token."""
    return _current.get()


def current_theme() -> str:
    """ "light" or "dark": what this browser chose last, for the first paint."""
    return _theme.get()
