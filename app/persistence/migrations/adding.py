"""Adding columns, and values to a column of few, to tables with rows: SQLite and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op


class Added(NamedTuple):
    """A column: its type in SQL, what rows of before get, the values it may have, if few, and whether it may be
    null."""

    name: str
    type: str
    before: str
    allowed: tuple[str | int, ...] = ()
    nullable: bool = False

    @property
    def null(self) -> str:
        return "" if self.nullable else " NOT NULL"

    @property
    def check(self) -> str:
        return f"{self.name} IN ({', '.join(repr(value) for value in self.allowed)})"


def add_columns(table: str, columns: Sequence[Added]) -> None:
    """Add the columns to a table of revision 0001; rows of before get each column's `before`."""
    add = _add_by_rebuilding if op.get_bind().dialect.name == "sqlite" else _add_in_place
    add(table, columns)


def allow(table: str, column: str, values: Sequence[str]) -> None:
    """Let a column of a table of revision 0001 have these values and no others."""
    name = f"ck_{table}_{column}"
    check = f"CHECK ({column} IN ({', '.join(map(repr, values))}))"
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {check}")
        return

    def replaced(made: str) -> str:
        found = re.subn(rf"CONSTRAINT {name} CHECK \(.*?\)\)", f"CONSTRAINT {name} {check}", made)
        if found[1] != 1:
            raise RuntimeError(f"the table {table} has no check {name}")
        return found[0]

    _rebuild(table, replaced)


def drop_reference(table: str, column: str, other: str) -> None:
    """Let a column of a table no longer refer to another table's id."""
    name = f"fk_{table}_{column}"
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        return

    def without(made: str) -> str:
        reference = rf"CONSTRAINT {name} FOREIGN KEY\({column}\) REFERENCES {other} \(id\),\s*"
        found = re.subn(reference, "", made)
        if found[1] != 1:
            raise RuntimeError(f"the table {table} has no reference {name}")
        return found[0]

    _rebuild(table, without)


def _add_in_place(table: str, columns: Sequence[Added]) -> None:
    for column in columns:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column.name} {column.type}{column.null} DEFAULT {column.before}"
        )
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column.name} DROP DEFAULT")
        if column.allowed:
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{column.name} CHECK ({column.check})")


def _add_by_rebuilding(table: str, columns: Sequence[Added]) -> None:
    _rebuild(table, lambda made: _with_columns(made, table, columns), columns)


def _rebuild(table: str, changed: Callable[[str], str], columns: Sequence[Added] = ()) -> None:
    """SQLite adds no column without a default and no check to a table: it is made anew, with its rows and indexes.

    Other tables' foreign keys to it are checked again at the commit, when all its rows are back.
    """
    bind = op.get_bind()
    made = bind.scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": table}
    )
    indexes = bind.scalars(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name AND sql IS NOT NULL"),
        {"name": table},
    ).all()
    old = ", ".join(bind.scalars(sa.text("SELECT name FROM pragma_table_info(:name)"), {"name": table}))
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TEMPORARY TABLE moved AS SELECT * FROM {table}")  # noqa: S608 - our own names
    op.execute(f"DROP TABLE {table}")
    op.execute(changed(made))
    names, values = (", ".join([old, *(getattr(c, part) for c in columns)]) for part in ("name", "before"))
    op.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM moved")  # noqa: S608
    op.execute("DROP TABLE moved")
    for index in indexes:
        op.execute(index)


def _with_columns(made: str, table: str, columns: Sequence[Added]) -> str:
    """The statement of revision 0001 that made the table, with the columns and their checks before its others."""
    start, first, rest = made.partition("\tCONSTRAINT ")
    if not first:
        raise RuntimeError(f"the table {table} is not as revision 0001 made it")
    types = {"BIGINT": "INTEGER"}
    added = "".join(f"\t{c.name} {types.get(c.type, c.type)}{c.null}, \n" for c in columns)
    checks = "".join(f"\tCONSTRAINT ck_{table}_{c.name} CHECK ({c.check}), \n" for c in columns if c.allowed)
    return start + added + checks + first + rest
