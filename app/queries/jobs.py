"""One job: when it ran, what it was given and what it found."""

from __future__ import annotations

from app.bridge.documents import result_document
from app.queries import models as q
from domain.errors import refuse
from domain.flexibility.grids import Job
from domain.flexibility.operation import JobRun
from domain.ids import JobId
from domain.lifecycle import JobState
from domain.parties import Principal, Role
from domain.ports import UnitOfWork


def get_job(uow: UnitOfWork, principal: Principal, query: q.GetJob) -> q.JobView:
    """Raises `Refused`: `not_found`, also for another's."""
    job = _seen(uow.find_bare(Job, id=query.job_id), principal)
    runs = uow.find(JobRun, id=job.id)
    return q.JobView(job=job, run=runs[0] if runs else None)


def get_job_document(uow: UnitOfWork, principal: Principal, query: q.GetJobDocument) -> str:
    """Raises `Refused`: `not_found`, also for another's; `no_result` before the job is done."""
    job = _seen(uow.find_bare(Job, id=query.job_id), principal)
    if query.part is q.JobPart.INPUTS:
        return _whole(uow, job.id).inputs.decode()
    if job.state is not JobState.DONE:
        raise refuse("no_result", "job_id", f"The job is {job.state.value}; there is a result once it is done.")
    return result_document(_whole(uow, job.id).result)


def _seen(found: tuple[Job, ...], principal: Principal) -> Job:
    """The FMO all, others their own."""
    for job in found:
        if principal.role is Role.FMO or job.owner_id == principal.party_id:
            return job
    raise refuse("not_found", "job_id", "There is no such job.")


def _whole(uow: UnitOfWork, job_id: JobId) -> Job:
    return uow.get(Job, job_id)
