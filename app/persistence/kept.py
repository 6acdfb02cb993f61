"""The rows of attempts with an idempotency key, on an open connection."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

from app.persistence.columns import to_microseconds
from app.persistence.ledgers import attempts
from app.repeats import KEPT_FOR, Answer, Attempt, Kept
from domain.errors import refuse


def record(connection: Connection, attempt: Attempt, wall: datetime) -> None:
    """A row without an answer yet; rows that are too old to count are dropped.

    Raises:
        Refused: `in_progress` when there is such a row: another attempt stored it just now.
    """
    connection.execute(delete(attempts).where(attempts.c.created_at_us <= _oldest(wall)))
    row = {
        "caller": attempt.caller,
        "route": attempt.route,
        "key": attempt.key,
        "fingerprint": attempt.fingerprint,
        "created_at_us": to_microseconds(wall, "wall"),
        "made": attempt.made,
        "headers": "[]",
        "body": b"",
    }
    try:
        connection.execute(insert(attempts).values(row))
    except IntegrityError:
        raise refuse("in_progress", "Idempotency-Key", "A request with this key is being carried out.") from None


def find(connection: Connection, attempt: Attempt, wall: datetime) -> Kept | None:
    query = select(attempts).where(_same(attempt), attempts.c.created_at_us > _oldest(wall))
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    headers = tuple((str(name), str(value)) for name, value in json.loads(row.headers))
    answer = None if row.status is None else Answer(status=row.status, headers=headers, body=bytes(row.body))
    return Kept(fingerprint=row.fingerprint, made=row.made, answer=answer)


def add_answer(connection: Connection, attempt: Attempt, answer: Answer) -> None:
    values = {"status": answer.status, "headers": json.dumps(answer.headers), "body": answer.body}
    connection.execute(update(attempts).where(_same(attempt)).values(values))


def _same(attempt: Attempt) -> ColumnElement[bool]:
    of = attempts.c
    return (of.caller == attempt.caller) & (of.route == attempt.route) & (of.key == attempt.key)


def _oldest(wall: datetime) -> int:
    return to_microseconds(wall - KEPT_FOR, "wall")
