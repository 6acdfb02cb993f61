"""`make soak`: many odd requests to a server of its own, with all roles, and what came of them.

python -m tests.soak [N] [--seed S] [--page FILE.md]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from app.settings import VERSION
from tests.soak import page
from tests.soak.calls import Call
from tests.soak.fuzzing import NOBODY, Fuzzer
from tests.soak.generating import generated
from tests.soak.running import Soak
from tests.soak.served import Served, pause, served, tokens
from tests.soak.state import BACKGROUND, Stored
from tests.soak.wire import Wire

N_REQUESTS = 100_000
SHARE_GENERATED = 0.02
TOLD_EVERY = 500
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"


def main() -> int:
    """1 when something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int, nargs="?", default=N_REQUESTS, help="requests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, default=PAGE, help="where the counts go")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "data") as server:
        found = run(server, arguments.n, arguments.seed)
        told = server.log.read_text(encoding="utf-8", errors="replace")
    logged = told.count("Traceback (most recent call last)")
    page.write(arguments.page, found, logged)
    print(found.tally.shown())
    print(f"{found.n_faults} faults, {found.n_changes} changes, {logged} tracebacks in the log")
    return 1 if found.n_faults or found.n_changes or logged else 0


def run(server: Served, n_requests: int, seed: int) -> page.Found:
    """Send that many requests, and count."""
    stored = Stored(server.database)
    who = tokens(server.port)
    with Wire("127.0.0.1", server.port) as wire:
        pause(wire, who["fmo"])
        soak = Soak(wire, who, stored, lambda: still(stored), BACKGROUND)
        document = soak.describe()
        fuzzer = Fuzzer(document, [*who], soak.learn(document), seed)
        n_operations = len(fuzzer.operations)
        each = max(1, round(n_requests * SHARE_GENERATED / n_operations / 4))
        began = time.monotonic()
        soak.run(_told(_first(generated(document, [*who], seed, each, each), n_requests // 5), began))
        soak.run(_told(fuzzer.calls(n_requests - soak.tally.n_requests), began), fuzzer.learn)
        seconds = time.monotonic() - began
    stored.close()
    return page.Found(
        tally=soak.tally,
        seconds=seconds,
        n_operations=n_operations,
        roles=[*who, NOBODY],
        version=VERSION,
        seed=seed,
        at=datetime.now(UTC),
    )


def still(stored: Stored, for_s: float = 0.02, within_s: float = 2.0) -> None:
    """Wait until nothing was written for a while: what an accepted request set going is over then."""
    end = time.monotonic() + within_s
    before = stored.writes()
    while time.monotonic() < end:
        time.sleep(for_s)
        if before == (before := stored.writes()):
            return


def _first(calls: Iterator[Call], most: int) -> Iterator[Call]:
    for call, _ in zip(calls, range(most), strict=False):
        yield call


def _told(calls: Iterator[Call], began: float) -> Iterator[Call]:
    for number, call in enumerate(calls, 1):
        yield call
        if number % TOLD_EVERY == 0:
            print(f"{number} {call.kind} {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
