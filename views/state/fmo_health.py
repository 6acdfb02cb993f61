"""The machinery's health as the market operator reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import param

from app.queries.models import (
    AuditReport,
    CheckAudit,
    GetHealth,
    HealthView,
    JobLine,
    LateGate,
    ListParties,
    ToolkitRow,
)
from domain.commands import AssignToolkit, CancelJob, SendLetterAgain
from domain.flexibility.operation import toolkit_words
from domain.ids import JobId, LetterId, PartyId
from domain.lifecycle import JobState
from domain.notifications import DeadLetter
from domain.parties import Party, Role
from views.state.common import MISSING, local, number, short, utc
from views.state.door import Door

_UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
_ANSWERING = (Role.FMO, Role.DSO, Role.TSO)


class HealthRoom(param.Parameterized):
    """What the page shows; the toolkit looked at is its permalink."""

    toolkit = param.String(default="")

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.view: HealthView | None = None
        self.parties: tuple[Party, ...] = ()

    def ask(self) -> tuple[HealthView, tuple[Party, ...]]:
        """Everything shown; for any thread."""
        return self._door.ask(GetHealth()), self._door.ask(ListParties())

    def take(self, asked: tuple[HealthView, tuple[Party, ...]]) -> None:
        """Show what was asked."""
        self.view, self.parties = asked
        if self.toolkit not in {row.toolkit for row in self.view.toolkits}:
            ordered = sorted(self.view.toolkits, key=lambda row: row.failures_in_a_row == 0)
            self.toolkit = ordered[0].toolkit if ordered else ""

    @property
    def chosen(self) -> ToolkitRow | None:
        rows = self.view.toolkits if self.view else ()
        return next((row for row in rows if row.toolkit == self.toolkit), None)

    def answering(self) -> dict[str, str]:
        """Who may answer for a toolkit, by name."""
        fit = [party for party in self.parties if party.active and party.role in _ANSWERING]
        return {f"{party.name} ({party.role.value.upper()})": party.id for party in fit}

    def check_audit(self) -> AuditReport:
        """Verify the trail; for a thread of its own."""
        return self._door.ask(CheckAudit())

    def assign(self, toolkit: str, party_id: str, note: str) -> None:
        """Raises `Refused` with findings on `toolkit`, `party_id`, `note`."""
        self._door.do(AssignToolkit(toolkit=toolkit, party_id=PartyId(party_id), note=note))

    def send_again(self, letters: Sequence[LetterId]) -> None:
        """Raises `Refused` when somebody else has sent one again meanwhile."""
        for letter_id in letters:
            self._door.do(SendLetterAgain(letter_id=letter_id))

    def cancel(self, job_id: str) -> None:
        """Raises `Refused` when it has ended meanwhile."""
        self._door.do(CancelJob(job_id=JobId(job_id)))

    def can_cancel(self, job_id: str) -> bool:
        lines = self.view.jobs if self.view else ()
        return any(line.job.id == job_id and line.job.state in _UNFINISHED for line in lines)


def age(since: datetime | None, now: datetime) -> str:
    """How long ago, in the unit that says most: `12 s`, `4 min`, `3.5 h`, `2 d`."""
    return MISSING if since is None else duration((now - since).total_seconds())


def duration(seconds: float | None) -> str:
    """A time span in words."""
    if seconds is None:
        return MISSING
    seconds = max(seconds, 0.0)
    if seconds < 1:
        return "< 1 s"
    for limit, size, unit, places in (
        (120, 1, "s", 1),
        (7200, 60, "min", 0),
        (172800, 3600, "h", 1),
    ):
        if seconds < limit:
            return f"{number(seconds / size, places)} {unit}"
    return f"{number(seconds / 86400, 0)} d"


def toolkit_record(row: ToolkitRow) -> dict[str, Any]:
    """One kind of work; the answering participant, or that the operators are told."""
    return {
        "toolkit": row.toolkit,
        "words": row.words,
        "state": row.state,
        "waiting": str(row.n_waiting),
        "done": str(row.n_done),
        "failed": str(row.n_failed),
        "in_a_row": str(row.failures_in_a_row),
        "success": _at(row.last_success_at),
        "success_utc": _utc(row.last_success_at),
        "failure": _at(row.last_failure_at),
        "failure_utc": _utc(row.last_failure_at),
        "typical": duration(row.typical_seconds),
        "answers": row.answers.name if row.answers else "Market operator, unassigned",
        "note": row.note,
        "error": row.last_error,
    }


def job_line_record(line: JobLine, now: datetime) -> dict[str, Any]:
    """A job with its age and how long it ran."""
    job = line.job
    return {
        "id": job.id,
        "kind": toolkit_words(job.kind),
        "region": line.region.name,
        "day": f"{job.delivery_day:%d %b %Y}",
        "owner": line.owner,
        "at": local(job.submitted_at, "%d %b %H:%M:%S"),
        "at_utc": utc(job.submitted_at),
        "age": age(job.submitted_at, now),
        "took": duration(line.seconds),
        "progress": 100.0 * job.progress,
        "state": job.state.value,
        "stage": job.error or job.stage,
        "short": short(job.id),
    }


def late_record(row: LateGate) -> dict[str, Any]:
    return {
        "region": row.region.name,
        "kind": row.gate.kind.value,
        "due": local(row.gate.due_at),
        "due_utc": utc(row.gate.due_at),
        "late": duration(row.late_s),
    }


def letter_record(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "event": letter.event,
        "at": local(letter.market_at, "%d %b %H:%M:%S"),
        "at_utc": utc(letter.market_at),
        "error": letter.error,
    }


def audit_words(report: AuditReport | None) -> str:
    """What the last verification said, and when."""
    if report is None:
        return "Not verified since the server started."
    at = f"{local(report.checked_at, '%d %b %H:%M:%S')}, in {duration(report.seconds)}"
    if report.holds:
        return f"✓ All {report.n_rows:,} rows hold. Verified {at}."
    return f"▲ Row {report.first_broken:,} was changed, removed or put in. Verified {at}."


def facts(view: HealthView) -> Mapping[str, str]:
    """The server in words, with its versions."""
    vitals = view.vitals
    if vitals is None:
        return {"Server": "No server runs behind this page."}
    beat = "none yet" if vitals.beat_at is None else f"{age(vitals.beat_at, vitals.now)} ago"
    oldest = f", oldest {age(vitals.waiting_since, vitals.now)}" if vitals.waiting_since else ""
    waiting = f"{vitals.n_waiting:,}{oldest}"
    every = "" if vitals.beat_every_s is None else f", expected every {duration(vitals.beat_every_s)}"
    return {
        "Running since": f"{local(vitals.started_at)} ({age(vitals.started_at, vitals.now)})",
        "Scheduler's last beat": f"{beat}{every}",
        "Worker process": "alive" if vitals.worker_alive else "not running",
        "Events waiting in the outbox": waiting,
        "Open pages of the desks": f"{vitals.open_pages:,}",
        "Audit rows": f"{vitals.n_audit_rows:,}",
        "Database": f"{vitals.database_bytes / 1e6:,.1f} MB",
        **dict(vitals.versions),
    }


def _at(instant: datetime | None) -> str:
    return MISSING if instant is None else local(instant, "%d %b %H:%M:%S")


def _utc(instant: datetime | None) -> str:
    return "" if instant is None else utc(instant)
