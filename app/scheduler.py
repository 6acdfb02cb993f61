"""The poll: due gates by the market clock, waiting jobs, undispatched events. Due things are database rows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from app.beat import Beat, Seldom, each
from app.desk import Desk
from app.outbox import Dispatcher
from app.usecases.market_place.monitoring import due as services_due
from domain.commands import Command, EndCallTime, PassGate, UnshelveAlarm
from domain.errors import Refused
from domain.flexibility.alarms import Alarm
from domain.flexibility.calls import CallTerms
from domain.flexibility.market import Gate, GateKind
from domain.lifecycle import AlarmState
from domain.parties import SYSTEM
from domain.ports import ReadOnly

log = logging.getLogger(__name__)

_ORDER = {kind: index for index, kind in enumerate(GateKind)}


class Jobs(Protocol):
    """What is needed of the job runners."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def wake(self) -> None: ...


SERVICES_EVERY_S = 5.0
"""Alarms about the market place's services are looked at so often: reports are hours apart."""


class Scheduler:
    """Polls every `poll_seconds` in a thread of its own; `on_beat` is told after each poll."""

    def __init__(
        self,
        *,
        desk: Desk,
        read: ReadOnly,
        dispatcher: Dispatcher,
        jobs: Jobs,
        poll_seconds: float = 1.0,
        on_beat: Callable[[], object] = lambda: None,
    ) -> None:
        self._desk = desk
        self._read = read
        self._dispatcher = dispatcher
        self._jobs = jobs
        self._on_beat = on_beat
        self._beat = Beat(self.poll, poll_seconds)
        self._services = Seldom(self.follow_services, SERVICES_EVERY_S)

    def start(self) -> None:
        """Start the worker and the beat."""
        self._jobs.start()
        self._beat.start()

    def stop(self) -> None:
        """End the beat after a poll that runs, then the worker."""
        self._beat.stop()
        self._jobs.stop()

    def poll(self) -> None:
        """Do all that is due."""
        each(
            (
                self.pass_due_gates,
                self.unshelve_due_alarms,
                self.end_call_times,
                self._services,
                self._jobs.wake,
                self._dispatcher.run,
                self._on_beat,
            )
        )

    def pass_due_gates(self) -> int:
        """Pass the gates that are due, in their order; how many were passed.

        A gate that is refused (passed by somebody else meanwhile, or its result is not there yet) is left to the
        next poll; so is one that fails.
        """
        return sum(self._pass(gate) for gate in due_gates(self._read))

    def unshelve_due_alarms(self) -> int:
        """Shelved alarms whose time is up ask again; how many did."""
        return self._do([UnshelveAlarm(alarm_id=alarm.id) for alarm in due_alarms(self._read)])

    def end_call_times(self) -> int:
        """Offers that can no longer be called directly; how many their owners are told of."""
        return self._do([EndCallTime(offer_id=terms.id) for terms in over_call_times(self._read)])

    def follow_services(self) -> int:
        """Alarms about the market place's services; how often there was something to bring up."""
        with self._read() as uow:
            commands = services_due(uow)
        return self._do(commands)

    def _do(self, commands: Sequence[Command]) -> int:
        """What is due; what is refused (somebody else was faster) is left. How many there were."""
        for command in commands:
            try:
                self._desk.execute(SYSTEM, command)
            except Refused as refused:
                log.debug("%s is not done: %s", command, refused)
        return len(commands)

    def _pass(self, gate: Gate) -> bool:
        try:
            self._desk.execute(SYSTEM, PassGate(gate_id=gate.id))
        except Refused as refused:
            log.debug("gate %s is not passed now: %s", gate.id, refused)
            return False
        except Exception:
            log.exception("gate %s could not be passed", gate.id)
            return False
        return True


def due_alarms(read: ReadOnly) -> list[Alarm]:
    """Shelved alarms whose time is up on the market clock."""
    with read() as uow:
        aside = uow.find(Alarm, state=AlarmState.SHELVED)
        return [alarm for alarm in aside if alarm.shelved_until is not None and alarm.shelved_until <= uow.market]


def over_call_times(read: ReadOnly) -> list[CallTerms]:
    """Offers whose time for direct calls is over on the market clock and was not ended, oldest first."""
    with read() as uow:
        over = [terms for terms in uow.find(CallTerms, ended=False) if terms.until <= uow.market]
    return sorted(over, key=lambda terms: (terms.until, terms.id))


def due_gates(read: ReadOnly) -> list[Gate]:
    """Gates that are due on the market clock and not done, oldest first."""
    with read() as uow:
        due = [gate for gate in uow.find(Gate, done=False) if gate.due_at <= uow.market]
    return sorted(due, key=lambda gate: (gate.due_at, _ORDER[gate.kind], gate.id))
