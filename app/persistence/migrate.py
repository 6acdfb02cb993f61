"""Migrations by Alembic, run from the program; they work from any working directory."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.persistence.lines import Line


def upgrade(connection: Connection, line: Line, revision: str = "head") -> None:
    """Run what is missing up to a revision, within the connection's transaction."""
    config = _config(line)
    config.attributes["connection"] = connection
    config.attributes["metadata"] = line.metadata
    command.upgrade(config, revision)


def is_behind(connection: Connection, line: Line) -> bool:
    """Whether the database is not at this version's newest revision."""
    newest = ScriptDirectory.from_config(_config(line)).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) != set(newest)


def _config(line: Line) -> Config:
    config = Config()
    config.set_main_option("path_separator", "os")
    for name, folder in (
        ("script_location", Path(__file__).parent / "migrations"),
        ("version_locations", line.folder),
    ):
        config.set_main_option(name, str(folder).replace("%", "%%"))
    return config
