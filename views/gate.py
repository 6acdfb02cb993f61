"""Which page is for whom: page specifications, and the gate that every page factory stands behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import panel as pn

from views import signin

_PATH = re.compile(r"/[a-z0-9]+(?:[/-][a-z0-9]+)*")
REFUSED = "This page is not for your role."


@dataclass(frozen=True, kw_only=True)
class PageSpec:
    """One page.

    path : literal, lower case, such as "/dso" or "/dso/needs"; state goes into the query string
    title : the browser tab's title
    roles : the roles that may open it; no one else can
    factory : builds the page for the principal (usually returns `Shell(...).page`)
    """

    path: str
    title: str
    roles: frozenset[str]
    factory: Callable[[Any], Any]

    def __post_init__(self) -> None:
        if not _PATH.fullmatch(self.path):
            raise ValueError(f"not a literal lower-case path: {self.path!r}")
        if not self.roles:
            raise ValueError(f"nobody may open {self.path}: name its roles")

    def admits(self, who: signin.SignedIn | None) -> bool:
        """Whether this login session's role may see the page."""
        return who is not None and str(who.principal.role) in self.roles


@dataclass
class Owners:
    """Which login session a document was built for; a document is joined by no other."""

    _by_document: dict[str, str] = field(default_factory=dict)

    def own_current_document(self, login_session_id: str) -> None:
        """Record the document under construction; forgotten when it is destroyed."""
        doc = pn.state.curdoc
        document_id = doc.session_context.id
        self._by_document[document_id] = login_session_id
        doc.on_session_destroyed(lambda _context: self._by_document.pop(document_id, None))

    def owns(self, login_session_id: str, document_id: str) -> bool:
        """Whether the document was built for this login session."""
        return self._by_document.get(document_id) == login_session_id

    def __len__(self) -> int:
        return len(self._by_document)


def gated(page: PageSpec, owners: Owners) -> Callable[[], Any]:
    """The page's factory behind the gate: Bokeh may call it from any route, so it asks again who it is for."""

    def build() -> Any:
        who = signin.current()
        if who is None or not page.admits(who):
            return pn.pane.Str(REFUSED)
        owners.own_current_document(who.session_id)
        return page.factory(who.principal)

    return build
