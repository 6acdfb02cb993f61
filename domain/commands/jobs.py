"""Long work."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.base import Command
from domain.ids import JobId


@dataclass(frozen=True, kw_only=True)
class ApplyJob(Command):
    """Market: take over the result of a finished job."""

    job_id: JobId
    succeeded: bool
    result: bytes = b""
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class StartJob(Command):
    """Market: the worker takes a queued job."""

    job_id: JobId


@dataclass(frozen=True, kw_only=True)
class ReportProgress(Command):
    """Market: how far a running job is, `progress` from 0 to 1; at most once a second."""

    job_id: JobId
    stage: str
    progress: float


@dataclass(frozen=True, kw_only=True)
class RequeueJob(Command):
    """Market: a job whose worker is gone is queued again."""

    job_id: JobId


@dataclass(frozen=True, kw_only=True)
class CancelJob(Command):
    job_id: JobId
