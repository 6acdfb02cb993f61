"""Bodies and answers of gates, calls, jobs and the clock."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from app.rest.fields import Day, Exact, Id, In, Instant, Out
from app.rest.market_schemas import AwardOut
from app.rest.schemas import Paging

MOST_JOBS = 1000
JobState = Literal["queued", "running", "done", "failed", "cancelled"]


class ActivationOut(Out):
    """The call of an award: change `p_mw` [n_steps], up positive, MW (Mvar of a commodity Q)."""

    id: str
    award_id: str
    session_id: str
    region_id: str
    party_id: str
    asset_id: str
    commodity: str
    p_mw: list[Exact]
    state: str
    reason: str


class CalledOut(Out):
    """An award with its call."""

    award: AwardOut
    accepted_mwh: Exact
    activation: ActivationOut | None


class JobFilter(Paging):
    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] | None = None
    state: JobState | None = None
    region_id: Id | None = None
    delivery_day: Day | None = None
    session_id: Id | None = None


class JobOut(Out):
    """Long work on a region's day: `progress` from 0 to 1 within all of its stages."""

    id: str
    kind: str
    owner_id: str
    region_id: str
    delivery_day: Day
    session_id: str | None
    submitted_at: Instant
    state: str
    stage: str
    progress: float
    error: str


class JobRunOut(JobOut):
    """A job and when it ran, wall time; null before its start or end."""

    started_at: Instant | None
    finished_at: Instant | None


class ClockIn(In):
    action: Literal["run", "pause"]
    speed: Exact = Decimal(1)


class GateIn(In):
    gate_id: Id


class SessionRefIn(In):
    session_id: Id


class ClockOut(Out):
    market_time: Instant
    speed: float
    movable: bool
