"""Contestants as processes: start one, send it a case file, read its answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.bench.environments import python_of
from app.worker import ONE_THREAD

ROOT = Path(__file__).resolve().parents[2]
OURS = "flexdesk"
MODULES = {
    OURS: "ours",
    "pandapower": "pandapower_peer",
    "lightsim2grid": "lightsim2grid_peer",
    "power-grid-model": "power_grid_model_peer",
    "casadi": "ipopt",
}


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a contestant is asked for: a task with its settings, how often, and how long it may take in all.

    `warm_up`: the first case is run once before it counts.
    """

    task: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    repeats: int = 1
    warm_up: bool = True
    limit_s: float = 600.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Seconds and what was found; `refused` says why there is nothing."""

    seconds: float = 0.0
    values: Mapping[str, Any] = field(default_factory=dict)
    peak_mb: float = 0.0
    refused: str = ""


class Contestant:
    """A running process with one thread; close it when its row is done."""

    def __init__(self, name: str, folder: Path) -> None:
        """Start it; `folder` holds the peers' environments.

        Raises:
            MissingPeerError: its environment cannot be made.
        """
        python = sys.executable if name == OURS else str(python_of(name, folder))
        self.name = name
        self._process = subprocess.Popen(  # noqa: S603
            [python, "-m", f"app.bench.contestants.{MODULES[name]}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env=os.environ | ONE_THREAD | {"PYTHONPATH": str(ROOT)},
        )

    def solve(self, case: Path, job: Job) -> Answer:
        """Its answer; one that ends or takes too long is refused, and so is all that follows."""
        request = asdict(job) | {"path": str(case)}
        late = threading.Timer(job.limit_s, self._process.kill)
        late.start()
        try:
            line = self._exchanged(json.dumps(request))
        finally:
            was_late = not late.is_alive()
            late.cancel()
        if not line:
            return Answer(refused=f"no answer within {job.limit_s:g} s" if was_late else "the process ended")
        return Answer(**json.loads(line))

    def _exchanged(self, request: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            print(request, file=self._process.stdin, flush=True)
            return self._process.stdout.readline()
        except BrokenPipeError:
            return ""

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
