"""Putting long work into the queue and moving it along."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.events import JobChanged
from domain.flexibility.grids import Job
from domain.flexibility.operation import JobRun
from domain.ids import JobId, PartyId, RegionId, SessionId, new_id
from domain.lifecycle import JOB, JobState, advance
from domain.ports import UnitOfWork

NEEDS = "needs"
CLEARING = "clearing"
WHAT_IF = "what_if"
MATCHING = "matching"
UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


def enqueue(
    uow: UnitOfWork,
    *,
    kind: str,
    owner_id: PartyId,
    region_id: RegionId,
    day: date,
    inputs: bytes,
    session_id: SessionId | None = None,
) -> Job:
    """A new queued job with its inputs stored."""
    job = Job(
        id=JobId(new_id("JB")),
        kind=kind,
        owner_id=owner_id,
        region_id=region_id,
        delivery_day=day,
        session_id=session_id,
        submitted_at=uow.wall,
        inputs=inputs,
    )
    uow.add(job)
    uow.record(changed(job))
    return job


def supersede(uow: UnitOfWork, *, kind: str, region_id: RegionId, day: date) -> None:
    """Cancel unfinished jobs of a kind and day whose inputs have been replaced."""
    for job in uow.find(Job, kind=kind, region_id=region_id, delivery_day=day, state=UNFINISHED):
        move(uow, job, "cancel", error="replaced by newer inputs")


def move(uow: UnitOfWork, job: Job, trigger: str, *, stage: str = "", result: bytes = b"", error: str = "") -> Job:
    """A job one step on in its table.

    Raises:
        Refused: `wrong_state`, `stale`.
    """
    state = advance(JOB, job.state, trigger, "job_id")
    progress = 1.0 if state is JobState.DONE else 0.0 if state is JobState.QUEUED else job.progress
    moved = replace(job, state=state, stage=stage, progress=progress, result=result, error=error)
    uow.save(moved)
    _time(uow, moved)
    uow.record(changed(moved))
    return moved


def _time(uow: UnitOfWork, job: Job) -> None:
    """When the job runs: the last start, and its end once it has one."""
    known = uow.find(JobRun, id=job.id)
    if job.state is JobState.RUNNING:
        run = JobRun(id=job.id, started_at=uow.wall)
        if known:
            uow.save(replace(run, version=known[0].version))
        else:
            uow.add(run)
    elif known and job.state not in UNFINISHED:
        uow.save(replace(known[0], finished_at=uow.wall))


def changed(job: Job) -> JobChanged:
    return JobChanged(job_id=job.id, region_id=job.region_id, state=job.state.value)
