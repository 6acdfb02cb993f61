"""The courier: sends what is stored, in the order of each stream, until it is answered.

One thread with an event loop; a task for each message under way, a few per addressee, so that one that does not
answer delays nobody else. The database is asked in a thread beside it, and told of what happened in a transaction
for all of it. What is under way is known to nobody else: when the process ends, it is sent again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime
from random import Random, SystemRandom
from typing import Any, Protocol, TypeVar

from app.transport.client import Answer, Client
from app.transport.refreshing import KeyRefresh, Refreshing
from app.transport.verdicts import verdict
from domain.commands import Command, ReportTries, Tried
from domain.ids import PartyId
from domain.ports import ReadOnly, UnitOfWork
from domain.transport import Correspondent, OutgoingMessage

PER_ADDRESSEE = 4
"""Messages under way to one addressee at once, each of another stream."""
MOST_UNDER_WAY = 400
MOST_TO_SILENT = 100
"""Of these to addressees that gave no answer the last time; each of them has one under way."""
_AFTER_FAULT_S = 1.0

log = logging.getLogger(__name__)
T = TypeVar("T")
Lane = tuple[PartyId, str]
_Under = dict["asyncio.Task[Tried]", Lane]


class Book(Protocol):
    """What is needed of the store."""

    def due_messages(self, now: datetime, per_addressee: int) -> tuple[OutgoingMessage, ...]: ...


class Known:
    """A correspondent with the keys that may open there."""

    def __init__(self, url: str, keys: tuple[str, ...]) -> None:
        self.url, self.keys = url, keys


class Courier:
    """`start` and `stop` it, or `poll` by hand. Safe to be stopped at any time.

    book, read : the store's; execute : does a command as the system itself; wall : transport goes by it
    client : makes the client, in the courier's own loop
    """

    def __init__(
        self,
        *,
        book: Book,
        read: ReadOnly,
        execute: Callable[[Command], object],
        wall: Callable[[], datetime],
        client: Callable[[], Client],
        poll_seconds: float = 1.0,
        random: Random | None = None,
    ) -> None:
        self._book = book
        self._read = read
        self._execute = execute
        self._wall = wall
        self._client = client
        self._poll_seconds = poll_seconds
        self._random = random or SystemRandom()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()
        self._woken: asyncio.Event | None = None

    def start(self) -> None:
        """Send in a thread of its own from now on."""
        self._stopping.clear()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(until_idle=False)), name="courier")
        self._thread.start()

    def stop(self) -> None:
        """What is under way is left; it is sent again some time."""
        self._stopping.set()
        self.wake()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Look now whether something is to be sent. From any thread."""
        loop, woken = self._loop, self._woken
        if loop is not None and woken is not None:
            try:
                loop.call_soon_threadsafe(woken.set)
            except RuntimeError:  # it has just ended
                return

    def poll(self) -> int:
        """Send all that is due by now, and what comes after it, in this thread; how many tries that took."""
        self._stopping.clear()
        return asyncio.run(self._run(until_idle=True))

    async def _run(self, *, until_idle: bool) -> int:
        self._loop, self._woken = asyncio.get_running_loop(), asyncio.Event()
        client = self._client()
        with ThreadPoolExecutor(1, thread_name_prefix="courier-book") as beside:
            try:
                return await _Round(self, client, beside, self._woken, self._stopping).run(until_idle=until_idle)
            finally:
                self._loop = self._woken = None
                await client.close()


class _Round:
    """The courier at work."""

    def __init__(
        self,
        courier: Courier,
        client: Client,
        beside: ThreadPoolExecutor,
        woken: asyncio.Event,
        stopping: threading.Event,
    ) -> None:
        self._of = courier
        self._client = client
        self._beside = beside
        self._woken = woken
        self._stopping = stopping
        self._under: _Under = {}
        self._silent: set[PartyId] = set()
        self._refreshing = Refreshing(
            KeyRefresh(courier._read, courier._execute, courier._wall), client, courier._random
        )
        self.n_tries = 0

    async def run(self, *, until_idle: bool) -> int:
        try:
            while not self._stopping.is_set():
                try:
                    await self._take()
                    await self._refreshing.take(self._in_book)
                    if until_idle and not self._under and not self._refreshing.busy:
                        break
                    await self._wait()
                    await self._report()
                except Exception:
                    if until_idle:
                        raise
                    log.exception("the courier's round failed")
                    await asyncio.sleep(_AFTER_FAULT_S)
        finally:
            await self._leave()
        return self.n_tries

    async def _in_book(self, ask: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._beside, ask)

    async def _take(self) -> None:
        """Begin with what is due and not under way."""
        if len(self._under) >= MOST_UNDER_WAY:
            return
        busy, lanes = Counter(party for party, _ in self._under.values()), set(self._under.values())

        def due() -> tuple[tuple[OutgoingMessage, ...], dict[PartyId, Known]]:
            found = self._of._book.due_messages(self._of._wall(), 2 * PER_ADDRESSEE)
            found = tuple(message for message in found if (message.addressee_id, message.stream) not in lanes)
            return found, self._known({message.addressee_id for message in found})

        messages, known = await self._in_book(due)
        for message in messages:
            if self._is_room(message.addressee_id, busy):
                busy[message.addressee_id] += 1
                task = asyncio.create_task(self._try(message, known.get(message.addressee_id)))
                self._under[task] = (message.addressee_id, message.stream)

    def _is_room(self, addressee: PartyId, busy: Counter[PartyId]) -> bool:
        """However many are silent, the rest is for those that answer."""
        if addressee in self._silent:
            to_silent = sum(busy[party] for party in self._silent)
            return not busy[addressee] and to_silent < MOST_TO_SILENT
        return busy[addressee] < PER_ADDRESSEE and len(self._under) < MOST_UNDER_WAY

    def _known(self, parties: set[PartyId]) -> dict[PartyId, Known]:
        if not parties:
            return {}
        with self._of._read() as uow:
            return {
                there.id: Known(
                    there.url,
                    tuple(uow.vault.open(key, there.id) for key in (there.sealed_key, there.sealed_next) if key),
                )
                for there in uow.find(Correspondent, id=tuple(parties))
            }

    async def _try(self, message: OutgoingMessage, there: Known | None) -> Tried:
        answer = await self._ask(message, there)
        (self._silent.discard if answer.status else self._silent.add)(message.addressee_id)
        return verdict(message, answer, self._of._wall(), self._of._random)

    async def _ask(self, message: OutgoingMessage, there: Known | None) -> Answer:
        if there is None:
            return Answer(headers={}, error="The address is not known yet.", connected=False)
        answer = Answer(headers={}, error="There is no key of ours there yet.", connected=False)
        for key in there.keys:
            headers = {
                "Authorization": f"Bearer {key}",
                "Message-Id": message.id,
                "Message-Stream": message.stream,
                "Message-Sequence": str(message.sequence),
                "Message-Sent-At": self._of._wall().isoformat(),
            }
            answer = await self._client.ask("POST", there.url + message.path, headers, message.body.encode())
            if answer.status != 401:  # the other side may know our next key only
                break
        return answer

    async def _wait(self) -> None:
        """Until something is done, something new may be due, or somebody calls."""
        waker = asyncio.create_task(self._woken.wait())
        tasks: set[asyncio.Task[Any]] = {*self._under, *self._refreshing.tasks, waker}
        await asyncio.wait(tasks, timeout=self._of._poll_seconds, return_when=asyncio.FIRST_COMPLETED)
        waker.cancel()
        self._woken.clear()

    async def _report(self) -> None:
        """Tell the book of all that has ended; what cannot be told is sent again."""
        ended = [task for task in self._under if task.done()]
        tries = tuple(tried for task in ended if (tried := _result(task)) is not None)
        try:
            if tries:
                self.n_tries += len(tries)
                await self._in_book(lambda: self._of._execute(ReportTries(tries=tries)))
        finally:
            for task in ended:
                del self._under[task]

    async def _leave(self) -> None:
        """Tell of what has ended, leave the rest."""
        try:
            await self._report()
        except Exception:
            log.exception("the courier could not tell of its last tries")
        left = [*self._under, *self._refreshing.tasks]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def _result(task: asyncio.Task[Tried]) -> Tried | None:
    """None for a fault of ours: the message stays as it is."""
    error = task.exception()
    if error is None:
        return task.result()
    log.error("a message could not be tried", exc_info=error)
    return None


class Kept(Book, Protocol):
    """What a courier needs of a store."""

    def read(self) -> AbstractContextManager[UnitOfWork]: ...
    def wall(self) -> datetime: ...


def courier_of(
    store: Kept, execute: Callable[[Command], object], *, local: bool, poll_seconds: float = 1.0
) -> Courier:
    """The courier of a database, not started. `local`: loopback and private addresses are called, too."""
    return Courier(
        book=store,
        read=store.read,
        execute=execute,
        wall=store.wall,
        client=lambda: Client(local=local),
        poll_seconds=poll_seconds,
    )
