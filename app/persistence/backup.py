"""Copies of the database while it is in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from app.persistence.engines import Engines


class BackupNotSupported(RuntimeError):  # noqa: N818 - a limit that is told, not a fault
    """This database is backed up by its own tools."""


def backup(engines: Engines, path: Path) -> None:
    """A consistent copy in a new file, readable by its owner only; it appears whole or not at all.

    Raises:
        FileExistsError: there is such a file.
        BackupNotSupported: the database is PostgreSQL.
    """
    if engines.sqlite_path is None:
        raise BackupNotSupported("A PostgreSQL database is backed up with pg_dump.")
    if path.exists():
        raise FileExistsError(f"{path} is there already; a backup does not write over it")
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        _copy(engines.sqlite_path, partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _copy(source_path: Path, target_path: Path) -> None:
    with closing(sqlite3.connect(source_path)) as source, closing(sqlite3.connect(target_path)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        (verdict,) = target.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        raise RuntimeError(f"the copy is damaged: {verdict}")
