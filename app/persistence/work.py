"""The unit of work over one open transaction: entities by their tables, events kept for the outbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, or_, select, true, update
from sqlalchemy.exc import IntegrityError

from app.persistence.access import Access
from app.persistence.ledgers import MARKET_CLOCK, market_clock
from app.persistence.outbox import Letters
from app.persistence.registry import EntityTable
from app.persistence.sign_ins import SignIns
from app.persistence.tables import ENTITIES
from app.persistence.trail import Trail
from app.persistence.values import ValueDays
from app.persistence.vault import Vault
from domain.errors import Refused, refuse
from domain.events import Event
from domain.paging import Slice
from domain.ports import E, Entity
from domain.time import MarketClock, wall_clock

_TAKEN = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "23505"}
MOST_VALUES = 10_000
"""Of one condition in one statement: SQLite takes 32,766, PostgreSQL 65,535."""
_DANGLING = {"SQLITE_CONSTRAINT_FOREIGNKEY", "23503"}


class Unit:
    """Implements `domain.ports.UnitOfWork`. A refused `add` or `save` leaves the rest of the unit as it was."""

    def __init__(self, connection: Connection, wall: datetime, vault: Vault, *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes
        self._wall = wall
        self._vault = vault
        self._clock = _stored_clock(connection)
        self._market = self.clock().at(wall)
        self.events: list[Event] = []

    @property
    def wall(self) -> datetime:
        """Wall time at the start of the transaction, UTC."""
        return self._wall

    @property
    def market(self) -> datetime:
        """Market time at the start of the transaction, UTC."""
        return self._market

    def get(self, kind: type[E], id: str) -> E:
        found = self.find(kind, id=id)
        if not found:
            raise refuse("not_found", "id", f"There is no {kind.__name__} {id}.")
        return found[0]

    def find(self, kind: type[E], /, **equal: object) -> tuple[E, ...]:
        entry = _entry(kind)
        return self._found(entry, select(entry.table), equal)

    def find_bare(self, kind: type[E], /, **equal: object) -> tuple[E, ...]:
        entry = _entry(kind)
        return self._found(entry, select(*entry.light_columns), equal)

    def part(self, kind: type[E], part: Slice, /, *any_of: Mapping[str, object]) -> tuple[E, ...]:
        entry = _entry(kind)
        query = select(*entry.light_columns).where(_any(entry, any_of)).limit(part.limit)
        for field, falls in part.order:
            _, column = entry.column(field)
            query = query.order_by(column.desc() if falls else column)
        if part.after is not None:
            query = query.where(_behind(entry, part))
        return tuple(entry.from_row(row._mapping) for row in self._connection.execute(query))

    def count(self, kind: type[Entity], /, *any_of: Mapping[str, object]) -> int:
        entry = _entry(kind)
        query = select(func.count()).select_from(entry.table).where(_any(entry, any_of))
        return int(self._connection.execute(query).scalar_one())

    def count_by(self, kind: type[E], field: str, /, **equal: object) -> Mapping[Any, int]:
        entry = _entry(kind)
        spec, column = entry.column(field)
        query = _narrowed(entry, select(column, func.count()), equal).group_by(column)
        return {spec.load(value): n for value, n in self._connection.execute(query)}

    def pick(self, kind: type[E], /, *fields: str, **equal: object) -> Iterator[tuple[Any, ...]]:
        entry = _entry(kind)
        specs, columns = zip(*(entry.column(field) for field in fields), strict=True)
        loads = [spec.load for spec in specs]
        for part in _bounded(equal):
            for row in self._connection.execute(_narrowed(entry, select(*columns), part)):
                yield tuple([load(value) for load, value in zip(loads, row, strict=True)])

    def _found(self, entry: EntityTable, query: Select[Any], equal: Mapping[str, object]) -> tuple[Any, ...]:
        found: list[Any] = []
        for part in _bounded(equal):
            rows = self._connection.execute(_narrowed(entry, query, part))
            found += (entry.from_row(row._mapping) for row in rows)
        return tuple(sorted(found, key=_id))

    def clock(self) -> MarketClock:
        return self._clock if self._clock is not None else wall_clock(self._wall)

    def add(self, entity: Entity) -> None:
        entry = _entry(type(entity))
        with self._writing(entry):
            self._connection.execute(insert(entry.table).values(entry.to_row(entity)))

    def add_all(self, entities: Sequence[Entity]) -> None:
        if not entities:
            return
        entry = _entry(type(entities[0]))
        with self._writing(entry):
            self._connection.execute(insert(entry.table), [entry.to_row(entity) for entity in entities])

    def save(self, entity: Entity) -> None:
        entry = _entry(type(entity))
        columns = entry.table.c
        row = entry.to_row(entity) | {"version": entity.version + 1}
        same = (columns.id == row.pop("id")) & (columns.version == entity.version)
        with self._writing(entry):
            changed = self._connection.execute(update(entry.table).where(same).values(row)).rowcount
        _must_be_one(changed, entity)

    def remove(self, entity: Entity) -> None:
        entry = _entry(type(entity))
        columns = entry.table.c
        same = (columns.id == entity.id) & (columns.version == entity.version)
        with self._writing(entry):
            removed = self._connection.execute(delete(entry.table).where(same)).rowcount
        _must_be_one(removed, entity)

    def record(self, *events: Event) -> None:
        self._must_write()
        self.events.extend(events)

    def set_clock(self, clock: MarketClock) -> None:
        self._must_write()
        row = {spec.column: spec.store(getattr(clock, spec.field)) for spec in MARKET_CLOCK}
        if self._clock is None:
            self._connection.execute(insert(market_clock).values(id=1, **row))
        else:
            self._connection.execute(update(market_clock).values(row))
        self._clock = clock

    @property
    def sign_ins(self) -> SignIns:
        self._must_write()
        return SignIns(self._connection)

    @property
    def access(self) -> Access:
        return Access(self._connection, self._wall)

    @property
    def vault(self) -> Vault:
        return self._vault

    @property
    def trail(self) -> Trail:
        return Trail(self._connection)

    @property
    def letters(self) -> Letters:
        return Letters(self._connection)

    @property
    def values(self) -> ValueDays:
        return ValueDays(self._connection, writes=self._writes)

    @contextmanager
    def _writing(self, entry: EntityTable) -> Iterator[None]:
        self._must_write()
        try:
            with self._connection.begin_nested():
                yield
        except IntegrityError as error:
            raise refused_by(error, entry.kind.__name__) from error

    def _must_write(self) -> None:
        if not self._writes:
            raise RuntimeError("this transaction only reads; open one with Store.write")


def refused_by(error: IntegrityError, what: str) -> Refused | IntegrityError:
    """The refusal that a broken key means; any other broken constraint is a fault and stays one."""
    name = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    if name in _TAKEN:
        return refuse("duplicate", "id", f"Such a {what} is there already.")
    if name in _DANGLING:
        return refuse("not_found", "id", f"This {what} refers to something that is not there.")
    return error


def _must_be_one(n_rows: int, entity: Entity) -> None:
    if n_rows != 1:
        sentence = f"{type(entity).__name__} {entity.id} was changed in the meantime; look again."
        raise refuse("stale", "version", sentence)


def _bounded(equal: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The same conditions in parts, where one has more values than a database takes in one statement."""
    long = next((k for k, wanted in equal.items() if isinstance(wanted, tuple) and len(wanted) > MOST_VALUES), "")
    values: Any = dict.fromkeys(equal[long]) if long else ()  # type: ignore[call-overload]
    if not long:
        yield equal
        return
    for first in range(0, len(values), MOST_VALUES):
        yield from _bounded({**equal, long: tuple(values)[first : first + MOST_VALUES]})


def _narrowed(entry: EntityTable, query: Select[Any], equal: Mapping[str, object]) -> Select[Any]:
    return query.where(*_equal(entry, equal))


def _equal(entry: EntityTable, equal: Mapping[str, object]) -> Iterator[ColumnElement[bool]]:
    for field, wanted in equal.items():
        spec, column = entry.column(field)
        if isinstance(wanted, tuple):
            yield column.in_([spec.store(value) for value in wanted])
        else:
            yield column == spec.store(wanted)  # None becomes IS NULL


def _any(entry: EntityTable, any_of: Sequence[Mapping[str, object]]) -> ColumnElement[bool]:
    """One of the sets of values; everything where none is given."""
    return or_(*(and_(true(), *_equal(entry, equal)) for equal in any_of)) if any_of else true()


def _behind(entry: EntityTable, part: Slice) -> ColumnElement[bool]:
    """Entities whose place in the order is behind `part.after`."""
    ways: list[ColumnElement[bool]] = []
    level: list[ColumnElement[bool]] = []
    for (field, falls), mark in zip(part.order, part.after or (), strict=True):
        spec, column = entry.column(field)
        value = spec.store(mark)
        ways.append(and_(*level, column < value if falls else column > value))
        level.append(column == value)
    return or_(*ways)


def _entry(kind: type[Any]) -> EntityTable:
    if kind not in ENTITIES:
        raise TypeError(f"{kind.__name__} has no table")
    return ENTITIES[kind]


def _stored_clock(connection: Connection) -> MarketClock | None:
    row = connection.execute(select(market_clock)).mappings().one_or_none()
    return MarketClock(**{spec.field: spec.load(row[spec.column]) for spec in MARKET_CLOCK}) if row else None


def _id(entity: Any) -> str:
    return str(entity.id)
