"""Database engines with the settings that keep every acknowledged write.

SQLite: WAL, synchronous FULL, foreign keys, busy timeout, writers begin IMMEDIATE, readers cannot write.
PostgreSQL: writers take one advisory lock for the length of their transaction (so at READ COMMITTED they see
all that was committed before them, as SQLite's writers do), readers a REPEATABLE READ READ ONLY snapshot.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text

BUSY_TIMEOUT_S = 30
_WRITERS_LOCK = 0x464C4558
"""Key of the advisory lock that all writers of a PostgreSQL database take."""


@dataclass(frozen=True, kw_only=True)
class Engines:
    """`write`: one transaction at a time; `read`: snapshots beside it. `begin_write` is run first in a write."""

    url: URL
    write: Engine
    read: Engine
    begin_write: Callable[[Connection], None]

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, None on PostgreSQL."""
        return Path(self.url.database) if self.url.database and _is_sqlite(self.url) else None

    def dispose(self) -> None:
        self.write.dispose()
        self.read.dispose()


def engines(database_url: str) -> Engines:
    """Engines for `sqlite:///path` or `postgresql://...`.

    Raises:
        ValueError: another database, or SQLite without a file.
    """
    url = make_url(database_url)
    if _is_sqlite(url):
        return _sqlite(url)
    if url.get_backend_name() == "postgresql":
        return _postgresql(url.set(drivername="postgresql+psycopg"))
    raise ValueError(f"the database is SQLite or PostgreSQL, not {url.get_backend_name()}")


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _sqlite(url: URL) -> Engines:
    if not url.database or url.database == ":memory:" or url.query:
        raise ValueError("a SQLite database is a file: sqlite:///path")
    path = Path(url.database).absolute()
    _create_for_owner(path)
    url = url.set(drivername="sqlite+pysqlite", database=str(path))
    return Engines(
        url=url,
        write=_sqlite_engine(url, begin="BEGIN IMMEDIATE", pragmas=("query_only=OFF",), pool_size=1),
        read=_sqlite_engine(url, begin="BEGIN", pragmas=("query_only=ON",), pool_size=16),
        begin_write=_nothing_more,
    )


def _nothing_more(connection: Connection) -> None:
    """BEGIN IMMEDIATE has the lock already."""


def _create_for_owner(path: Path) -> None:
    """The file, readable by its owner only, before SQLite would make it for everybody."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _sqlite_engine(url: URL, *, begin: str, pragmas: tuple[str, ...], pool_size: int) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_S,
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, record: object) -> None:  # noqa: ARG001
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(url: URL) -> Engines:
    reading = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return Engines(
        url=url,
        write=create_engine(url, isolation_level="READ COMMITTED", pool_size=4, pool_pre_ping=True),
        read=create_engine(url, execution_options=reading, pool_size=16, pool_pre_ping=True),
        begin_write=_lock_writers,
    )


def _lock_writers(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS_LOCK})
