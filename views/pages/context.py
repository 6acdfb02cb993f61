"""What every page is given: the desk as its own principal, news, the permalink and market time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import param

from app.queries.models import GetShell, Query
from domain.commands import Command
from domain.parties import Principal, Role
from views.shell import Key, Themed

Answer = TypeVar("Answer")


class Doorway(Protocol):
    """The application's desk: one way in, access checked there for every call."""

    def execute(self, principal: Principal, command: Command) -> Any: ...

    def query(self, principal: Principal, query: Query[Answer]) -> Answer: ...


@dataclass(frozen=True)
class BoundDesk:
    """The doorway with the principal of this page filled in."""

    doorway: Doorway
    principal: Principal

    def ask(self, query: Query[Answer]) -> Answer:
        """The read model. Raises `domain.errors.Refused`."""
        return self.doorway.query(self.principal, query)

    def do(self, command: Command) -> Any:
        """Carry the command out; the new entity where there is one. Raises `domain.errors.Refused`."""
        return self.doorway.execute(self.principal, command)


class Live(Protocol):
    """News for open pages. Topics: the names in `views.news.TOPICS`; a page asks the desk what has changed."""

    def subscribe(self, listener: Callable[[str, Any], None], topics: set[str] | frozenset[str]) -> None:
        """Call the bound method `listener(topic, value)` on the page's next tick; held weakly."""
        ...


class Uploads(Protocol):
    """Big files of values to a platform, read beside its desk's transactions. `form`: "csv" or "jsonl"."""

    def __call__(self, content: bytes, form: str, *, good_only: bool, correct: bool) -> Any:
        """How much was stored and what was left out. Raises `domain.errors.Refused`."""
        ...


class Location(Protocol):
    """The page's address: state that is in its query string can be kept as a link."""

    def sync(self, state: param.Parameterized, keys: Mapping[str, str]) -> None:
        """Keep parameters and query string equal, both ways; `keys` maps parameter to query key."""
        ...


@dataclass(frozen=True, kw_only=True)
class PageContext:
    """One open page: who asks, where it reads and acts, what it hears, where its state is linked.

    `notify(text, kind)`: a passing note, kind `info`, `success`, `warning` or `error`; the text is escaped.
    `theme`: "light" or "dark" at the first paint; figures follow later switches through `Content.themed`.
    `uploads`, `address`: of a platform's pages, where its interfaces are reached; None and "" at the market's.
    """

    desk: BoundDesk
    live: Live
    location: Location
    notify: Callable[[str, str], None]
    theme: str = "light"
    uploads: Uploads | None = None
    address: str = ""

    @property
    def principal(self) -> Principal:
        return self.desk.principal

    def market_now(self) -> datetime:
        """Market time, UTC."""
        return self.desk.ask(GetShell()).market_now


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a page shows inside the shell. `owner` holds the page's listeners and lives as long as the page."""

    main: Sequence[Any]
    owner: object
    themed: Sequence[Themed] = ()
    keys: Sequence[Key] = ()


class Side(StrEnum):
    """On whose desk a page acts: the market's (and the EU Market Place's), or a player's platform's."""

    MARKET = "market"
    PLATFORM = "platform"


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page and who may open it. Modules of `views.pages` name theirs in `PAGES`; `views.app` lists the modules.

    `nav`: its label in the navigation, or "" for a page reached by links only.
    """

    path: str
    title: str
    nav: str
    roles: frozenset[Role]
    build: Callable[[PageContext], Content]
    side: Side = Side.MARKET
