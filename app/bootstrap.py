"""Puts the application together: store, sign-in, bus, desk, dispatcher, job runner and pulse. Starts nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from app.applying import Applying
from app.auth import Auth, Policy
from app.bus import Bus
from app.desk import Desk, Prepare
from app.lanes import JobLanes, job_lanes
from app.oidc import Joining
from app.outbox import Dispatcher
from app.persistence import Store, open_store
from app.persistence.credentials import Credentials
from app.persistence.repeats import KeptAttempts
from app.persistence.subjects import Subjects
from app.queries import handlers
from app.queries.models import TryOffers
from app.transport.courier import Courier, courier_of
from app.transport.set_up import SetUpTests
from app.trials import Trials
from app.vitals import Pulse
from domain.commands import ChangePassword, Command, EnterOperator, ResetPassword
from domain.commands.place import AddContactPoint, AddRegistration
from domain.parties import SYSTEM
from domain.ports import ReadOnly


class BuildSettings(Protocol):
    """What is needed of the settings."""

    @property
    def store_url(self) -> str: ...
    def secret(self) -> bytes: ...
    @property
    def calls_local(self) -> bool: ...
    @property
    def poll_seconds(self) -> float: ...
    @property
    def session_hours(self) -> float: ...
    @property
    def token_hours(self) -> float: ...
    @property
    def access_minutes(self) -> float: ...
    @property
    def refresh_days(self) -> float: ...
    @property
    def takes_passwords(self) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class App:
    """The parts of the running application.

    `jobs` and `dispatcher` do nothing by themselves: `app.scheduler.Scheduler` drives them in the server,
    `jobs.run_queued_inline()` and `dispatcher.run()` on the command line. `trials` starts its process when it is
    first asked; `start` warms it. `courier` sends messages to platforms once it is started.
    """

    store: Store
    auth: Auth
    applying: Applying
    joining: Joining
    bus: Bus
    desk: Desk
    dispatcher: Dispatcher
    jobs: JobLanes
    pulse: Pulse
    repeats: KeptAttempts
    trials: Trials
    courier: Courier
    set_up_tests: SetUpTests

    @property
    def read(self) -> ReadOnly:
        return self.store.read

    @property
    def revision(self) -> int:
        """What has been stored so far, as a number; see `Store.revision`."""
        return self.store.revision

    def close(self) -> None:
        """Let go of the database and of the process for dry clearings."""
        self.set_up_tests.stop()
        self.trials.stop()
        self.store.close()


def utc_now() -> datetime:
    return datetime.now(UTC)


def build(settings: BuildSettings, *, wall_clock: Callable[[], datetime] = utc_now) -> App:
    """The application on the settings' database, brought to this version's tables.

    Raises:
        ValueError: a database address that is neither SQLite nor PostgreSQL.
    """
    bus = Bus()
    store = open_store(settings.store_url, wall_clock=wall_clock, on_commit=bus.publish, secret=settings.secret)
    store.migrate()
    pulse = Pulse(store, wall_clock)
    trials = Trials()
    policy = Policy(
        session_lifetime=timedelta(hours=settings.session_hours),
        session_idle=timedelta(hours=settings.session_hours),
        bearer_lifetime=timedelta(hours=settings.token_hours),
        access_lifetime=timedelta(minutes=settings.access_minutes),
        refresh_lifetime=timedelta(days=settings.refresh_days),
        password_grant=settings.takes_passwords,
    )
    auth = Auth(Credentials(store), wall_clock, policy=policy)
    desk = Desk(store.write, store.read, handlers(pulse), {TryOffers: trials.answer}, preparing(auth))

    def execute(command: Command) -> object:
        return desk.execute(SYSTEM, command)

    jobs = job_lanes(execute, store.read)
    bus.subscribe(jobs.on_events)
    pulse.watch(jobs)
    set_up_tests = SetUpTests(execute, store.read, local=settings.calls_local)
    bus.subscribe(set_up_tests.on_events)
    return App(
        store=store,
        auth=auth,
        applying=Applying(execute, auth, wall_clock),
        joining=Joining(execute, auth, Subjects(store)),
        bus=bus,
        desk=desk,
        dispatcher=Dispatcher(store.dispatch, bus.publish),
        jobs=jobs,
        pulse=pulse,
        repeats=KeptAttempts(store),
        trials=trials,
        set_up_tests=set_up_tests,
        courier=courier_of(store, execute, local=settings.calls_local, poll_seconds=settings.poll_seconds),
    )


def preparing(auth: Auth) -> Mapping[type[Command], Prepare]:
    """Commands with passwords, which are checked and hashed before their transaction."""
    return {
        ChangePassword: auth.prepared_change,
        ResetPassword: auth.prepared_reset,
        EnterOperator: auth.prepared_reset,
        AddRegistration: auth.prepared_registration,
        AddContactPoint: auth.prepared_registration,
    }


def verify_audit(settings: BuildSettings) -> int | None:
    """As `Store.verify_audit` of the settings' database as it is, not migrated."""
    with open_store(settings.store_url) as store:
        return store.verify_audit()


def backup(settings: BuildSettings, path: Path) -> None:
    """Copy the settings' database as it is, not migrated, into a new file.

    Raises:
        FileExistsError: there is such a file.
    """
    with open_store(settings.store_url) as store:
        store.backup(path)
