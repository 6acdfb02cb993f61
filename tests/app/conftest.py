"""The world of the use-case tests: a seeded database, copied for each test."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "usecases"))

from delivered import Market, delivered_market, market_of, opened
from world import Wall, World, seed

from app.bus import Bus
from app.desk import Desk
from app.persistence import open_store
from app.queries import HANDLERS


@pytest.fixture(scope="session")
def seeded_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seeded") / "flexdesk.db"
    wall = Wall()
    with open_store(f"sqlite:///{path}", wall_clock=wall) as store:
        store.migrate()
        seed(store, wall)
        store.backup(path.with_name("copy.db"))
    return path.with_name("copy.db")


@pytest.fixture(scope="session")
def delivered_database(seeded_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day that was cleared, published and is over, before any reading."""
    path = tmp_path_factory.mktemp("delivered") / "flexdesk.db"
    shutil.copy(seeded_database, path)
    with opened(path) as world:
        delivered_market(world)
        world.store.backup(path.with_name("copy.db"))
    return path.with_name("copy.db")


@pytest.fixture
def after(delivered_database: Path, tmp_path: Path) -> Iterator[tuple[World, Market]]:
    """The world after delivery, with its market."""
    path = tmp_path / "delivered.db"
    shutil.copy(delivered_database, path)
    with opened(path) as world:
        yield world, market_of(world)


@pytest.fixture
def world(seeded_database: Path, tmp_path: Path) -> Iterator[World]:
    path = tmp_path / "flexdesk.db"
    shutil.copy(seeded_database, path)
    wall = Wall()
    bus = Bus()
    with open_store(f"sqlite:///{path}", wall_clock=wall, on_commit=bus.publish) as store:
        world = World(store=store, desk=Desk(store.write, store.read, HANDLERS), wall=wall, bus=bus)
        bus.subscribe(world.events.extend)
        yield world
