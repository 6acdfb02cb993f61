"""Jobs as the market sees them: taken by the worker, reported on, finished, cancelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from app.letters.reasons import CANCELLED
from app.usecases.clearing import apply_clearing, clearing_stopped
from app.usecases.networks import apply_needs
from app.usecases.operation import TRY, toolkit_failed
from app.usecases.queue import CLEARING, MATCHING, NEEDS, WHAT_IF, changed, move
from app.usecases.trading import apply_matching, filled
from domain.commands import ApplyJob, CancelJob, ReportProgress, RequeueJob, StartJob
from domain.errors import Refused, refuse
from domain.flexibility.grids import Job
from domain.lifecycle import JobState
from domain.parties import Principal, Role
from domain.ports import UnitOfWork

Effect = Callable[[UnitOfWork, Job], None]


def _nothing(_uow: UnitOfWork, _job: Job) -> None:
    """A computation of needs that stopped leaves the stored state as it was; a try's job keeps all there is."""


_ON_DONE: Mapping[str, Effect] = {
    NEEDS: apply_needs,
    CLEARING: apply_clearing,
    TRY: _nothing,
    MATCHING: apply_matching,
    WHAT_IF: _nothing,
}
_ON_STOPPED: Mapping[str, Effect] = {
    NEEDS: _nothing,
    CLEARING: clearing_stopped,
    TRY: _nothing,
    MATCHING: _nothing,
    WHAT_IF: _nothing,
}


def start(uow: UnitOfWork, _principal: Principal, command: StartJob) -> Job:
    """The worker takes a queued job; a matching takes the book as it is now, and fails where there is no case.

    Raises:
        Refused: `wrong_state` when it is taken or cancelled.
    """
    job = uow.get(Job, command.job_id)
    if job.kind != MATCHING or job.state is not JobState.QUEUED:
        return move(uow, job, "start")
    try:
        return move(uow, filled(uow, job), "start")
    except Refused as refused:
        move(uow, job, "start")
        sentences = " ".join(finding.sentence for finding in refused.findings)
        return move(uow, uow.get(Job, job.id), "fail", error=sentences)


def report(uow: UnitOfWork, _principal: Principal, command: ReportProgress) -> Job:
    """How far a running job is. Raises `Refused`: `wrong_state` when it no longer runs."""
    job = uow.get(Job, command.job_id)
    if job.state is not JobState.RUNNING:
        raise refuse("wrong_state", "job_id", f"The job is {job.state.value}.")
    progress = min(1.0, max(0.0, command.progress))
    reported = replace(job, stage=command.stage, progress=progress)
    uow.save(reported)
    uow.record(changed(reported))
    return reported


def requeue(uow: UnitOfWork, _principal: Principal, command: RequeueJob) -> Job:
    """A running job whose worker is gone is queued again. Raises `Refused`: `wrong_state`."""
    return move(uow, uow.get(Job, command.job_id), "requeue")


def apply(uow: UnitOfWork, _principal: Principal, command: ApplyJob) -> Job:
    """Take over a job's outcome. For a job that no longer runs (cancelled meanwhile) it is dropped."""
    job = uow.get(Job, command.job_id)
    if job.state is not JobState.RUNNING:
        return job
    if not command.succeeded:
        failed = move(uow, job, "fail", stage=job.stage, error=command.error)
        _ON_STOPPED[job.kind](uow, failed)
        toolkit_failed(uow, failed)
        return failed
    done = move(uow, job, "finish", result=command.result)
    _ON_DONE[job.kind](uow, done)
    return done


def cancel(uow: UnitOfWork, principal: Principal, command: CancelJob) -> Job:
    """The FMO or the job's owner cancels it. Raises `Refused`: `not_yours`, `wrong_state` when it is finished."""
    job = uow.get(Job, command.job_id)
    if principal.role is not Role.FMO and job.owner_id != principal.party_id:
        raise refuse("not_yours", "job_id", "The job belongs to another participant.")
    cancelled = move(uow, job, "cancel", stage=job.stage, error=CANCELLED)
    _ON_STOPPED[job.kind](uow, cancelled)
    return cancelled
