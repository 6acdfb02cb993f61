"""Messages that can be sent now: of each stream the first that is not settled, when it waits and is due."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from app.persistence.columns import to_microseconds
from app.persistence.tables import ENTITIES
from app.persistence.tables.transport import outgoing_messages
from domain.transport import OPEN, MessageState, OutgoingMessage


def due_messages(connection: Connection, now: datetime, per_addressee: int) -> tuple[OutgoingMessage, ...]:
    """The heads of streams that are due, at most so many of each addressee, those that wait longest first."""
    table = outgoing_messages.c
    heads = (
        select(table.addressee_id, table.stream, func.min(table.sequence).label("first"))
        .where(table.state.in_([state.value for state in OPEN]))
        .group_by(table.addressee_id, table.stream)
        .subquery()
    )
    first = and_(
        table.addressee_id == heads.c.addressee_id,
        table.stream == heads.c.stream,
        table.sequence == heads.c.first,
    )
    place = func.row_number().over(
        partition_by=table.addressee_id, order_by=(table.next_try_at_us, table.created_at_us, table.id)
    )
    due = (
        select(outgoing_messages, place.label("place"))
        .join(heads, first)
        .where(table.state == MessageState.WAITING.value)
        .where(table.next_try_at_us <= to_microseconds(now, "now"))
        .subquery()
    )
    rows = connection.execute(
        select(due)
        .where(due.c.place <= per_addressee)
        .order_by(due.c.next_try_at_us, due.c.created_at_us, due.c.id)
    )
    entry = ENTITIES[OutgoingMessage]
    return tuple(entry.from_row(row._mapping) for row in rows)
