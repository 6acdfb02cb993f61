"""What the app bar shows of the market beside the clock: alarms, own jobs, and what a search found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.queries.models import Hit, ShellView
from domain.flexibility.grids import Job
from domain.lifecycle import JobState
from domain.parties import Principal, Role
from views.shell import AlarmsModel, Found, JobLine
from views.state.common import local
from views.state.finding import link

ALARMS_OF_ROLE: Mapping[Role, str] = {Role.DSO: "/dso"}
"""The page that lists the role's alarms."""
JOBS_SHOWN = 8
JOB_TITLES: Mapping[str, str] = {"clearing": "Clearing", "needs": "Needs of the day"}
_UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


def alarms(view: ShellView) -> AlarmsModel | None:
    """None for roles without an alarm list."""
    path = ALARMS_OF_ROLE.get(view.principal.role)
    return None if path is None else AlarmsModel(count=view.n_alarms, path=path)


def job_lines(jobs: Sequence[Job], principal: Principal, regions: Mapping[str, str]) -> tuple[JobLine, ...]:
    """Own jobs, newest first; `regions`: name by id."""
    own = [job for job in jobs if job.owner_id == principal.party_id]
    return tuple(_line(job, regions) for job in own[:JOBS_SHOWN])


def _line(job: Job, regions: Mapping[str, str]) -> JobLine:
    what = JOB_TITLES.get(job.kind, job.kind.replace("_", " ").capitalize())
    return JobLine(
        id=job.id,
        title=f"{what}, {regions.get(job.region_id, job.region_id)}, {job.delivery_day:%d.%m.%Y}",
        at=local(job.submitted_at, "%d %b %H:%M"),
        state=job.state.value,
        stage=job.stage or job.error,
        progress=job.progress,
        ends=job.state in _UNFINISHED,
    )


def found(hits: Sequence[Hit], role: Role) -> list[Found]:
    """The hits that the role has a page for."""
    linked = [(hit, link(hit, role)) for hit in hits]
    return [Found(kind=hit.kind.value, label=hit.label, note=hit.note, href=href) for hit, href in linked if href]
