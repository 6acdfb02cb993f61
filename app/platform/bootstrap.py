"""Puts a platform together: store, sign-in, bus, desk, dispatcher. Starts nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from app.auth import Auth, Policy
from app.bus import Bus
from app.desk import Desk, Prepare
from app.outbox import Dispatcher
from app.persistence import Secret, Store, open_store
from app.persistence.credentials import Credentials
from app.persistence.lines import PLATFORM
from app.persistence.repeats import KeptAttempts
from app.platform.introducing import Introducer
from app.platform.queries import HANDLERS as QUERIES
from app.platform.usecases import HANDLERS as COMMANDS
from app.platform.validating import Validating
from app.platform.values.reading import Format
from app.platform.values.uploading import UploadedValues, upload
from app.queries.models.base import Query
from app.transport.courier import Courier, courier_of
from domain.commands import ChangePassword, Command
from domain.commands.platform import AddCustomer, AddStaff
from domain.parties import SYSTEM, Principal
from domain.ports import ReadOnly

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The parts of a company's platform. `dispatcher` does nothing by itself, and `validating` and `courier` not
    before their start."""

    store: Store
    auth: Auth
    bus: Bus
    desk: Desk
    dispatcher: Dispatcher
    repeats: KeptAttempts
    wall_clock: Callable[[], datetime]
    validating: Validating
    courier: Courier
    introducer: Introducer
    address: str = ""
    """Where its interfaces are reached, such as `https://host:8106`; "" when nobody said."""

    @property
    def read(self) -> ReadOnly:
        return self.store.read

    @property
    def revision(self) -> int:
        """What has been stored so far, as a number; see `Store.revision`."""
        return self.store.revision

    def execute(self, command: Command) -> Any:
        """Do what a command says as the platform itself."""
        return self.desk.execute(SYSTEM, command)

    def upload_values(
        self, principal: Principal, content: bytes, form: str, *, good_only: bool, correct: bool
    ) -> UploadedValues:
        """A file of values, read before it is stored in one transaction. `form`: as of `reading.Format`.

        Raises `Refused` as `uploading.upload`, and what the desk refuses.
        """
        acting = _Acting(self.desk, principal)
        return upload(acting, [content], Format(form), good_only=good_only, correct=correct)

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()


@dataclass(frozen=True)
class _Acting:
    """The desk as one principal sees it."""

    desk: Desk
    principal: Principal

    def execute(self, command: Command) -> object:
        return self.desk.execute(self.principal, command)

    def query(self, query: Query[Answer]) -> Answer:
        return self.desk.query(self.principal, query)


def utc_now() -> datetime:
    return datetime.now(UTC)


def build(
    store_url: str,
    *,
    wall_clock: Callable[[], datetime] = utc_now,
    policy: Policy | None = None,
    secret: Secret | None = None,
    calls_local: bool = False,
    poll_seconds: float = 1.0,
    address: str = "",
) -> Platform:
    """The platform on a database of its own, brought to this version's tables.

    secret : answers the server's; see `app.persistence.open_store`
    calls_local : messages go to loopback and private addresses, too
    poll_seconds : how often the courier looks what is due

    Raises:
        ValueError: a database address that is neither SQLite nor PostgreSQL.
    """
    bus = Bus()
    store = open_store(store_url, wall_clock=wall_clock, on_commit=bus.publish, line=PLATFORM, secret=secret)
    store.migrate()
    auth = Auth(Credentials(store), wall_clock, policy=policy or Policy())
    desk = Desk(store.write, store.read, QUERIES, ahead=preparing(auth), commands=COMMANDS)

    def execute(command: Command) -> object:
        return desk.execute(SYSTEM, command)

    validating = Validating(execute, store.read)
    bus.subscribe(validating.on_events)
    return Platform(
        store=store,
        auth=auth,
        bus=bus,
        desk=desk,
        dispatcher=Dispatcher(store.dispatch, bus.publish),
        repeats=KeptAttempts(store),
        wall_clock=wall_clock,
        validating=validating,
        courier=courier_of(store, execute, local=calls_local, poll_seconds=poll_seconds),
        introducer=Introducer(store.read, execute, local=calls_local),
        address=address,
    )


def preparing(auth: Auth) -> Mapping[type[Command], Prepare]:
    """Commands with passwords, which are checked and hashed before their transaction."""

    def hashed(_principal: Principal, command: AddStaff | AddCustomer) -> AddStaff | AddCustomer:
        return replace(command, password=auth.hashed(command.password)) if command.account else command

    return {ChangePassword: auth.prepared_change, AddStaff: hashed, AddCustomer: hashed}


def verify_audit(store_url: str) -> int | None:
    """As `Store.verify_audit` of a platform's database as it is, not migrated."""
    with open_store(store_url, line=PLATFORM) as store:
        return store.verify_audit()


def backup(store_url: str, path: Path) -> None:
    """Copy a platform's database as it is, not migrated, into a new file.

    Raises:
        FileExistsError: there is such a file.
    """
    with open_store(store_url, line=PLATFORM) as store:
        store.backup(path)
