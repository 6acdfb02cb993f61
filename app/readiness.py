"""Whether the running server can do its work."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

LEAST_FREE_BYTES = 50_000_000

log = logging.getLogger(__name__)
Missing = tuple[str, str]
"""What is missing, and a sentence on it."""


class Schema(Protocol):
    def needs_migration(self) -> bool: ...


class Beats(Protocol):
    @property
    def beat_late(self) -> bool: ...


class Readiness:
    """Asks the database, the scheduler and the disk; safe for use from several threads."""

    def __init__(self, store: Schema, beats: Beats, data_dir: Path) -> None:
        self._store, self._beats, self._data_dir = store, beats, data_dir

    def __call__(self) -> tuple[Missing, ...]:
        """All that is missing; nothing when the server is ready."""
        asked: tuple[Callable[[], Iterator[Missing]], ...] = (self._database, self._scheduler, self._disk)
        return tuple(missing for ask in asked for missing in ask())

    def _database(self) -> Iterator[Missing]:
        try:
            behind = self._store.needs_migration()
        except Exception:
            log.exception("readiness: the database does not answer")
            yield "database", "The database does not answer."
            return
        if behind:
            yield "migrations", "The database has the tables of another version."

    def _scheduler(self) -> Iterator[Missing]:
        if self._beats.beat_late:
            yield "scheduler", "The scheduler does not poll: nothing that is due happens."

    def _disk(self) -> Iterator[Missing]:
        try:
            with tempfile.TemporaryFile(dir=self._data_dir) as file:
                file.write(b"\0")
                file.flush()
            free = shutil.disk_usage(self._data_dir).free
        except OSError as error:
            yield "disk", f"The data folder cannot be written: {error.strerror}."
            return
        if free < LEAST_FREE_BYTES:
            yield "disk", f"The data folder's disk has less than {LEAST_FREE_BYTES // 1_000_000} MB left."
