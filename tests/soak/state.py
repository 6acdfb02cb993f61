"""What is written into a database, table by table, counted by triggers."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

LEFT_OUT = frozenset({"audit", "logins", "attempts", "key_secrets", "sqlite_sequence"})
"""Who was seen when, kept answers, and the trail, in which refusals stand too."""
BACKGROUND = frozenset({"outbox", "notifications", "jobs", "job_runs", "live_books", "market_clock"})
"""What a server writes by itself, about things that were accepted before."""
_COUNTS = "soak_writes"
_LOCKED_S = 30


class Stored:
    """The database file of a server. Opening it puts a trigger for each kind of write on every table."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, timeout=_LOCKED_S, isolation_level=None)
        self._database.executescript(self._counting())

    def writes(self) -> Mapping[str, int]:
        """Rows put in, changed and taken out, committed, of every table that a refused request leaves alone."""
        return dict(self._database.execute(f"SELECT name, n FROM {_COUNTS}"))

    def close(self) -> None:
        self._database.close()

    def _counting(self) -> str:
        names = [name for (name,) in self._database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        counted = [name for name in names if name not in LEFT_OUT | {_COUNTS}]
        return "\n".join(
            [
                "BEGIN IMMEDIATE;",
                f"CREATE TABLE IF NOT EXISTS {_COUNTS} (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;",
                *(f"INSERT OR IGNORE INTO {_COUNTS} VALUES ('{name}', 0);" for name in counted),
                *(_trigger(name, kind) for name in counted for kind in ("INSERT", "UPDATE", "DELETE")),
                "COMMIT;",
            ]
        )


def _trigger(table: str, kind: str) -> str:
    return (
        f'CREATE TRIGGER IF NOT EXISTS "soak_{kind}_{table}" AFTER {kind} ON "{table}" '
        f"BEGIN UPDATE {_COUNTS} SET n = n + 1 WHERE name = '{table}'; END;"
    )


def changed(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """Tables that were written to in between."""
    return [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
