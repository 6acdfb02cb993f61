"""Puts a platform together: store, sign-in, bus, desk, dispatcher. Starts nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.auth import Auth, Policy
from app.bus import Bus
from app.desk import Desk
from app.outbox import Dispatcher
from app.persistence import Secret, Store, open_store
from app.persistence.credentials import Credentials
from app.persistence.lines import PLATFORM
from app.persistence.repeats import KeptAttempts
from app.platform.queries import HANDLERS as QUERIES
from app.platform.usecases import HANDLERS as COMMANDS
from domain.ports import ReadOnly


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The parts of a company's platform. `dispatcher` does nothing by itself."""

    store: Store
    auth: Auth
    bus: Bus
    desk: Desk
    dispatcher: Dispatcher
    repeats: KeptAttempts

    @property
    def read(self) -> ReadOnly:
        return self.store.read

    @property
    def revision(self) -> int:
        """What has been stored so far, as a number; see `Store.revision`."""
        return self.store.revision

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()


def build(
    store_url: str,
    *,
    wall_clock: Callable[[], datetime],
    policy: Policy | None = None,
    secret: Secret | None = None,
) -> Platform:
    """The platform on a database of its own, brought to this version's tables.

    secret : answers the server's; see `app.persistence.open_store`

    Raises:
        ValueError: a database address that is neither SQLite nor PostgreSQL.
    """
    bus = Bus()
    store = open_store(store_url, wall_clock=wall_clock, on_commit=bus.publish, line=PLATFORM, secret=secret)
    store.migrate()
    auth = Auth(Credentials(store), wall_clock, policy=policy or Policy())
    return Platform(
        store=store,
        auth=auth,
        bus=bus,
        desk=Desk(store.write, store.read, QUERIES, commands=COMMANDS),
        dispatcher=Dispatcher(store.dispatch, bus.publish),
        repeats=KeptAttempts(store),
    )
