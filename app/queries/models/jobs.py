"""One job with its run and its documents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.queries.models.base import Query
from domain.flexibility.grids import Job
from domain.flexibility.operation import JobRun
from domain.ids import JobId


@dataclass(frozen=True, kw_only=True)
class JobView:
    """A job without inputs and result; `run` is None before its first start."""

    job: Job
    run: JobRun | None


@dataclass(frozen=True, kw_only=True)
class GetJob(Query[JobView]):
    """FMO: any; others: their own."""

    job_id: JobId


class JobPart(StrEnum):
    INPUTS = "inputs"
    RESULT = "result"


@dataclass(frozen=True, kw_only=True)
class GetJobDocument(Query[str]):
    """What a job was given, or what it found, as JSON. FMO: any; others: their own."""

    job_id: JobId
    part: JobPart
