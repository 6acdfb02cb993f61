"""What is stored, and whether it changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

LEFT_OUT = frozenset({"audit", "logins", "attempts", "key_secrets", "sqlite_sequence"})
"""Who was seen when, kept answers, and the trail, in which refusals stand too."""
BACKGROUND = frozenset({"outbox", "notifications", "jobs", "job_runs", "live_books", "market_clock"})
"""What a server writes by itself, about things that were accepted before."""


class Stored:
    """The database file of a server, read only."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)

    def version(self) -> int:
        """Another one after each change by anybody; of no use for comparing two files."""
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])

    def tables(self) -> Mapping[str, str]:
        """Of every table that a refused request must leave as it is, its rows' number and hash in this process."""
        self._database.execute("BEGIN")
        try:
            named = self._database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            return {name: self._digest(name) for (name,) in named.fetchall() if name not in LEFT_OUT}
        finally:
            self._database.execute("COMMIT")

    def _digest(self, table: str) -> str:
        rows = self._database.execute(f'SELECT * FROM "{table}"').fetchall()
        return f"{len(rows)} {hash(tuple(rows)):x}"

    def close(self) -> None:
        self._database.close()


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Tables that differ."""
    return [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
