"""The machinery's health."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.queries.models.base import Query
from app.vitals import AuditReport, Vitals
from domain.flexibility.grids import Job
from domain.flexibility.market import Gate
from domain.notifications import DeadLetter
from domain.parties import Party, Region

__all__ = [
    "AuditReport",
    "CheckAudit",
    "GetHealth",
    "HealthView",
    "JobLine",
    "LateGate",
    "ToolkitRow",
    "Vitals",
]


@dataclass(frozen=True, kw_only=True)
class JobLine:
    """A job, without inputs and result, and when it ran, wall time; `seconds` from start to end, or until now."""

    job: Job
    region: Region
    owner: str
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None


@dataclass(frozen=True, kw_only=True)
class ToolkitRow:
    """How one kind of work is doing. `state`: `failing` when its last job failed, `working` when it succeeded,
    `running` while one runs, `unused`."""

    toolkit: str
    words: str
    state: str
    n_waiting: int
    n_done: int
    n_failed: int
    failures_in_a_row: int
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_error: str
    typical_seconds: float | None
    """Median over the jobs that succeeded."""
    answers: Party | None
    note: str


@dataclass(frozen=True, kw_only=True)
class LateGate:
    """A gate that is due on the market clock and not passed."""

    gate: Gate
    region: Region
    late_s: float


@dataclass(frozen=True, kw_only=True)
class HealthView:
    """`vitals` is None where no server runs, as on the command line. Jobs newest first."""

    vitals: Vitals | None
    market_now: datetime
    jobs: tuple[JobLine, ...]
    toolkits: tuple[ToolkitRow, ...]
    late_gates: tuple[LateGate, ...]
    dead_letters: tuple[DeadLetter, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GetHealth(Query[HealthView]):
    limit: int = 200


@dataclass(frozen=True, kw_only=True)
class CheckAudit(Query[AuditReport]):
    """Verify the audit trail now. It reads every row: seconds for a large trail."""
