"""How the machinery is doing: jobs, toolkits, gates, and the server's own signs of life."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from statistics import median

from app.bridge.work import TOOLKITS
from app.queries import models as q
from app.vitals import AuditReport, Health
from domain.errors import refuse
from domain.flexibility.grids import Job
from domain.flexibility.market import Gate, MarketSession
from domain.flexibility.operation import JobRun, ToolkitWatch, toolkit_words
from domain.ids import JobId, PartyId, RegionId
from domain.lifecycle import JobState
from domain.parties import Party, Principal, Region
from domain.ports import UnitOfWork

Runs = Mapping[JobId, JobRun]


def get_health(
    uow: UnitOfWork, _principal: Principal, query: q.GetHealth, health: Health | None = None
) -> q.HealthView:
    """Everything of the health page in one answer."""
    jobs = sorted(uow.find_bare(Job), key=lambda job: (job.submitted_at, job.id), reverse=True)
    runs = {run.id: run for run in uow.find(JobRun)}
    parties = {party.id: party for party in uow.find(Party)}
    regions = {region.id: region for region in uow.find(Region)}
    watches = {watch.id: watch for watch in uow.find(ToolkitWatch)}
    return q.HealthView(
        vitals=None if health is None else health.vitals(),
        market_now=uow.market,
        jobs=tuple(
            _job_line(job, runs.get(job.id), regions[job.region_id], parties.get(job.owner_id), uow.wall)
            for job in jobs[: max(query.limit, 0)]
        ),
        toolkits=tuple(
            _toolkit(kind, [job for job in jobs if job.kind == kind], runs, watches.get(kind), parties)
            for kind in TOOLKITS
        ),
        late_gates=_late_gates(uow, regions),
        dead_letters=uow.letters.dead(),
    )


def check_audit(
    _uow: UnitOfWork, _principal: Principal, _query: q.CheckAudit, health: Health | None = None
) -> AuditReport:
    """Raises `Refused`: `no_result` where no server runs."""
    if health is None:
        raise refuse("no_result", "", "Only a running server verifies its trail here; use `launch.py db verify`.")
    return health.check_audit()


def _job_line(job: Job, run: JobRun | None, region: Region, owner: Party | None, now: datetime) -> q.JobLine:
    return q.JobLine(
        job=job,
        region=region,
        owner=owner.name if owner else str(job.owner_id),
        started_at=run.started_at if run else None,
        finished_at=run.finished_at if run else None,
        seconds=_seconds(run, now if job.state is JobState.RUNNING else None),
    )


def _seconds(run: JobRun | None, now: datetime | None = None) -> float | None:
    """How long a job ran; None before its start, and where it was queued again."""
    end = None if run is None else run.finished_at or now
    return None if run is None or end is None else (end - run.started_at).total_seconds()


def _toolkit(
    kind: str, jobs: Iterable[Job], runs: Runs, watch: ToolkitWatch | None, parties: Mapping[PartyId, Party]
) -> q.ToolkitRow:
    """jobs : of this kind."""
    jobs = list(jobs)
    over = [job for job in jobs if job.state in (JobState.DONE, JobState.FAILED)]
    ended = sorted(over, key=lambda job: _end(job, runs), reverse=True)
    done = [job for job in ended if job.state is JobState.DONE]
    failed = [job for job in ended if job.state is JobState.FAILED]
    in_a_row = next((n for n, job in enumerate(ended) if job.state is JobState.DONE), len(ended))
    took = [seconds for job in done if (seconds := _seconds(runs.get(job.id))) is not None]
    running = any(job.state is JobState.RUNNING for job in jobs)
    return q.ToolkitRow(
        toolkit=kind,
        words=toolkit_words(kind),
        state="running" if running else "failing" if in_a_row else "working" if done else "unused",
        n_waiting=sum(job.state is JobState.QUEUED for job in jobs),
        n_done=len(done),
        n_failed=len(failed),
        failures_in_a_row=in_a_row,
        last_success_at=_end(done[0], runs) if done else None,
        last_failure_at=_end(failed[0], runs) if failed else None,
        last_error=failed[0].error if failed else "",
        typical_seconds=median(took) if took else None,
        answers=parties.get(watch.party_id) if watch else None,
        note=watch.note if watch else "",
    )


def _end(job: Job, runs: Runs) -> datetime:
    """When it ended; a job from before ends were kept counts by when it was submitted."""
    return (runs[job.id].finished_at if job.id in runs else None) or job.submitted_at


def _late_gates(uow: UnitOfWork, regions: Mapping[RegionId, Region]) -> tuple[q.LateGate, ...]:
    late = [gate for gate in uow.find(Gate, done=False) if gate.due_at <= uow.market]
    ids = tuple({gate.session_id for gate in late})
    sessions = {session.id: session for session in uow.find(MarketSession, id=ids)} if ids else {}
    rows = [
        q.LateGate(
            gate=gate,
            region=regions[sessions[gate.session_id].region_id],
            late_s=(uow.market - gate.due_at).total_seconds(),
        )
        for gate in late
    ]
    return tuple(sorted(rows, key=lambda row: -row.late_s))
