"""`make soak`: many odd requests to a server of its own, with all roles, and what came of them.

python -m tests.soak [N] [--seed S] [--page FILE.md]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from app.settings import VERSION
from tests.soak import page
from tests.soak.calls import Call, operations
from tests.soak.fuzzing import NOBODY, Fuzzer
from tests.soak.generating import generated
from tests.soak.running import Soak, Tally
from tests.soak.samples import Known
from tests.soak.served import Served, pause, served, tokens
from tests.soak.state import Stored
from tests.soak.targets import Below, Target, play, targets
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
    """Send about that many requests, shared out over the interfaces by their operations, and count."""
    fmo = tokens(server.port, ("fmo",))["fmo"]
    tally, names, roles = Tally(), set[str](), dict.fromkeys([NOBODY])
    with Wire("127.0.0.1", server.port) as wire:
        play(wire, fmo)
        pause(wire, fmo)
        asked = [(target, *_learned(wire, target)) for target in targets(server)]
        n_operations = sum(len([*operations(document)]) for _, _, documents in asked for document in documents)
        began = time.monotonic()
        for target, known, documents in asked:
            stored = Stored(target.database)
            soak = Soak(
                Below(wire, target.prefix),
                target.tokens,
                stored,
                partial(still, stored),
                frozenset(stored.writes()) if target.background is None else target.background,
                tally,
            )
            for document in documents:
                known.begin(datetime.now(UTC))
                n = round(n_requests * len([*operations(document)]) / n_operations)
                _ask(soak, document, known, n, seed, began)
                names |= {operation.name for operation in operations(document)}
            stored.close()
            roles |= dict.fromkeys(target.tokens)
        seconds = time.monotonic() - began
    return page.Found(
        tally=tally,
        seconds=seconds,
        n_operations=len(names),
        roles=[*roles],
        version=VERSION,
        seed=seed,
        at=datetime.now(UTC),
    )


def _learned(wire: Wire, target: Target) -> tuple[Known, list[Mapping[str, Any]]]:
    """Ids of what is there, and the descriptions."""
    stored = Stored(target.database)
    soak = Soak(Below(wire, target.prefix), target.tokens, stored)
    documents = [soak.describe(path) for path in target.descriptions]
    known = Known()
    for document in documents:
        soak.learn(document, known)
    stored.close()
    return known, documents


def _ask(soak: Soak, document: Mapping[str, Any], known: Known, n: int, seed: int, began: float) -> None:
    """Requests at the operations of one description."""
    fuzzer = Fuzzer(document, soak.accounts, known, seed)
    each = max(1, round(n * SHARE_GENERATED / len(fuzzer.operations) / 4))
    before = soak.tally.n_requests
    soak.run(_told(_first(generated(document, soak.accounts, seed, each, each), n // 5), began))
    n_left = max(len(fuzzer.operations), n - (soak.tally.n_requests - before))
    soak.run(_told(fuzzer.calls(n_left), began), fuzzer.learn)


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
