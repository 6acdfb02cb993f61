"""Odd requests at every operation of a platform's interfaces, from a fixed seed, in process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from busy_platforms import Busy, busy_platforms
from test_who_may_call_platforms import known

from app.platform.rest import INTERFACES
from app.rest.interfaces import Interface
from tests.soak.fuzzing import Fuzzer
from tests.soak.in_process import InProcess
from tests.soak.running import Soak
from tests.soak.state import Stored

N_EACH = 4
"""Requests for each operation."""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    with busy_platforms(tmp_path_factory.mktemp("fuzzed")) as made:
        yield made


@pytest.fixture(scope="module", params=["provider", "requester"])
def soaked(busy: Busy, request: pytest.FixtureRequest) -> Iterator[tuple[str, InProcess, Stored]]:
    room = getattr(busy, request.param)
    with ExitStack() as stack:
        client = stack.enter_context(InProcess(room.client.app))
        stored = Stored(Path(room.side.platform.store._engines.url.database))
        stack.callback(stored.close)
        yield request.param, client, stored


@pytest.mark.parametrize("interface", INTERFACES, ids=[one.path for one in INTERFACES])
def test_odd_bytes(busy: Busy, soaked: tuple[str, InProcess, Stored], interface: Interface) -> None:
    side, client, stored = soaked
    soak = Soak(client, getattr(busy, side).tokens, stored)
    fuzzer = Fuzzer(interface.description, soak.accounts, known(busy, side), seed=7)
    n_calls = N_EACH * len(fuzzer.operations)
    tally = soak.run(fuzzer.calls(n_calls), fuzzer.learn)
    assert not tally.faults, tally.shown()
    assert not tally.changes, tally.shown()
    assert set(tally.operations) == {operation.name for operation in fuzzer.operations}
    assert {403, 422} <= set(tally.statuses)
