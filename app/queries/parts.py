"""Lists that the database orders and cuts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from app.queries.models import Part
from domain.paging import Slice
from domain.ports import E, UnitOfWork

Row = TypeVar("Row")


def part_of(uow: UnitOfWork, kind: type[E], part: Slice, *any_of: Mapping[str, object]) -> Part[E]:
    """A part of the entities that equal one of the given sets of values, with their number where it is asked."""
    found = Part(uow.part(kind, part, *any_of))
    found.total = uow.count(kind, *any_of) if part.counted else None
    return found


def rows_of(part: Part[E], make: Callable[[E], Row | None]) -> Part[Row]:
    """The rows that are made of a part's entities, in its order; none is made of those that are not to be seen."""
    rows: Iterable[Row] = (row for row in map(make, part) if row is not None)
    made = Part(rows)
    made.total = part.total
    return made


def given(**values: object) -> dict[str, object]:
    """Those that are asked for."""
    return {key: value for key, value in values.items() if value is not None}
