"""The poll of a platform: what is due, undispatched events, messages to others. Due things are database rows."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from app.beat import Beat, Seldom, Step, each
from app.desk import Desk
from app.platform.due import DUE, SELDOM, Due
from domain.commands import Command
from domain.errors import Refused
from domain.parties import SYSTEM
from domain.ports import ReadOnly

log = logging.getLogger(__name__)
SELDOM_EVERY_S = 5.0


class PlatformScheduler:
    """Polls every `poll_seconds` in a thread of its own. `steps`: what else a poll does, after what is due."""

    def __init__(
        self,
        *,
        desk: Desk,
        read: ReadOnly,
        steps: Sequence[Step],
        due: Sequence[Due] = DUE,
        seldom: Sequence[Due] = SELDOM,
        poll_seconds: float = 1.0,
    ) -> None:
        self._desk, self._read = desk, read
        looks = (self._doing(row) for row in due)
        now_and_then = (Seldom(self._doing(row), SELDOM_EVERY_S) for row in seldom)
        self._steps: tuple[Step, ...] = (*looks, *now_and_then, *steps)
        self._beat = Beat(self.poll, poll_seconds)

    def start(self) -> None:
        self._beat.start()

    def stop(self) -> None:
        """End the beat after a poll that runs."""
        self._beat.stop()

    def poll(self) -> None:
        """Do all that is due."""
        each(self._steps)

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
