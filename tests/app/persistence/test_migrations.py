"""Migrations lead from nothing to exactly the tables that the program knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from app.persistence import migrate, open_store
from app.persistence.engines import engines
from app.persistence.lines import MAIN, PLATFORM, Line

LINES = pytest.mark.parametrize("line", [MAIN, PLATFORM], ids=["main", "platform"])


@LINES
def test_migrate_from_empty_and_again(
    line: Line, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store(empty_url, line=line) as store:
        assert store.needs_migration()
        store.migrate()
        assert not store.needs_migration()
        store.migrate()
        assert not store.needs_migration()
        with store.snapshot() as connection:
            names = set(inspect(connection).get_table_names())
    assert names == set(line.metadata.tables) | {"alembic_version"}


def test_failed_migration_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = migrate.upgrade

    def upgrade_and_fail(connection: Connection, line: Line) -> None:
        upgrade(connection, line)
        raise RuntimeError("the power went out")

    with open_store(empty_url) as store:
        with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="power"):  # noqa: PT012
            patch.setattr(migrate, "upgrade", upgrade_and_fail)
            store.migrate()
        with store.snapshot() as connection:
            assert inspect(connection).get_table_names() == []
        store.migrate()
        assert not store.needs_migration()


@LINES
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_migrated_schema_is_the_metadata(line: Line, empty_url: str) -> None:
    with open_store(empty_url, line=line) as store:
        store.migrate()
        with store.snapshot() as connection:
            assert compare_metadata(MigrationContext.configure(connection), line.metadata) == []


SQLITE_SCHEMA = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' AND sql IS NOT NULL"
POSTGRES_SCHEMA = """
SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL
SELECT 'constraint', conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
UNION ALL
SELECT 'column', table_name || ' ' || column_name, data_type || is_nullable || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""


def schema(connection: Connection, query: str) -> dict[tuple[str, str], list[str]]:
    """Every table, index, constraint as the database tells it; the order within a CREATE TABLE is no matter."""
    found = {}
    for sort, name, definition in connection.execute(text(query)):
        body = re.sub(r"\s*\)\s*STRICT\s*$", ",\nSTRICT", re.sub(r"[ \t\"]+", " ", definition))
        found[sort, name] = sorted(part.strip() for part in re.split(r",\s*\n", body))
    return found


@LINES
def test_migrated_checks_keys_and_indexes_are_the_metadatas(
    line: Line, sort: str, empty_url: str, new_database: Callable[[str, str | None], str]
) -> None:
    """Alembic's comparison does not see checks, strictness and expression indexes; the databases do."""
    query = {"sqlite": SQLITE_SCHEMA, "postgresql": POSTGRES_SCHEMA}[sort]
    with open_store(empty_url, line=line) as store:
        store.migrate()
        with store.snapshot() as connection:
            migrated = schema(connection, query)
    made = engines(new_database(sort, None))
    with made.write.begin() as connection:
        line.metadata.create_all(connection)
    with made.read.begin() as connection:
        assert migrated == schema(connection, query)
    made.dispose()
    assert len(migrated) > 20


def test_only_sqlite_files_and_postgresql() -> None:
    for url in ("sqlite://", "sqlite:///:memory:", "mysql://localhost/x"):
        with pytest.raises(ValueError, match="SQLite"):
            open_store(url)
