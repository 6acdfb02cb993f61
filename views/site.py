"""What every handler of the desks needs: pages, login sessions, open sockets, and our own plain pages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader
from tornado.httputil import HTTPServerRequest

from views import signin
from views.edge import Edge
from views.gate import Owners, PageSpec
from views.heads import Heads

ASSETS = Path(__file__).resolve().parent.parent / "assets"
LOGIN_PATH = "/login"
POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


class OpenSocket(Protocol):
    """A page's websocket, open for a login session."""

    who: signin.SignedIn | None

    def close(self, code: int | None = None, reason: str | None = None) -> None: ...

    def __hash__(self) -> int: ...


@dataclass(kw_only=True)
class Site:
    """What the handlers need; one per server. `applications` (`views.applying`): None where nobody may apply.
    `enrolments` (`views.enrolling`): None where no company may enrol on the EU Market Place.
    `single_sign_on` (`views.single_sign_on`): None without a provider."""

    sessions: signin.LoginSessions
    pages: Mapping[str, PageSpec]
    desk_of_role: Mapping[str, str]
    demo_accounts: Sequence[signin.DemoAccount]
    cookie_secret: str
    edge: Edge
    secure_cookies: bool
    applications: Any = None
    applicable_roles: Sequence[Any] = ()
    enrolments: Any = None
    single_sign_on: Any = None
    owners: Owners = field(default_factory=Owners)
    heads: Heads = field(default_factory=Heads)
    sockets: set[OpenSocket] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._templates = Environment(loader=FileSystemLoader(ASSETS / "pages"), autoescape=True)

    def signed_in(self, request: HTTPServerRequest) -> signin.SignedIn | None:
        """Who sends this request, asked of the login sessions now."""
        session_id = signin.session_id_of(request, self.cookie_secret)
        if session_id is None:
            return None
        principal = self.sessions.principal_of(session_id)
        return None if principal is None else signin.SignedIn(session_id, principal)

    def render(self, template: str, **values: Any) -> str:
        """A page of ours outside Panel; values are escaped."""
        return self._templates.get_template(template).render(**values)

    def message_page(self, message: str, status: int = 403, **hints: bool) -> str:
        """A plain page with one sentence. hints : `signin_hint`, `back_to_login`"""
        return self.render("message.html", message=message, status=status, **hints)

    def close_sockets_of(self, session_id: str) -> None:
        """Close every page of this login session now (1008)."""
        for socket in [s for s in self.sockets if s.who and s.who.session_id == session_id]:
            socket.close(POLICY_VIOLATION, "signed out")

    async def recheck(self) -> None:
        """Close the pages whose login session has ended or whose role has changed."""
        open_ids = {s.who.session_id for s in self.sockets if s.who}
        principals = await asyncio.get_running_loop().run_in_executor(
            None, lambda: {session_id: self.sessions.principal_of(session_id) for session_id in open_ids}
        )
        for socket in list(self.sockets):
            if socket.who is None or socket.who.session_id not in principals:
                continue
            now = principals[socket.who.session_id]
            if now is None or str(now.role) != str(socket.who.principal.role):
                socket.close(POLICY_VIOLATION, "sign-in ended")
