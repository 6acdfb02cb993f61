"""Gates, clearings, calls, jobs and the demo's clock."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.queries.models import GetShell, ListActivations, ListJobs
from app.rest import operation_schemas as s
from app.rest.access import FromCaller
from app.rest.fields import Id
from app.rest.market_schemas import AwardOut
from app.rest.schemas import Items, ReasonIn
from app.rest.strict import StrictRoute
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
from domain.ids import ActivationId, GateId, JobId, SessionId

router = APIRouter(route_class=StrictRoute, tags=["operation"])
PathId = Annotated[Id, Path()]


@router.post("/gates/{gate_id}/pass", status_code=204)
def pass_gate(caller: FromCaller, gate_id: PathId) -> None:
    """FMO: pass the session's next gate before it is due."""
    caller.execute(PassGate(gate_id=GateId(gate_id)))


@router.post("/sessions/{session_id}/clearing", status_code=202)
def retry_clearing(caller: FromCaller, session_id: PathId) -> None:
    """FMO: clear a session again whose clearing did not succeed; follow it under `/jobs`."""
    caller.execute(RetryClearing(session_id=SessionId(session_id)))


@router.get("/activations")
def list_activations(caller: FromCaller) -> Items[s.CalledOut]:
    """Own awards with their calls, from publication on."""
    rows = caller.query(ListActivations())
    return Items(
        items=[
            s.CalledOut(
                award=AwardOut.model_validate(row.award),
                accepted_mwh=row.accepted_mwh,
                activation=s.ActivationOut.model_validate(row.activation) if row.activation else None,
            )
            for row in rows
        ]
    )


@router.post("/activations/{activation_id}/acknowledge")
def acknowledge(caller: FromCaller, activation_id: PathId) -> s.ActivationOut:
    """Owner: the award will be delivered."""
    command = AcknowledgeActivation(activation_id=ActivationId(activation_id))
    return s.ActivationOut.model_validate(caller.execute(command))


@router.post("/activations/{activation_id}/refuse")
def refuse_activation(caller: FromCaller, activation_id: PathId, body: ReasonIn) -> s.ActivationOut:
    """Owner: the award will not be delivered, and why."""
    command = RefuseActivation(activation_id=ActivationId(activation_id), reason=body.reason)
    return s.ActivationOut.model_validate(caller.execute(command))


@router.get("/jobs")
def list_jobs(caller: FromCaller, where: Annotated[s.JobFilter, Query()]) -> Items[s.JobOut]:
    """Long work, newest first: the FMO all, others their own."""
    rows = caller.query(ListJobs(limit=where.limit))
    return Items(items=[s.JobOut.model_validate(row) for row in rows])


@router.get("/jobs/{job_id}")
def get_job(caller: FromCaller, job_id: PathId) -> s.JobOut:
    """One job."""
    for row in caller.query(ListJobs(limit=s.MOST_JOBS)):
        if row.id == job_id:
            return s.JobOut.model_validate(row)
    raise refuse("not_found", "job_id", "There is no such job.")


@router.post("/jobs/{job_id}/cancel")
def cancel_job(caller: FromCaller, job_id: PathId) -> s.JobOut:
    """Owner, FMO: stop a job that waits or runs."""
    return s.JobOut.model_validate(caller.execute(CancelJob(job_id=JobId(job_id))))


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
