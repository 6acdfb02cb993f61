"""The fault run: a market place and a platform in processes of their own, a proxy between them that does what
networks do, hours without an answer, and processes that are killed. None is lost, none is done twice.

python -m tests.soak.faults [N] [--seed S] [--page FILE.md]
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from app.free_ports import free_port
from domain.ids import MessageId
from tests.soak import faults_page
from tests.soak.faults_clock import FileClock
from tests.soak.faults_proxy import FaultProxy
from tests.soak.faults_world import (
    Checked,
    check,
    confirm_and_cancel,
    place_store,
    platform_store,
    prepare,
    report,
    waiting,
)

N_MESSAGES = 10_000
SPEED = 60.0
"""The transport clock against the machine's: waits are shorter."""
BATCH = 40
"""Messages that are made at once; their number is a multiple of it."""
MOST_WAITING = 1500
OUTAGE = timedelta(hours=9)
START_WITHIN_S = 90.0
ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`kill_every_s`: seconds between two kills, drawn in between. `outages`: hours without an answer,
    when such shares of all messages are delivered."""

    n: int
    seed: int
    kill_every_s: tuple[float, float] = (15.0, 30.0)
    most_kills: int = 1000
    outages: tuple[float, ...] = (0.25, 0.6)
    within_s: float = 1800.0


@dataclass(frozen=True, kw_only=True)
class Found:
    checked: Checked
    drawn: Counter[str]
    kills: Counter[str]
    outages: int
    seconds: float
    seed: int
    tracebacks: int
    at: datetime


class Side:
    """A process that is killed and comes back."""

    def __init__(self, side: str, folder: Path) -> None:
        self.side, self.folder, self.port = side, folder, free_port()
        self.log = folder / f"{side}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.soak.faults_side", self.side, str(self.folder), str(self.port)]
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=dict(os.environ)
            )

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def wait(self) -> None:
        """Until it listens."""
        end = time.monotonic() + START_WITHIN_S
        while time.monotonic() < end:
            with socket.socket() as caller:
                if caller.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process is not None
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the {self.side} did not start:\n{self.log.read_text()[-3000:]}")


class Run:
    """One run in a folder."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._folder, self._plan = folder, plan
        self._random = Random(plan.seed)
        self._clock = FileClock(folder / "clock.json")
        self._clock.set(datetime(2026, 11, 22, 8, tzinfo=UTC), SPEED)
        self._sides = [Side("place", folder), Side("platform", folder)]
        self._proxies = [
            FaultProxy(self._sides[1].port, plan.seed),
            FaultProxy(self._sides[0].port, plan.seed + 1),
        ]
        self._sent: list[MessageId] = []
        self._kills: Counter[str] = Counter()
        self._outages = list(plan.outages)

    def run(self) -> Found:
        with ExitStack() as stack:
            for proxy in self._proxies:
                proxy.start()
                stack.callback(proxy.stop)
            urls = [f"http://127.0.0.1:{proxy.port}" for proxy in self._proxies]
            prepare(self._folder, self._clock, *urls)
            for side in self._sides:
                side.start()
                stack.callback(side.kill)
            for side in self._sides:
                side.wait()
            began = time.monotonic()
            self._feed_and_break(began)
            seconds = time.monotonic() - began
            self._settle()
            time.sleep(0.5)
        logs = "".join(side.log.read_text(encoding="utf-8", errors="replace") for side in self._sides)
        return Found(
            checked=check(self._folder, self._sent),
            drawn=sum((proxy.counts for proxy in self._proxies), Counter()),
            kills=self._kills,
            outages=len(self._plan.outages) - len(self._outages),
            seconds=seconds,
            seed=self._plan.seed,
            tracebacks=logs.count("Traceback (most recent call last)"),
            at=datetime.now(UTC),
        )

    def _feed_and_break(self, began: float) -> None:
        plan = self._plan
        kill_at = began + self._random.uniform(*plan.kill_every_s)
        told_at = began
        with (
            place_store(self._folder, self._clock) as place,
            platform_store(self._folder, self._clock) as platform,
        ):
            while True:
                now = time.monotonic()
                states = waiting(self._folder)
                delivered = states["delivered"]
                if now > told_at:
                    print(f"{dict(states)} {now - began:.0f} s, {self._kills.total()} kills", flush=True)
                    told_at = now + 5
                if delivered + states["dead"] >= plan.n or now - began > plan.within_s:
                    return
                while len(self._sent) < plan.n and len(self._sent) - delivered < MOST_WAITING:
                    first = len(self._sent)
                    self._sent += confirm_and_cancel(place, first, BATCH // 4)
                    self._sent += report(place, platform, first, BATCH // 4)
                if self._outages and delivered >= self._outages[0] * plan.n:
                    self._outages.pop(0)
                    self._be_down()
                if now > kill_at and self._kills.total() < plan.most_kills:
                    self._kill_one()
                    kill_at = time.monotonic() + self._random.uniform(*plan.kill_every_s)
                time.sleep(0.1)

    def _kill_one(self) -> None:
        side = self._sides[self._kills.total() % 2]
        side.kill()
        self._kills[side.side] += 1
        side.start()
        side.wait()

    def _be_down(self) -> None:
        """Hours without an answer: the clock moves while tries fail."""
        for proxy in self._proxies:
            proxy.down = True
        time.sleep(4)
        self._settle()
        steps = 18
        for _ in range(steps):
            self._clock.move(OUTAGE / steps)
            time.sleep(0.2)
        for proxy in self._proxies:
            proxy.down = False

    def _settle(self) -> None:
        for proxy in self._proxies:
            proxy.settle()


def main() -> int:
    """1 when something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int, nargs="?", default=N_MESSAGES, help="messages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, default=PAGE, help="where the counts go")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = Run(Path(folder), Plan(n=arguments.n, seed=arguments.seed)).run()
    faults_page.write(arguments.page, found)
    print(found)
    return 0 if found.checked.right else 1


if __name__ == "__main__":
    raise SystemExit(main())
