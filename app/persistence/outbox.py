"""The outbox: events stored with the change they tell of, until they have become notifications."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from app.audit import AuditRow
from app.codec import decode, encode
from app.persistence.columns import from_microseconds, to_microseconds
from app.persistence.ledgers import outbox
from app.persistence.tables import ENTITIES, notifications
from domain.events import Event
from domain.notifications import Notification
from domain.ports import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OutboxRow:
    """An event and the market time of its unit; `id` grows in the order of recording."""

    id: int
    event: Event
    market_at: datetime


@dataclass(frozen=True, kw_only=True)
class Dispatched:
    """What one dispatch did: how many events are done, and the notifications that are new."""

    n_events: int
    notifications: tuple[Notification, ...]


Tell = Callable[[UnitOfWork, OutboxRow], Iterable[Notification]]


def post(connection: Connection, row: AuditRow, events: Sequence[Event]) -> None:
    """Store the events of the unit that `row` audits."""
    if not events:
        return
    market_at_us = to_microseconds(row.market_at, "market_at")
    connection.execute(
        insert(outbox),
        [
            {
                "audit_sequence": row.sequence,
                "event": type(event).__name__,
                "body": encode(event),
                "market_at_us": market_at_us,
            }
            for event in events
        ],
    )


def waiting(connection: Connection, limit: int) -> tuple[OutboxRow, ...]:
    query = select(outbox).where(outbox.c.dispatched_at_us.is_(None)).order_by(outbox.c.id).limit(limit)
    return tuple(
        OutboxRow(id=row.id, event=decode(row.event, row.body), market_at=from_microseconds(row.market_at_us))
        for row in connection.execute(query)
    )


def mark(connection: Connection, ids: Sequence[int], wall: datetime) -> None:
    undone = outbox.c.id.in_(ids) & outbox.c.dispatched_at_us.is_(None)
    connection.execute(update(outbox).where(undone).values(dispatched_at_us=to_microseconds(wall, "wall")))


def dispatch(connection: Connection, unit: UnitOfWork, tell: Tell, limit: int) -> Dispatched:
    rows = waiting(connection, limit)
    told = tuple(notification for row in rows for notification in _new(connection, row, tell(unit, row)))
    mark(connection, [row.id for row in rows], unit.wall)
    return Dispatched(n_events=len(rows), notifications=told)


def _new(connection: Connection, row: OutboxRow, wanted: Iterable[Notification]) -> Iterable[Notification]:
    """Store those whose party was not told of this event yet."""
    known = select(notifications.c.party_id).where(notifications.c.outbox_id == row.id)
    told = set(connection.scalars(known))
    for notification in wanted:
        if notification.party_id in told:
            continue
        told.add(notification.party_id)
        stored = ENTITIES[Notification].to_row(notification) | {"outbox_id": row.id}
        connection.execute(insert(notifications).values(stored))
        yield notification
