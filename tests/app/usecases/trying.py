"""The worker of dry clearings without a process of its own."""

from __future__ import annotations

from app.bridge.trials import TrialBench
from app.worker import Outcome, attempt


class InProcess:
    """The worker's work in this process; keeps what it was asked."""

    def __init__(self) -> None:
        self.bench, self.asked = TrialBench(), []

    def start(self) -> None:
        pass

    def kill(self) -> None:
        pass

    def send(self, kind: str, inputs: bytes) -> None:
        self.asked.append(inputs)
        self.outcome = attempt(kind, inputs, run=lambda _kind, given, _progress: self.bench.run(given))

    def receive(self, _timeout_s: float) -> Outcome:
        return self.outcome
