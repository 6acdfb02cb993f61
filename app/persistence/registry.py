"""Entity classes and their tables: the registry that the unit of work translates by.

`metadata` is of the main database, `platform_metadata` of a player's platform.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Index, MetaData, RowMapping, Table, UniqueConstraint

from app.persistence.columns import Spec, count

_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
metadata, platform_metadata = MetaData(naming_convention=_NAMES), MetaData(naming_convention=_NAMES)


@dataclass(frozen=True, kw_only=True)
class EntityTable:
    """An entity class, its table, and each field's spec."""

    kind: type[Any]
    table: Table
    specs: Mapping[str, Spec]

    def to_row(self, entity: Any) -> dict[str, Any]:
        return {spec.column: spec.store(getattr(entity, name)) for name, spec in self.specs.items()}

    def from_row(self, row: RowMapping) -> Any:
        """The entity; fields whose column was not fetched are empty."""
        fetched = {name: spec for name, spec in self.specs.items() if spec.column in row}
        empty = dict.fromkeys(self.specs.keys() - fetched.keys(), b"")
        return self.kind(**empty, **{name: spec.load(row[spec.column]) for name, spec in fetched.items()})

    @property
    def light_columns(self) -> list[Column[Any]]:
        """All columns of the entity but the large ones."""
        return [self.table.c[spec.column] for spec in self.specs.values() if not spec.large]

    def column(self, field: str) -> tuple[Spec, Column[Any]]:
        """Raises TypeError for a field that is not there or cannot be searched by."""
        spec = self.specs.get(field)
        if spec is None or not spec.findable:
            raise TypeError(f"{self.kind.__name__} cannot be found by {field!r}")
        return spec, self.table.c[spec.column]


ENTITIES: dict[type[Any], EntityTable] = {}


def entity(
    kind: type[Any],
    name: str,
    *specs: Spec,
    unique: Sequence[Sequence[str]] = (),
    index: Sequence[Sequence[str]] = (),
    more: Sequence[Column[Any]] = (),
    of: MetaData = metadata,
) -> Table:
    """Enter an entity in the registry. `unique`, `index`: lists of column names; `more`: the store's own columns;
    `of`: the database it stands in."""
    specs = (*specs, count("version"))
    table = Table(
        name,
        of,
        *(item for spec in specs for item in spec.made()),
        *more,
        *(UniqueConstraint(*columns) for columns in unique),
        *(Index(f"ix_{name}_{'_'.join(columns)}", *columns) for columns in index),
        sqlite_strict=True,
    )
    ENTITIES[kind] = EntityTable(kind=kind, table=table, specs={spec.field: spec for spec in specs})
    return table
