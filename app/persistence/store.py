"""The store: transactions with their audit rows and events, reading, dispatch, backup."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Self

from sqlalchemy import Connection

from app.persistence import kept, migrate, outbox, trail
from app.persistence.backup import backup
from app.persistence.engines import Engines, engines
from app.persistence.heads import due_messages
from app.persistence.lines import MAIN, Line
from app.persistence.measures import Measured, measure
from app.persistence.outbox import Dispatched, OutboxRow, Tell
from app.persistence.vault import Vault
from app.persistence.work import Unit
from app.repeats import CURRENT
from domain.events import Event
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.time import as_utc
from domain.transport import OutgoingMessage

OnCommit = Callable[[Sequence[Event]], object]
WallClock = Callable[[], datetime]
Secret = Callable[[], bytes]

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_store(
    database_url: str,
    *,
    wall_clock: WallClock = utc_now,
    on_commit: OnCommit | None = None,
    line: Line = MAIN,
    secret: Secret | None = None,
) -> Store:
    """The store at `sqlite:///path` or `postgresql://...`; a new database still needs `migrate()`.

    wall_clock : answers the present instant, with offset
    on_commit : told the events of every committed unit, in the committing thread
    line : the kind of database
    secret : answers the server's, with which keys for other systems are encrypted; without one they are lost
        with the store

    Raises:
        ValueError: another database, or SQLite without a file.
    """
    return Store(
        engines(database_url), wall_clock, on_commit, line, Vault(secret or (lambda: secrets.token_bytes(32)))
    )


class Store:
    """One database. All methods may be called from any thread; writers take turns."""

    def __init__(
        self, engines: Engines, wall_clock: WallClock, on_commit: OnCommit | None, line: Line, vault: Vault
    ) -> None:
        self._engines = engines
        self._wall_clock = wall_clock
        self._on_commit = on_commit
        self._line = line
        self._vault = vault
        self._this_thread = threading.local()
        self._revisions = count(1)
        self.revision = 0
        """Grows with every transaction that this store commits."""

    @contextmanager
    def write(self, principal: Principal, command: object) -> Iterator[UnitOfWork]:
        """A write transaction: entities, events and one audit row for `command`, stored together or not at all;
        with them the present attempt of `app.repeats`, if this is its first.

        command : any dataclass instance; its class's name and fields enter the audit trail

        Raises:
            Refused: `duplicate`, `stale`, `not_found` from the unit's methods; `in_progress` for an attempt that
                another one overtook.
            RuntimeError: this thread is in a write transaction already.
        """
        with self.transaction() as connection:
            unit = Unit(connection, self.wall(), self._vault, writes=True)
            yield unit
            row = trail.append(connection, principal, command, wall=unit.wall, market=unit.market)
            outbox.post(connection, row, unit.events)
            attempt = CURRENT.get()
            new = attempt if attempt is not None and not attempt.recorded else None
            if new is not None:
                kept.record(connection, new, unit.wall)
        if new is not None:
            new.recorded = True
        self._announce(unit.events)

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """A snapshot to read from; writing through it raises RuntimeError."""
        with self.snapshot() as connection:
            yield Unit(connection, self.wall(), self._vault, writes=False)

    def undispatched(self, limit: int = 100) -> tuple[OutboxRow, ...]:
        """Events of committed units that nobody was told of yet, oldest first."""
        with self.snapshot() as connection:
            return outbox.waiting(connection, limit)

    def mark_dispatched(self, ids: Sequence[int]) -> None:
        """Those outbox rows are done; done ones stay as they are."""
        with self.transaction() as connection:
            outbox.mark(connection, ids, self.wall())

    def dispatch(self, tell: Tell, limit: int = 100) -> Dispatched:
        """Turn waiting events into notifications, each exactly once, in one transaction.

        tell : (unit, row) -> notifications of that event; may read through the unit, not write. A second
            notification for the same party and event is left out.
        """
        with self.transaction() as connection:
            return outbox.dispatch(
                connection, Unit(connection, self.wall(), self._vault, writes=False), tell, limit
            )

    def due_messages(self, now: datetime, per_addressee: int) -> tuple[OutgoingMessage, ...]:
        """Messages that can be sent now: the first unsettled one of each stream, when it is due."""
        with self.snapshot() as connection:
            return due_messages(connection, now, per_addressee)

    def verify_audit(self) -> int | None:
        """Sequence of the first audit row that was changed, removed or put in; None when the chain holds."""
        with self.snapshot() as connection:
            return trail.first_broken_row(connection)

    def measured(self) -> Measured:
        """How large the database is, and what waits in its outbox."""
        with self.snapshot() as connection:
            return measure(connection)

    def migrate(self) -> None:
        """Bring the database to this version's tables; does nothing when it is there already."""
        with self.transaction() as connection:
            migrate.upgrade(connection, self._line)

    def needs_migration(self) -> bool:
        with self.snapshot() as connection:
            return migrate.is_behind(connection, self._line)

    def backup(self, path: Path) -> None:
        """Copy the whole database into a new file while it is in use.

        Raises:
            FileExistsError: there is such a file.
            BackupNotSupported: the database is PostgreSQL; use pg_dump.
        """
        backup(self._engines, path)

    def close(self) -> None:
        """Let go of all connections."""
        self._engines.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def wall(self) -> datetime:
        return as_utc(self._wall_clock())

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A bare write transaction, for this package."""
        if getattr(self._this_thread, "writing", False):
            raise RuntimeError("write transactions do not nest: this thread is in one already")
        self._this_thread.writing = True
        try:
            with self._engines.write.begin() as connection:
                self._engines.begin_write(connection)
                yield connection
            self.revision = next(self._revisions)
        finally:
            self._this_thread.writing = False

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A bare read transaction, for this package."""
        with self._engines.read.begin() as connection:
            yield connection

    def _announce(self, events: Sequence[Event]) -> None:
        """What is committed is committed: a listener's failure must not look like the command's."""
        if self._on_commit is None or not events:
            return
        try:
            self._on_commit(tuple(events))
        except Exception:
            _log.exception("on_commit failed on %s", [type(event).__name__ for event in events])
