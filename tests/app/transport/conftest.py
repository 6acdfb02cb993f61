"""Stores of both lines with a participant that gets messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from carried import DO, MovedWall, OpenLine

from app.persistence import Store, open_store
from app.persistence.lines import MAIN, PLATFORM
from domain.ids import PartyId
from domain.parties import SYSTEM, Party, Role


@pytest.fixture
def wall() -> MovedWall:
    return MovedWall()


@pytest.fixture
def open_line(tmp_path: Path, wall: MovedWall) -> Iterator[OpenLine]:
    """(`main` or `platform`) -> a new store with the participants `P1`, `P2` and `market-place`."""
    with ExitStack() as stack:

        def opened(name: str) -> Store:
            line = {"main": MAIN, "platform": PLATFORM}[name]
            url = f"sqlite:///{tmp_path}/{name}.db"
            store = stack.enter_context(open_store(url, wall_clock=wall, line=line, secret=lambda: b"s" * 48))
            store.migrate()
            with store.write(SYSTEM, DO) as uow:
                for id, role in (
                    ("P1", Role.PROVIDER),
                    ("P2", Role.REQUESTER),
                    ("market-place", Role.MARKET_PLACE),
                ):
                    uow.add(Party(id=PartyId(id), name=id, role=role))
            return store

        yield opened


@pytest.fixture(params=["main", "platform"])
def line_store(request: pytest.FixtureRequest, open_line: OpenLine) -> Store:
    """A store of each line."""
    return open_line(request.param)


@pytest.fixture
def main_store(open_line: OpenLine) -> Store:
    return open_line("main")
