"""The database behind the desks: SQLite by default, PostgreSQL by URL.

    store = open_store("sqlite:///var/flexdesk.db", wall_clock=now, on_commit=bus.publish)
    store.migrate()                                  # idempotent; store.needs_migration() asks first
    with store.write(principal, command) as uow:     # domain.ports.UnitOfWork; one audit row per unit
        uow.add(offer); uow.record(OfferSubmitted(...))
    with store.read() as uow: ...                    # a snapshot; writing through it is an error

    store.undispatched(limit) -> tuple[OutboxRow(id, event, market_at), ...]; store.mark_dispatched(ids)
    store.dispatch(tell, limit=100) -> Dispatched(n_events, notifications)
        tell(uow, row) -> notifications of that event; stored and marked in one transaction, unique per
        (event, party); `notifications` are the new ones. Call again while n_events > 0.
    store.verify_audit() -> None when the chain holds, else the sequence of the first broken row
    store.backup(path); store.close()

    auth = Auth(Credentials(store), now)             # app.auth

Write transactions take turns, process-wide and database-wide, and do not nest: do not call `Auth` methods
that write, or open a second unit, inside a unit. Keep units short and never solve within one.
"""

from app.persistence.backup import BackupNotSupported
from app.persistence.credentials import Credentials
from app.persistence.outbox import Dispatched, OutboxRow
from app.persistence.store import Secret, Store, open_store, utc_now

__all__ = [
    "BackupNotSupported",
    "Credentials",
    "Dispatched",
    "OutboxRow",
    "Secret",
    "Store",
    "open_store",
    "utc_now",
]
