"""Our keys at other systems are changed from time to time: the courier shows the next one (`/apikey`)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from app.transport.client import Answer, Client
from app.transport.verdicts import clean
from domain.commands import Command, PrepareKey, ReportKey
from domain.ids import PartyId
from domain.paging import Slice
from domain.parties import Party, Role
from domain.ports import ReadOnly
from domain.transport import Correspondent

PATHS: Mapping[Role, str] = {
    Role.PROVIDER: "/eu-mp/v1/apikey",
    Role.REQUESTER: "/eu-mp/v1/apikey",
    Role.MARKET_PLACE: "/eu-mp-notifications/v1/apikey",
    Role.PEER: "/b2b/v1/apikey",
}
"""Where a system of that role takes our next key."""
_AT_ONCE = 8
_LOOK_S = 1.0
_FIRST_DUE = Slice(order=(("refresh_at", False), ("id", False)), limit=_AT_ONCE)
InBook = Callable[[Callable[[], Any]], Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Showing:
    """A next key to be shown: `keys` open there, or may; the last one is the next. `url`: the correspondent's."""

    party_id: PartyId
    url: str
    path: str
    keys: tuple[str, ...]


class KeyRefresh:
    """What the book says of keys."""

    def __init__(self, read: ReadOnly, execute: Callable[[Command], object], wall: Callable[[], datetime]) -> None:
        self._read, self._execute, self._wall = read, execute, wall

    def due(self, busy: set[str]) -> list[Showing]:
        """Those whose time has come, each with a next key; one at an address at a time."""
        with self._read() as uow:
            first = uow.part(Correspondent, _FIRST_DUE)
        due = {
            there.url: there.id for there in first if there.refresh_at <= self._wall() and there.url not in busy
        }
        return [showing for id in due.values() if (showing := self._prepared(id)) is not None]

    def _prepared(self, party_id: PartyId) -> Showing | None:
        """None where nothing can be shown: we have no key there yet, or it takes none."""
        self._execute(PrepareKey(party_id=party_id))
        with self._read() as uow:
            there, role = uow.get(Correspondent, party_id), uow.get(Party, party_id).role
            if there.sealed_next and role in PATHS:
                keys = tuple(uow.vault.open(key, there.id) for key in (there.sealed_key, there.sealed_next))
                return Showing(party_id=party_id, url=there.url, path=PATHS[role], keys=keys)
        self._execute(ReportKey(party_id=party_id, taken=False))
        return None

    def report(self, shown: list[ReportKey]) -> None:
        for each in shown:
            self._execute(each)


class Refreshing:
    """Shows keys beside the messages."""

    def __init__(self, book: KeyRefresh, client: Client, random: Random) -> None:
        self._book = book
        self._client = client
        self._random = random
        self._under: dict[asyncio.Task[ReportKey], str] = {}
        self._look_at = 0.0

    @property
    def busy(self) -> bool:
        return bool(self._under)

    @property
    def tasks(self) -> tuple[asyncio.Task[ReportKey], ...]:
        return tuple(self._under)

    async def take(self, in_book: InBook) -> None:
        """Tell of what has ended and begin with what is due."""
        ended = [task for task in self._under if task.done()]
        shown = [task.result() for task in ended if task.exception() is None]
        for task in ended:
            del self._under[task]
        if shown:
            await in_book(lambda: self._book.report(shown))
        now = asyncio.get_running_loop().time()
        if now < self._look_at:
            return
        self._look_at = now + _LOOK_S
        busy = set(self._under.values())
        for showing in await in_book(lambda: self._book.due(busy)):
            self._under[asyncio.create_task(self._show(showing))] = showing.url

    async def _show(self, showing: Showing) -> ReportKey:
        body = json.dumps({"key": showing.keys[-1]}).encode()
        answer = Answer(headers={})
        for key in showing.keys:
            answer = await self._client.ask(
                "POST", showing.url + showing.path, {"Authorization": f"Bearer {key}"}, body
            )
            if answer.status != 401:
                break
        taken = 200 <= answer.status < 300
        error = "" if taken else clean(answer.error or f"{answer.status}")
        return ReportKey(party_id=showing.party_id, taken=taken, error=error)
