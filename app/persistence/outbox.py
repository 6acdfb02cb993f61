"""The outbox: events stored with the change they tell of, until they have become notifications."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from app.audit import AuditRow
from app.codec import decode, encode
from app.persistence.columns import from_microseconds, to_microseconds
from app.persistence.ledgers import outbox
from app.persistence.tables import ENTITIES, notifications
from domain.errors import refuse
from domain.events import Event
from domain.ids import LetterId
from domain.notifications import MOST_TRIES, DeadLetter, Notification
from domain.ports import UnitOfWork

log = logging.getLogger(__name__)
UNDONE = outbox.c.dispatched_at_us.is_(None)
WAITING = UNDONE & (outbox.c.n_tries < MOST_TRIES)
DEAD = UNDONE & (outbox.c.n_tries >= MOST_TRIES)
LONGEST_ERROR = 400


@dataclass(frozen=True, kw_only=True)
class OutboxRow:
    """An event and the market time of its unit; `id` grows in the order of recording."""

    id: int
    event: Event
    market_at: datetime


@dataclass(frozen=True, kw_only=True)
class Dispatched:
    """What one dispatch did: how many events are done, how many could not be told of, and the notifications that
    are new."""

    n_events: int
    n_failed: int
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
                "n_tries": 0,
                "error": "",
            }
            for event in events
        ],
    )


def waiting(connection: Connection, limit: int) -> tuple[OutboxRow, ...]:
    query = select(outbox).where(WAITING).order_by(outbox.c.id).limit(limit)
    return tuple(
        OutboxRow(id=row.id, event=decode(row.event, row.body), market_at=from_microseconds(row.market_at_us))
        for row in connection.execute(query)
    )


def mark(connection: Connection, ids: Sequence[int], wall: datetime) -> None:
    undone = outbox.c.id.in_(ids) & UNDONE
    connection.execute(update(outbox).where(undone).values(dispatched_at_us=to_microseconds(wall, "wall")))


def dispatch(connection: Connection, unit: UnitOfWork, tell: Tell, limit: int) -> Dispatched:
    """One event that cannot be told of must not keep all later ones from being told."""
    rows = waiting(connection, limit)
    told: list[Notification] = []
    done: list[int] = []
    for row in rows:
        try:
            with connection.begin_nested():
                new = list(_new(connection, row, tell(unit, row)))
        except Exception as error:
            log.exception("nobody could be told of %s", row.event)
            _count_failure(connection, row.id, f"{type(error).__name__}: {error}")
        else:
            told += new
            done.append(row.id)
    mark(connection, done, unit.wall)
    return Dispatched(n_events=len(done), n_failed=len(rows) - len(done), notifications=tuple(told))


def _count_failure(connection: Connection, row_id: int, error: str) -> None:
    values = {"n_tries": outbox.c.n_tries + 1, "error": error[:LONGEST_ERROR]}
    connection.execute(update(outbox).where(outbox.c.id == row_id).values(**values))


class Letters:
    """Implements `domain.ports.Letters`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def dead(self) -> tuple[DeadLetter, ...]:
        rows = self._connection.execute(select(outbox).where(DEAD).order_by(outbox.c.id))
        return tuple(
            DeadLetter(
                id=_letter_id(row.id),
                event=row.event,
                error=row.error,
                market_at=from_microseconds(row.market_at_us),
            )
            for row in rows
        )

    def send_again(self, letter_id: LetterId) -> None:
        dead = {_letter_id(row_id): row_id for row_id in self._connection.scalars(select(outbox.c.id).where(DEAD))}
        if letter_id not in dead:
            raise refuse("not_found", "letter_id", "There is no such letter that could not be sent.")
        again = update(outbox).where(outbox.c.id == dead[letter_id]).values(n_tries=0)
        self._connection.execute(again)


def _letter_id(row_id: int) -> LetterId:
    return LetterId(f"LT-{row_id}")


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
