"""The machinery's health in figures."""

from __future__ import annotations

from app.queries.models import HealthView
from views.state.fmo_health import age
from views.widgets import KeyFigure


def key_figures(view: HealthView) -> list[KeyFigure]:
    """Only what is wrong is coloured, with its symbol."""
    vitals = view.vitals
    failing = [row for row in view.toolkits if row.failures_in_a_row]
    unfinished = sum(row.n_waiting + (row.state == "running") for row in view.toolkits)
    first = [
        KeyFigure(
            "Toolkits failing",
            f"{len(failing)}",
            f"of {len(view.toolkits)}",
            ", ".join(row.words for row in failing),
            "critical" if failing else "normal",
        ),
        KeyFigure("Jobs under way", f"{unfinished}"),
        KeyFigure("Gates late", f"{len(view.late_gates)}", "", "", "alarm" if view.late_gates else "normal"),
    ]
    if vitals is None:
        return [*first, KeyFigure("Scheduler", "–", "", "no server")]
    broken = vitals.audit is not None and not vitals.audit.holds
    waiting = vitals.n_waiting > 0 and (vitals.now - (vitals.waiting_since or vitals.now)).total_seconds() > 10
    return [
        *first,
        KeyFigure(
            "Scheduler",
            "Late" if vitals.beat_late else "Beating",
            "",
            f"last beat {age(vitals.beat_at, vitals.now)} ago" if vitals.beat_at else "no beat yet",
            "critical" if vitals.beat_late else "normal",
        ),
        KeyFigure(
            "Worker",
            "Alive" if vitals.worker_alive else "Gone",
            "",
            "",
            "normal" if vitals.worker_alive else "critical",
        ),
        KeyFigure(
            "Outbox waiting",
            f"{vitals.n_waiting:,}",
            "events",
            _outbox_note(view),
            "alarm" if waiting or view.dead_letters else "normal",
        ),
        KeyFigure(
            "Audit trail",
            "Broken" if broken else "Holds" if vitals.audit else "–",
            "",
            f"row {vitals.audit.first_broken}"
            if broken and vitals.audit
            else ""
            if vitals.audit
            else "not verified yet",
            "critical" if broken else "normal",
        ),
        KeyFigure("Open pages", f"{vitals.open_pages:,}"),
        KeyFigure("Database", f"{vitals.database_bytes / 1e6:,.1f}", "MB"),
    ]


def _outbox_note(view: HealthView) -> str:
    """How old the oldest is that waits, and how many could not be sent."""
    vitals, n_dead = view.vitals, len(view.dead_letters)
    since = vitals.waiting_since if vitals else None
    oldest = f"oldest {age(since, vitals.now)}" if vitals and since else ""
    return ", ".join(part for part in (oldest, f"{n_dead} could not be sent" if n_dead else "") if part)
