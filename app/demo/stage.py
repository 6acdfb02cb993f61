"""What a chapter of the guided demo is played on: the desk, as each of the market's participants."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from app.demo.place_scene import Players
from app.queries.models import ListJobs, Query
from domain.commands import Command, ReportChapter
from domain.errors import refuse
from domain.flexibility.grids import Job
from domain.flexibility.market import MarketSession
from domain.guide import ChapterName, told_day
from domain.ids import JobId, PartyId
from domain.lifecycle import JobState, SessionState
from domain.parties import SYSTEM, Party, Principal, Region, Role
from domain.ports import ReadOnly

Answer = TypeVar("Answer")

OPEN = (SessionState.PLANNED, SessionState.OPEN)
UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
POLL_S = 0.25
LONGEST_WAIT_S = 900.0


class StoppedError(Exception):
    """The server stops; the chapter is taken up again at the next start."""


class Desk(Protocol):
    """What is needed of the application's desk."""

    def execute(self, principal: Principal | None, command: Command) -> object: ...
    def query(self, principal: Principal | None, query: Query[Answer]) -> Answer: ...


@dataclass(kw_only=True)
class Stage:
    """What a chapter is played on: the desk as each of its participants, and the presenter's line."""

    desk: Desk
    read: ReadOnly
    chapter: ChapterName
    pause: Callable[[float], bool]
    """Waits so many seconds; True when the server stops."""
    players: Players | None = None
    """Players' platforms that run here."""
    _said: tuple[str, float] = field(default=("", -1.0))

    def do(self, who: Principal, command: Command) -> Any:
        return self.desk.execute(who, command)

    def ask(self, who: Principal, query: Query[Answer]) -> Answer:
        return self.desk.query(who, query)

    def party(self, party_id: PartyId) -> Principal:
        with self.read() as uow:
            party = uow.get(Party, party_id)
        return Principal(account=party.id, party_id=party.id, role=party.role, name=party.name)

    def operator(self) -> Principal:
        with self.read() as uow:
            (party, *_) = uow.find(Party, role=Role.FMO, active=True)
        return self.party(party.id)

    def sellers(self) -> tuple[Principal, ...]:
        with self.read() as uow:
            parties = uow.find(Party, role=(Role.ESP, Role.AGGREGATOR), active=True)
        return tuple(self.party(party.id) for party in parties)

    def sessions(self) -> tuple[tuple[Region, MarketSession], ...]:
        """The sessions of the day that is told, with their regions, as they are now."""
        with self.read() as uow:
            regions: Mapping[str, Region] = {region.id: region for region in uow.find(Region)}
            return tuple((regions[s.region_id], s) for s in told_day(uow.find(MarketSession)))

    def open_sessions(self) -> tuple[tuple[Region, MarketSession], ...]:
        return tuple((region, session) for region, session in self.sessions() if session.state in OPEN)

    def say(self, stage: str, progress: float) -> None:
        """Report where the chapter is; the same again tells nobody."""
        told = (stage, round(progress, 2))
        if told != self._said:
            self._said = told
            self.desk.execute(SYSTEM, ReportChapter(chapter=self.chapter, stage=stage, progress=told[1]))

    def until(self, reached: Callable[[], bool]) -> None:
        """Wait for it.

        Raises:
            Refused: `wrong_state` when it takes too long.
            StoppedError: the server stops.
        """
        end = time.monotonic() + LONGEST_WAIT_S
        while not reached():
            if self.pause(POLL_S):
                raise StoppedError
            if time.monotonic() > end:
                raise refuse("wrong_state", "chapter", f"Nothing happened for {LONGEST_WAIT_S / 60:.0f} minutes.")


def follow(stage: Stage, owner: Principal, job_id: JobId, words: str) -> Job:
    """Tell a job's stages until it ends; the job then. `owner` may see it."""
    seen: list[Job] = []

    def ended() -> bool:
        seen[:] = [job for job in stage.ask(owner, ListJobs()) if job.id == job_id]
        job = seen[0]
        stage.say(f"{words}: {job.stage}" if job.stage else words, 0.1 + 0.85 * job.progress)
        return job.state not in UNFINISHED

    stage.until(ended)
    return seen[0]


def count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
