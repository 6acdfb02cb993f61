"""Gates, clearings, calls, jobs and the demo's clock."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Query, Response

from app.queries.models import AwardRow, GetJob, GetJobDocument, GetShell, JobPart, ListActivations, ListJobs
from app.rest import operation_schemas as s
from app.rest.access import Caller, FromCaller
from app.rest.fields import Id
from app.rest.market_schemas import AwardOut
from app.rest.media import JSON
from app.rest.paging import FromPager, Listing, only
from app.rest.schemas import Page, Paging, ReasonIn
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
from domain.commands import (
    AcknowledgeActivation,
    CancelJob,
    ClockAction,
    MoveClock,
    MoveToDayEnd,
    MoveToGate,
    PassGate,
    RefuseActivation,
    RetryClearing,
)
from domain.errors import refuse
from domain.flexibility.grids import Job
from domain.flexibility.market import Activation, MarketSession
from domain.ids import ActivationId, GateId, JobId, RegionId, SessionId
from domain.lifecycle import JobState

router = APIRouter(route_class=StrictRoute, tags=["operation"])
PathId = Annotated[Id, Path()]
CALLED = Listing(s.CalledOut)
JOBS = Listing(s.JobOut, "-submitted_at,-id", by=("kind", "region_id", "delivery_day"))
DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The document.", "content": {JSON: {"schema": {"type": "object"}}}}
}


@router.post("/gates/{gate_id}/pass", status_code=204)
def pass_gate(caller: FromCaller, gate_id: PathId) -> None:
    """FMO: pass the session's next gate before it is due."""
    caller.execute(PassGate(gate_id=GateId(gate_id)))


@router.post("/sessions/{session_id}/clearing", status_code=202)
def retry_clearing(caller: FromChanger, session_id: PathId, response: Response) -> s.JobOut:
    """FMO: clear a session again whose clearing did not succeed; follow it under `/jobs`."""
    command = RetryClearing(session_id=SessionId(session_id))
    session = cast(MarketSession, caller.change(command, MarketSession, id=command.session_id))
    if session.job_id is None:
        raise refuse("no_result", "session_id", session.reason or "There is nothing to clear.")
    response.headers["Location"] = f"/api/v1/jobs/{session.job_id}"
    return s.JobOut.model_validate(caller.query(GetJob(job_id=session.job_id)).job)


@router.get("/activations")
def list_activations(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[s.CalledOut]:
    """Own awards with their calls, from publication on."""
    return pager.page(CALLED, where, caller.query(ListActivations()), _called)


def _called(row: AwardRow) -> s.CalledOut:
    return s.CalledOut(
        award=AwardOut.model_validate(row.award),
        accepted_mwh=row.accepted_mwh,
        activation=s.ActivationOut.model_validate(row.activation) if row.activation else None,
    )


@router.get("/activations/{activation_id}")
def get_activation(caller: FromCaller, activation_id: PathId, response: Response) -> s.ActivationOut:
    """Owner: one call."""
    calls = tuple(row.activation for row in caller.query(ListActivations()) if row.activation)
    call = only(calls, "activation_id", lambda row: row.id == activation_id)
    tag(response, call.version)
    return s.ActivationOut.model_validate(call)


@router.post("/activations/{activation_id}/acknowledge")
def acknowledge_activation(caller: FromChanger, activation_id: PathId) -> s.ActivationOut:
    """Owner: the award will be delivered."""
    command = AcknowledgeActivation(activation_id=ActivationId(activation_id))
    return s.ActivationOut.model_validate(caller.change(command, Activation, id=command.activation_id))


@router.post("/activations/{activation_id}/refuse")
def refuse_activation(caller: FromChanger, activation_id: PathId, body: ReasonIn) -> s.ActivationOut:
    """Owner: the award will not be delivered, and why."""
    command = RefuseActivation(activation_id=ActivationId(activation_id), reason=body.reason)
    return s.ActivationOut.model_validate(caller.change(command, Activation, id=command.activation_id))


@router.get("/jobs")
def list_jobs(caller: FromCaller, pager: FromPager, where: Annotated[s.JobFilter, Query()]) -> Page[s.JobOut]:
    """Long work, newest first: the FMO all, others their own."""
    query = ListJobs(
        kind=where.kind,
        state=JobState(where.state) if where.state else None,
        region_id=RegionId(where.region_id) if where.region_id else None,
        delivery_day=where.delivery_day,
        session_id=SessionId(where.session_id) if where.session_id else None,
        part=pager.part(JOBS, where),
    )
    return pager.cut(JOBS, where, caller.query(query), s.JobOut.model_validate)


@router.get("/jobs/{job_id}")
def get_job(caller: FromCaller, job_id: PathId, response: Response) -> s.JobRunOut:
    """One job: how far it is, and when it ran."""
    view = caller.query(GetJob(job_id=JobId(job_id)))
    tag(response, view.job.version)
    return s.JobRunOut(
        **dict(s.JobOut.model_validate(view.job)),
        started_at=view.run.started_at if view.run else None,
        finished_at=view.run.finished_at if view.run else None,
    )


@router.get("/jobs/{job_id}/inputs", response_class=Response, responses=DOCUMENT)
def get_job_inputs(caller: FromCaller, job_id: PathId) -> Response:
    """What a job was given, as it was given it."""
    return _document(caller, job_id, JobPart.INPUTS)


@router.get("/jobs/{job_id}/result", response_class=Response, responses=DOCUMENT)
def get_job_result(caller: FromCaller, job_id: PathId) -> Response:
    """What a job found: `facts`, and `series` of numbers over quarter hours and elements."""
    return _document(caller, job_id, JobPart.RESULT)


def _document(caller: Caller, job_id: str, part: JobPart) -> Response:
    return Response(caller.query(GetJobDocument(job_id=JobId(job_id), part=part)), media_type=JSON)


@router.post("/jobs/{job_id}/cancel")
def cancel_job(caller: FromChanger, job_id: PathId) -> s.JobOut:
    """Owner, FMO: stop a job that waits or runs."""
    command = CancelJob(job_id=JobId(job_id))
    return s.JobOut.model_validate(caller.change(command, Job, id=command.job_id))


@router.get("/clock")
def get_clock(caller: FromCaller) -> s.ClockOut:
    """The market clock."""
    return _clock(caller)


@router.put("/clock")
def move_clock(caller: FromCaller, body: s.ClockIn) -> s.ClockOut:
    """FMO, demo only: run at `speed`, or pause."""
    caller.execute(MoveClock(action=ClockAction(body.action), speed=float(body.speed)))
    return _clock(caller)


@router.post("/clock/gate")
def move_to_gate(caller: FromCaller, body: s.GateIn) -> s.ClockOut:
    """FMO, demo only: move the clock on to a gate; twice is the same as once."""
    caller.execute(MoveToGate(gate_id=GateId(body.gate_id)))
    return _clock(caller)


@router.post("/clock/day-end")
def move_to_day_end(caller: FromCaller, body: s.SessionRefIn) -> s.ClockOut:
    """FMO, demo only: move the clock on to the end of a published session's delivery day."""
    caller.execute(MoveToDayEnd(session_id=SessionId(body.session_id)))
    return _clock(caller)


def _clock(caller: FromCaller) -> s.ClockOut:
    shell = caller.query(GetShell())
    return s.ClockOut(market_time=shell.market_now, speed=shell.clock.speed, movable=shell.clock.movable)
