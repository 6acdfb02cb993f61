"""Platforms that run in the server's own process, in the demo.

Each has a database of its own in the data folder, its interfaces under `/platforms/{company}` of the REST
listener, and the market's clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar

from starlette.types import Receive, Scope, Send

from app.desk import Desk
from app.platform.bootstrap import Platform, build
from app.platform.serving import Running, Serving, asgi_of
from app.platform.values.reading import Format
from app.platform.values.uploading import UploadedValues, upload
from app.queries.models.base import Query
from app.rest.edge import Edge
from app.rest.edges.prefixes import serve_below
from domain.commands import Command
from domain.errors import refuse
from domain.events import ClockMoved, Event
from domain.ids import PartyId
from domain.marketplace.registrations import Registration
from domain.parties import SYSTEM, Party, Principal, Role
from domain.platform.company import Company
from domain.ports import ReadOnly, UnitOfWork
from domain.time import MarketClock
from domain.transport import Correspondent

Answer = TypeVar("Answer")
FOLDER = "platforms"
FILE = "platform.db"
PREFIX = "/platforms/"
_HOSTED_ROLES = (Role.PROVIDER, Role.REQUESTER, Role.CUSTOMER)
_PLATFORM_URL = re.compile(rf"https?://[^/]+({PREFIX}[a-z0-9-]+)")
_PLACE_URL = re.compile(r"https?://[^/]+()")


class Store(Protocol):
    """Of the main database: what is needed to tell it where the platforms are now."""

    def write(self, principal: Principal, command: object) -> AbstractContextManager[UnitOfWork]: ...
    def read(self) -> AbstractContextManager[UnitOfWork]: ...


@dataclass(frozen=True, kw_only=True)
class FollowClock:
    """For the audit trail: a hosted platform's clock is the market's."""

    clock: MarketClock


@dataclass(frozen=True, kw_only=True)
class MoveHosted:
    """For the audit trail: the server that hosts platforms is at another address."""

    base: str


@dataclass(frozen=True)
class _Acting:
    """A platform's desk as one principal sees it."""

    desk: Desk
    principal: Principal

    def execute(self, command: Command) -> object:
        return self.desk.execute(self.principal, command)

    def query(self, query: Query[Answer]) -> Answer:
        return self.desk.query(self.principal, query)


class Hosting:
    """The platforms in a folder; what they serve is `asgi`. `read`: of the main database, for its clock."""

    def __init__(self, folder: Path, how: Serving, read: ReadOnly) -> None:
        self._how, self._read = how, read
        self.platforms: Mapping[str, Platform] = {
            path.parent.name: opened(path, how, _address(how, path.parent.name))
            for path in sorted(folder.glob(f"*/{FILE}"))
        }
        self._known: dict[PartyId, Platform] = {}
        self._running = [
            Running(platform, how, more=(partial(self._follow, platform),)) for platform in self.platforms.values()
        ]

    def of(self, party_id: PartyId) -> Platform | None:
        """The platform on which a participant of the market place takes part as itself; None for none."""
        if party_id not in self._known:
            for platform in self.platforms.values():
                with platform.read() as uow:
                    if uow.find(Party, id=party_id, role=_HOSTED_ROLES):
                        self._known[party_id] = platform
                        break
        return self._known.get(party_id)

    def read_in(self, principal: Principal, file: bytes) -> UploadedValues:
        """A provider reads values (CSV) into its platform. Raises `Refused`: `not_found`; as `upload`."""
        platform = self.of(principal.party_id)
        if platform is None:
            raise refuse("not_found", "platform", "No platform of this participant runs here.")
        return upload(_Acting(platform.desk, principal), (file,), Format.CSV)

    def on_events(self, events: Sequence[Event]) -> None:
        """For the main bus: a clock that is moved moves the platforms' at once."""
        if any(isinstance(event, ClockMoved) for event in events):
            self.follow()

    def follow(self) -> None:
        for platform in self.platforms.values():
            self._follow(platform)

    def _follow(self, platform: Platform) -> None:
        with self._read() as main, platform.read() as uow:
            clock, its = main.clock(), uow.clock()
        if clock.movable and clock != its:
            with platform.store.write(SYSTEM, FollowClock(clock=clock)) as uow:
                uow.set_clock(clock)

    def asgi(self) -> Mapping[str, Edge]:
        return {slug: asgi_of(platform, self._how) for slug, platform in self.platforms.items()}

    def move(self, main: Store, base: str) -> None:
        """The server listens at `base` now: whoever calls a hosted platform, or from there the place, knows."""
        _moved(main, base, Registration, "platform_url", _PLATFORM_URL)
        _moved(main, base, Correspondent, "url", _PLATFORM_URL)
        for platform in self.platforms.values():
            _moved(platform.store, base, Correspondent, "url", _PLATFORM_URL)
            _moved(platform.store, base, Correspondent, "url", _PLACE_URL)
            _moved(platform.store, base, Company, "market_place_url", _PLACE_URL)

    def start(self) -> None:
        self.follow()
        for running in self._running:
            running.start()

    def stop(self) -> None:
        for running in self._running:
            running.stop()

    def close(self) -> None:
        for platform in self.platforms.values():
            platform.close()


def _address(how: Serving, slug: str) -> str:
    return f"{how.api_url}{PREFIX}{slug}" if how.api_url else ""


def opened(path: Path, how: Serving, address: str = "") -> Platform:
    """The platform in a SQLite file, made if it is missing. It calls its neighbours on this machine."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = f"sqlite:///{path.absolute()}"
    return build(url, secret=lambda: how.secret, calls_local=True, poll_seconds=how.poll_seconds, address=address)


class DemoHosts:
    """New platforms for the demo, in a folder; the server will be at `base`."""

    def __init__(self, folder: Path, base: str, how: Serving) -> None:
        self._folder, self.place_url, self._how = folder, base, how
        self._aside = TemporaryDirectory()

    def url_of(self, slug: str) -> str:
        return f"{self.place_url}{PREFIX}{slug}"

    def opened(self, slug: str) -> AbstractContextManager[Platform]:
        """A copy of an empty database: all tables are made only once."""
        empty, path = Path(self._aside.name) / FILE, self._folder / slug / FILE
        if not empty.exists():
            opened(empty, self._how).close()
        path.parent.mkdir(mode=0o700, parents=True)
        copy(empty, path)
        return closing(opened(path, self._how))


class Front:
    """The main interfaces, and those of hosted platforms under their prefix."""

    def __init__(self, main: Edge, hosted: Mapping[str, Edge]) -> None:
        self._main, self._hosted = main, hosted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        slug, slash, rest = str(scope.get("path", "")).removeprefix(PREFIX).partition("/")
        if slash and slug in self._hosted and scope["path"].startswith(PREFIX):
            await serve_below(f"{PREFIX}{slug}", f"/{rest}", self._hosted[slug], scope, receive, send)
        else:
            await self._main(scope, receive, send)

    def close(self) -> None:
        for edge in (self._main, *self._hosted.values()):
            edge.close()


def _moved(store: Any, base: str, kind: type[Any], field: str, pattern: re.Pattern[str]) -> None:
    with store.read() as uow:
        changed = list(_at(base, uow.find(kind), field, pattern))
    if changed:
        with store.write(SYSTEM, MoveHosted(base=base)) as uow:
            for entity in changed:
                uow.save(entity)


def _at(base: str, entities: Sequence[Any], field: str, pattern: re.Pattern[str]) -> Iterator[Any]:
    for entity in entities:
        fits = pattern.fullmatch(getattr(entity, field))
        if fits is not None and getattr(entity, field) != f"{base}{fits.group(1)}":
            yield replace(entity, **{field: f"{base}{fits.group(1)}"})
