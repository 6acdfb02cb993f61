"""What the operator of the database wants to know of it: its size, and what waits in the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from app.persistence.columns import from_microseconds
from app.persistence.ledgers import audit, outbox
from app.persistence.outbox import WAITING

_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """`waiting_since`: wall time of the oldest event that nobody was told of yet; those given up do not wait."""

    database_bytes: int
    n_audit_rows: int
    n_waiting: int
    waiting_since: datetime | None


def measure(connection: Connection) -> Measured:
    n_waiting, first = connection.execute(
        select(func.count(), func.min(outbox.c.audit_sequence)).where(WAITING)
    ).one()
    since = (
        None if first is None else connection.scalar(select(audit.c.wall_at_us).where(audit.c.sequence == first))
    )
    return Measured(
        database_bytes=int(connection.scalar(text(_SIZE[connection.dialect.name])) or 0),
        n_audit_rows=int(connection.scalar(select(func.count()).select_from(audit)) or 0),
        n_waiting=int(n_waiting),
        waiting_since=None if since is None else from_microseconds(since),
    )
