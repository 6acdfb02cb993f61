"""Computes a DSO's technical validations, one by one, in a process of its own and in no transaction.

What was asked first comes first. A question whose platform was killed is computed again at the next start: the
inputs were stored with it, so the answer is the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from app.woken import WokenThread
from app.worker import Outcome, Worker, attempt
from domain.commands import Command
from domain.commands.platform import (
    ApplyTechnicalValidation,
    RequeueTechnicalValidation,
    StartTechnicalValidation,
)
from domain.errors import Refused
from domain.events import Event
from domain.events.platform import TechnicalValidationChanged
from domain.platform.validations import TechnicalValidation, ValidationState
from domain.ports import ReadOnly

log = logging.getLogger(__name__)
KIND = "technical_validation"
"""As `app.bridge.work` names it."""
POLL_S = 0.1


class Validating:
    """The runner. Its worker process is started by the first question and ended when none waits any more."""

    def __init__(self, execute: Callable[[Command], object], read: ReadOnly, worker: Worker | None = None) -> None:
        self._execute, self._read = execute, read
        self._worker = worker or Worker()
        self._thread = WokenThread("flexdesk-validating", self._turn)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop at once; what runs is computed again after the next start."""
        self._thread.stop()
        self._worker.kill()

    @property
    def alive(self) -> bool:
        return self._thread.alive

    def on_events(self, events: Sequence[Event]) -> None:
        """For the bus: a new question wakes the runner."""
        queued = ValidationState.QUEUED.value
        if any(isinstance(event, TechnicalValidationChanged) and event.state == queued for event in events):
            self._thread.wake()

    def run_inline(self) -> int:
        """Compute all that waits in this process; how many those were."""
        return self._run_all(lambda inputs: attempt(KIND, inputs))

    def _turn(self) -> None:
        try:
            self._run_all(self._solve)
        except Exception:
            log.exception("technical validation stumbled; it goes on with the next question")
        finally:
            self._worker.kill()

    def _run_all(self, solve: Callable[[bytes], Outcome | None]) -> int:
        for left in self._in_state(ValidationState.RUNNING):
            self._execute(RequeueTechnicalValidation(validation_id=left.id))
        n_run = 0
        while not self._thread.stopping.is_set() and (queued := self._in_state(ValidationState.QUEUED)):
            self._run(queued[0], solve)
            n_run += 1
        return n_run

    def _in_state(self, state: ValidationState) -> list[TechnicalValidation]:
        with self._read() as uow:
            found = uow.find_bare(TechnicalValidation, state=state)
        return sorted(found, key=lambda validation: (validation.asked_at, validation.id))

    def _run(self, validation: TechnicalValidation, solve: Callable[[bytes], Outcome | None]) -> None:
        self._execute(StartTechnicalValidation(validation_id=validation.id))
        with self._read() as uow:
            inputs = uow.get(TechnicalValidation, validation.id).inputs
        outcome = solve(inputs)
        if outcome is None:
            self._execute(RequeueTechnicalValidation(validation_id=validation.id))
            return
        try:
            self._apply(validation.id, outcome)
        except Refused as refused:
            log.info("technical validation %s is no longer ours: %s", validation.id, refused)
        except Exception:
            log.exception("the result of technical validation %s was not taken over", validation.id)
            sentence = "The result could not be taken over."
            self._apply(validation.id, Outcome(succeeded=False, error=sentence))

    def _solve(self, inputs: bytes) -> Outcome | None:
        """In the worker process; None when the runner is stopped meanwhile."""
        try:
            self._worker.send(KIND, inputs)
        except OSError:
            self._worker.kill()
            return Outcome(succeeded=False, error="The worker process could not take the question.")
        while not self._thread.stopping.is_set():
            message = self._worker.receive(POLL_S)
            if isinstance(message, Outcome):
                return message
        return None

    def _apply(self, validation_id: str, outcome: Outcome) -> None:
        self._execute(
            ApplyTechnicalValidation(
                validation_id=validation_id,
                succeeded=outcome.succeeded,
                result=outcome.result,
                error=outcome.error,
            )
        )
