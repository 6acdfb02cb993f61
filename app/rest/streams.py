"""News for those who hold a stream open: the bus wakes them, nobody polls."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.auth import Throttled
from app.queries.models import ListNotifications
from app.rest.access import Caller
from app.rest.account_schemas import NotificationOut
from app.rest.edges.answers import EVENT_STREAM
from domain.errors import Refused
from domain.events import (
    ApiKeyRevoked,
    Event,
    LoginsEnded,
    Notified,
    PartySuspended,
    PasswordChanged,
    PasswordReset,
    RoleAssigned,
)
from domain.ids import PartyId
from domain.notifications import Notification

PER_ACCOUNT = 5
IN_ALL = 500
HEARTBEAT_S = 10.0
RETRY_S = 30
MOST_NEWS = 1000
_LATER = b"retry: 3000\n\n"
_HEARTBEAT = b": still here\n\n"
_END = b'event: end\ndata: {"sentence": "The stream is over."}\n\n'

_WAKING = (
    Notified,
    PartySuspended,
    RoleAssigned,
    PasswordChanged,
    PasswordReset,
    LoginsEnded,
    ApiKeyRevoked,
)
"""What a stream has to tell, and what may end it."""


@dataclass(eq=False)
class Wake:
    """Rings on the loop of the one that waits; from any thread."""

    party_id: PartyId
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    rung: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        with suppress(RuntimeError):  # its loop is closed: nobody waits any more
            self.loop.call_soon_threadsafe(self.rung.set)

    async def within(self, seconds: float) -> bool:
        """Whether it rang before the time was over."""
        try:
            async with asyncio.timeout(seconds):
                await self.rung.wait()
        except TimeoutError:
            return False
        self.rung.clear()
        return True


class Streams:
    """Who waits for the news of which participant."""

    def __init__(self) -> None:
        self._waiting: set[Wake] = set()
        self._per_account: Counter[str] = Counter()
        self.closed = False

    def on_events(self, events: Sequence[Event]) -> None:
        """A listener for the application's bus."""
        concerned = {event.party_id for event in events if isinstance(event, _WAKING)}
        for wake in [wake for wake in tuple(self._waiting) if wake.party_id in concerned]:
            wake.ring()

    def close(self) -> None:
        """All that are open end."""
        self.closed = True
        for wake in tuple(self._waiting):
            wake.ring()

    @contextmanager
    def open(self, account: str, party_id: PartyId) -> Iterator[Wake]:
        """Be woken by a participant's news. Raises `Throttled` when too many are open."""
        if self._per_account[account] >= PER_ACCOUNT or len(self._waiting) >= IN_ALL:
            raise Throttled(RETRY_S, "open streams")
        wake = Wake(party_id)
        self._waiting.add(wake)
        self._per_account[account] += 1
        try:
            yield wake
        finally:
            self._waiting.discard(wake)
            self._per_account[account] -= 1
            self._per_account += Counter()  # forget those that have none


class NewsStream(StreamingResponse):
    """A participant's notifications as server-sent events, from after `last_id` on if it is given."""

    media_type = EVENT_STREAM

    def __init__(self, streams: Streams, caller: Caller, last_id: str | None) -> None:
        super().__init__(iter(()))
        self._streams, self._caller, self._last_id = streams, caller, last_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        principal = self._caller.principal
        with self._streams.open(principal.account, principal.party_id) as wake:
            self.body_iterator = self._told(wake)
            await super().__call__(scope, receive, send)

    async def _told(self, wake: Wake) -> AsyncIterator[bytes]:
        yield _LATER
        known: frozenset[str] | None = None
        rang = True
        while not self._streams.closed:
            rows = await run_in_threadpool(self._newest if rang else self._still_let_in)
            if rows is None:
                break
            if rang:
                for notification in _missed(rows, self._last_id) if known is None else _new(rows, known):
                    yield _event(notification)
                known = frozenset(row.id for row in rows)
            else:
                yield _HEARTBEAT
            rang = await wake.within(HEARTBEAT_S)
        yield _END

    def _newest(self) -> Sequence[Notification] | None:
        """Own notifications, newest first; None when the caller is not let in any more."""
        if self._still_let_in() is None:
            return None
        try:
            return self._caller.query(ListNotifications(limit=MOST_NEWS))
        except Refused:
            return None

    def _still_let_in(self) -> Sequence[Notification] | None:
        """None when the token is revoked or over, or the account or its participant is suspended."""
        return () if self._caller.again() == self._caller.principal else None


def _missed(rows: Sequence[Notification], last_id: str | None) -> Sequence[Notification]:
    """What came after a notification, oldest first: all if it is not among those any more, nothing without one.

    Those of the same instant on the market clock have no order, so that they are told again.
    """
    if last_id is None:
        return ()
    last = next((row for row in rows if row.id == last_id), None)
    return [row for row in reversed(rows) if last is None or (row.market_at >= last.market_at and row is not last)]


def _new(rows: Sequence[Notification], known: frozenset[str]) -> Sequence[Notification]:
    return [row for row in reversed(rows) if row.id not in known]


def _event(notification: Notification) -> bytes:
    data = NotificationOut.model_validate(notification).model_dump_json()
    return f"id: {notification.id}\nevent: notification\ndata: {data}\n\n".encode()
