"""Bodies and answers of clearings that are tried and compared, and of the machinery's health."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.rest.fields import Day, Exact, Filter, Id, In, Instant, Out
from app.rest.operation_schemas import MOST_JOBS, JobOut
from app.rest.schemas import Clearing, Energy, Paging, Payment


class ClearingFilter(Paging):
    delivery_day: Day | None = None
    region_id: Id | None = None
    session_id: Id | None = None


class ClearingOut(Out):
    """A clearing of a session's book: `kind` `market` (its `id` is the session's) or `try`; `book` `closed` is the
    one that the gate closed, `open` what stood in it before."""

    id: str
    kind: str
    session_id: str
    region_id: str
    delivery_day: Day
    clearing: Clearing
    payment: Payment
    energy: Energy
    book: str
    asked_at: Instant
    job: JobOut


class ComparisonFilter(Filter):
    left: Id
    right: Id


class FigureOut(Out):
    """One figure of both sides; `difference` is right less left."""

    key: str
    group: str
    label: str
    unit: str
    left: Exact | None
    right: Exact | None
    difference: Exact | None


class PaidOut(Out):
    """What a participant gets (positive) or pays, EUR."""

    party_id: str
    name: str
    left_eur: Exact | None
    right_eur: Exact | None
    difference_eur: Exact


class ComparisonOut(Out):
    """Two clearings side by side; `notes` say what is unlike beside the rules."""

    left: ClearingOut
    right: ClearingOut
    notes: list[str]
    figures: list[FigureOut]
    payments: list[PaidOut]


class AssignIn(In):
    party_id: Id
    note: Annotated[str, Field(max_length=400)] = ""


class AnswersOut(Out):
    toolkit: str
    party_id: str
    note: str


class HealthFilter(Filter):
    limit: Annotated[int, Field(ge=1, le=MOST_JOBS)] = 200


class JobLineOut(Out):
    """A job and when it ran, wall time."""

    job: JobOut
    started_at: Instant | None
    finished_at: Instant | None
    seconds: float | None


class ToolkitOut(Out):
    """How one kind of work is doing, and who answers for it."""

    toolkit: str
    words: str
    state: str
    n_waiting: int
    n_done: int
    n_failed: int
    failures_in_a_row: int
    last_success_at: Instant | None
    last_failure_at: Instant | None
    last_error: str
    typical_seconds: float | None
    party_id: str | None
    note: str


class AuditOut(Out):
    """`first_broken`: sequence of the first audit row that does not hold, null when all do."""

    n_rows: int
    first_broken: int | None
    holds: bool
    checked_at: Instant
    seconds: float


class VitalsOut(Out):
    """The server's signs of life, wall time."""

    now: Instant
    started_at: Instant
    beat_at: Instant | None
    beat_every_s: float | None
    beat_late: bool
    worker_alive: bool
    database_bytes: int
    n_audit_rows: int
    n_waiting: int
    waiting_since: Instant | None
    audit: AuditOut | None
    versions: dict[str, str]


class LateGateOut(Out):
    """A gate that is due on the market clock and not passed."""

    gate_id: str
    session_id: str
    region_id: str
    kind: str
    due_at: Instant
    late_s: float


class DeadLetterOut(Out):
    """An event that nobody could be told of; `error` is what the last try said."""

    id: str
    event: str
    error: str
    market_at: Instant


class HealthOut(Out):
    """`vitals` and `open_pages`, the desks' documents alive, are null where no server runs behind this."""

    vitals: VitalsOut | None
    open_pages: int | None
    market_now: Instant
    toolkits: list[ToolkitOut]
    late_gates: list[LateGateOut]
    dead_letters: list[DeadLetterOut]
    jobs: list[JobLineOut]
