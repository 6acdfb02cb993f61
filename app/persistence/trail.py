"""Rows of the audit trail. Writers take turns, so the chain cannot fork."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select

from app.audit import GENESIS, AuditRow, censored, first_broken, sealed
from app.codec import dumps, to_data
from app.persistence.columns import from_microseconds, to_microseconds
from app.persistence.ledgers import audit, outbox
from domain.parties import Principal

_INSTANTS = ("wall_at", "market_at")
_PLAIN = tuple(column.name for column in audit.c if not column.name.endswith("_us"))


def append(
    connection: Connection, principal: Principal, command: object, *, wall: datetime, market: datetime
) -> AuditRow:
    """Add the row that tells of `command`, chained to the last one."""
    tip = connection.execute(
        select(audit.c.sequence, audit.c.hash).order_by(audit.c.sequence.desc()).limit(1)
    ).one_or_none()
    sequence, previous = (tip.sequence, tip.hash) if tip else (0, GENESIS)
    row = sealed(
        AuditRow(
            sequence=sequence + 1,
            wall_at=wall,
            market_at=market,
            account=principal.account,
            party_id=principal.party_id,
            role=principal.role.value,
            command=type(command).__name__,
            body=dumps(censored(command, to_data(command))),
            previous=previous,
        )
    )
    connection.execute(insert(audit).values(_to_row(row)))
    return row


def first_broken_row(connection: Connection) -> int | None:
    """As `app.audit.first_broken`; rows cut off the end show by the outbox rows that point to them."""
    broken = first_broken(_rows(connection))
    if broken is not None:
        return broken
    last = connection.scalar(select(func.max(audit.c.sequence))) or 0
    pointed = connection.scalar(select(func.max(outbox.c.audit_sequence))) or 0
    return last + 1 if pointed > last else None


class Trail:
    """Implements `domain.ports.Trail`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, after: int = 0, limit: int = 1000) -> tuple[AuditRow, ...]:
        query = select(audit).where(audit.c.sequence > after).order_by(audit.c.sequence).limit(limit)
        return tuple(map(_from_row, self._connection.execute(query).mappings()))

    def newest(self, before: int | None, limit: int) -> tuple[AuditRow, ...]:
        query = select(audit).order_by(audit.c.sequence.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.sequence < before)
        return tuple(map(_from_row, self._connection.execute(query).mappings()))


def _rows(connection: Connection) -> Iterator[AuditRow]:
    query = select(audit).order_by(audit.c.sequence)
    yield from map(_from_row, connection.execution_options(yield_per=1000).execute(query).mappings())


def _from_row(row: RowMapping) -> AuditRow:
    said: dict[str, Any] = {name: row[name] for name in _PLAIN}
    return AuditRow(**said | {name: from_microseconds(row[f"{name}_us"]) for name in _INSTANTS})


def _to_row(row: AuditRow) -> dict[str, object]:
    said: dict[str, object] = {name: getattr(row, name) for name in _PLAIN}
    return said | {f"{name}_us": to_microseconds(getattr(row, name), name) for name in _INSTANTS}
