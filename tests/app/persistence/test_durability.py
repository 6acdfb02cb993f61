"""What was acknowledged outlives a killed process; backups hold it too."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from stored_samples import CONFIRM, CONFIRMED, DSO, counts

from app.persistence import BackupNotSupported, Store, open_store
from domain.flexibility.assets import FlexAsset

REPOSITORY = Path(__file__).parents[3]

WRITER = """
import sys
from dataclasses import replace
from app.persistence import open_store
from domain.commands import ConfirmAsset
from domain.flexibility.assets import FlexAsset
from domain.parties import SYSTEM

store = open_store(sys.argv[1])
for n in range(1_000_000):
    with store.write(SYSTEM, ConfirmAsset(asset_id="a1")) as uow:
        uow.save(replace(uow.get(FlexAsset, "a1"), name=str(n)))
    print(n, flush=True)
"""


def test_killed_process_loses_nothing_it_acknowledged(url: str, store: Store) -> None:
    command = [sys.executable, "-c", WRITER, url]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = -1
        while acknowledged < 25:
            acknowledged = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        for line in writer.stdout:
            acknowledged = int(line)
    assert writer.returncode == -signal.SIGKILL
    with store.read() as uow:
        found = uow.get(FlexAsset, "a1")
    assert int(found.name) in (acknowledged, acknowledged + 1)
    assert found.version == int(found.name) + 1
    assert counts(store)[0] == found.version + 1
    assert store.verify_audit() is None
    with store.write(DSO, CONFIRM) as uow:
        uow.save(found)


def test_sqlite_settings(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/deep/down/test.db") as store:
        for open_transaction in (store.transaction, store.snapshot):
            with open_transaction() as connection:
                settings = {
                    name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                    for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
                }
            assert settings == {
                "journal_mode": "wal",
                "synchronous": 2,
                "foreign_keys": 1,
                "busy_timeout": 30_000,
            }
    assert stat.S_IMODE((tmp_path / "deep/down/test.db").stat().st_mode) == 0o600


def test_writers_begin_immediate(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    with open_store(f"sqlite:///{path}") as store, closing(sqlite3.connect(path, timeout=0)) as other:
        with store.snapshot() as connection:
            connection.exec_driver_sql("SELECT 1 FROM sqlite_master")
            other.execute("BEGIN IMMEDIATE")
            other.rollback()
        with store.transaction(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


def test_backup_while_a_writer_is_busy(store: Store, url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    if url.startswith("postgresql"):
        with pytest.raises(BackupNotSupported, match="pg_dump"):
            store.backup(copy)
        assert not copy.exists()
        return
    with store.write(DSO, CONFIRM) as uow:
        uow.record(CONFIRMED)
    with store.write(DSO, CONFIRM) as uow:
        uow.record(CONFIRMED)
        store.backup(copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.glob("copy*")} == {"copy.db"}
    with open_store(f"sqlite:///{copy}") as restored:
        assert not restored.needs_migration()
        assert counts(restored) == (2, 1)
        assert restored.verify_audit() is None
    with pytest.raises(FileExistsError):
        store.backup(copy)
