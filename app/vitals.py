"""The running server's signs of life: the scheduler's beat, the worker, the database and its audit
trail, the pages that are open.

The composition root fills a `Pulse`; the market operator reads it through the desk, so no page and no route
reaches into the scheduler or the store.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from app.settings import VERSION

_TOLD = ("numpy", "scipy", "panel", "bokeh", "fastapi", "SQLAlchemy")


@dataclass(frozen=True, kw_only=True)
class AuditReport:
    """A verification of the audit trail's hash chain: rows read, the first broken if any, and when, wall time."""

    n_rows: int
    first_broken: int | None
    checked_at: datetime
    seconds: float

    @property
    def holds(self) -> bool:
        return self.first_broken is None


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """Signs of life at `now`, wall time. `beat_at` is None before the scheduler's first poll, or without one;
    `open_pages` counts the desks' documents, open or just left."""

    now: datetime
    started_at: datetime
    beat_at: datetime | None
    beat_every_s: float | None
    worker_alive: bool
    database_bytes: int
    n_audit_rows: int
    n_waiting: int
    waiting_since: datetime | None
    open_pages: int
    audit: AuditReport | None
    versions: tuple[tuple[str, str], ...]

    @property
    def beat_late(self) -> bool:
        """As `Pulse.beat_late`, at `now`."""
        return _late(self.now, self.beat_at or self.started_at, self.beat_every_s)


def _late(now: datetime, last: datetime, every_s: float | None) -> bool:
    return every_s is not None and (now - last).total_seconds() > max(5.0, 3 * every_s)


class Health(Protocol):
    """What the queries ask of the running server."""

    def vitals(self) -> Vitals: ...
    def check_audit(self) -> AuditReport: ...


class Measured(Protocol):
    @property
    def database_bytes(self) -> int: ...
    @property
    def n_audit_rows(self) -> int: ...
    @property
    def n_waiting(self) -> int: ...
    @property
    def waiting_since(self) -> datetime | None: ...


class Ledger(Protocol):
    """What is asked of the store."""

    def measured(self) -> Measured: ...
    def verify_audit(self) -> int | None: ...


class Alive(Protocol):
    @property
    def alive(self) -> bool: ...


class Pulse:
    """Filled while the server runs; safe for use from several threads (each value is replaced as a whole)."""

    def __init__(self, ledger: Ledger, wall_clock: Callable[[], datetime]) -> None:
        self._ledger, self._wall_clock = ledger, wall_clock
        self._started_at = wall_clock()
        self._beat_at: datetime | None = None
        self._beat_every_s: float | None = None
        self._worker: Alive | None = None
        self._count_pages: Callable[[], int] = int
        self._audit: AuditReport | None = None

    def watch(self, worker: Alive) -> None:
        """Whose life is told."""
        self._worker = worker

    def count_pages(self, count: Callable[[], int]) -> None:
        """How many pages of the desks are open is asked of `count`, from any thread."""
        self._count_pages = count

    def expect_every(self, seconds: float) -> None:
        """A scheduler starts that beats this often."""
        self._beat_every_s = seconds

    def beat(self) -> None:
        """The scheduler has polled."""
        self._beat_at = self._wall_clock()

    @property
    def beat_late(self) -> bool:
        """Whether the scheduler has missed three beats, or five seconds where it beats faster."""
        return _late(self._wall_clock(), self._beat_at or self._started_at, self._beat_every_s)

    def vitals(self) -> Vitals:
        measured = self._ledger.measured()
        return Vitals(
            now=self._wall_clock(),
            started_at=self._started_at,
            beat_at=self._beat_at,
            beat_every_s=self._beat_every_s,
            worker_alive=self._worker is not None and self._worker.alive,
            database_bytes=measured.database_bytes,
            n_audit_rows=measured.n_audit_rows,
            n_waiting=measured.n_waiting,
            waiting_since=measured.waiting_since,
            open_pages=self._count_pages(),
            audit=self._audit,
            versions=versions(),
        )

    def check_audit(self) -> AuditReport:
        """Verify the whole chain; it reads every row, so not on an event loop."""
        started = self._wall_clock()
        broken = self._ledger.verify_audit()
        ended = self._wall_clock()
        self._audit = AuditReport(
            n_rows=self._ledger.measured().n_audit_rows,
            first_broken=broken,
            checked_at=ended,
            seconds=(ended - started).total_seconds(),
        )
        return self._audit


def versions() -> tuple[tuple[str, str], ...]:
    """The product's, Python's, and those of the libraries that matter most."""
    return (("FlexDesk", VERSION), ("Python", platform.python_version()), *_installed())


def _installed() -> tuple[tuple[str, str], ...]:
    found = []
    for name in _TOLD:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return tuple(found)
