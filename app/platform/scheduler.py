"""The poll of a platform: what is due, undispatched events, messages to others. Due things are database rows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from apscheduler.schedulers.background import BackgroundScheduler

from app.desk import Desk
from app.platform.due import DUE, Due
from domain.commands import Command
from domain.errors import Refused
from domain.parties import SYSTEM
from domain.ports import ReadOnly

log = logging.getLogger(__name__)
Step = Callable[[], object]


class PlatformScheduler:
    """Polls every `poll_seconds` in a thread of its own. `steps`: what else a poll does, after what is due."""

    def __init__(
        self,
        *,
        desk: Desk,
        read: ReadOnly,
        steps: Sequence[Step],
        due: Sequence[Due] = DUE,
        poll_seconds: float = 1.0,
    ) -> None:
        self._desk, self._read = desk, read
        self._steps, self._due = tuple(steps), tuple(due)
        self._poll_seconds = poll_seconds
        self._beat: BackgroundScheduler | None = None

    def start(self) -> None:
        self._beat = BackgroundScheduler(timezone="UTC")
        self._beat.add_job(
            self.poll,
            "interval",
            seconds=self._poll_seconds,
            id="poll",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._beat.start()

    def stop(self) -> None:
        """End the beat after a poll that runs."""
        if self._beat is not None:
            self._beat.shutdown(wait=True)
            self._beat = None

    def poll(self) -> None:
        """Do all that is due; a step that fails is logged and does not keep the others from being done."""
        for step in (*(self._doing(row) for row in self._due), *self._steps):
            try:
                step()
            except Exception:
                log.exception("a step of a platform's poll failed")

    def _doing(self, row: Due) -> Step:
        def do() -> None:
            with self._read() as uow:
                commands = tuple(row(uow))
            for command in commands:
                self._carry_out(command)

        return do

    def _carry_out(self, command: Command) -> None:
        """One that fails keeps no other of its row from being done."""
        try:
            self._desk.execute(SYSTEM, command)
        except Refused as refused:
            log.debug("%s is not done: %s", command, refused)
        except Exception:
            log.exception("%s could not be done", type(command).__name__)
