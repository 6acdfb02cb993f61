"""A market session as the desks tell it: its steps and the countdown to what comes next."""

from __future__ import annotations

from datetime import datetime

from app.queries.models import SessionRow
from domain.flexibility.market import GateKind
from domain.lifecycle import SessionState as S
from views.state.common import local, utc
from views.state.sessions import next_gate
from views.widgets.steps import SessionSteps, Step, StepMark

# Marks of: opens, gate closes, clearing, cleared, published.
_MARKS: dict[S, tuple[StepMark, StepMark, StepMark, StepMark, StepMark]] = {
    S.PLANNED: ("later", "later", "later", "later", "later"),
    S.OPEN: ("now", "later", "later", "later", "later"),
    S.CLEARING: ("done", "done", "now", "later", "later"),
    S.NOT_CLEARED: ("done", "done", "failed", "later", "later"),
    S.CLEARED: ("done", "done", "done", "now", "later"),
    S.PUBLISHED: ("done", "done", "done", "done", "now"),
}
_CLEARING_WORDS: dict[S, str] = {S.CLEARING: "running", S.NOT_CLEARED: "not cleared"}

GATE_WORDS: dict[GateKind, str] = {
    GateKind.OPEN: "until it opens",
    GateKind.CLOSE: "until the gate closes",
    GateKind.PUBLISH: "until publication",
}


def session_steps(row: SessionRow, href: str = "") -> SessionSteps:
    """The session's row of steps with the countdown to what comes next."""
    session = row.session
    opens, gate, clearing, cleared, published = _MARKS[session.state]
    ahead = next_gate(row.gates)
    return SessionSteps(
        title=row.region.name,
        note=f"Delivery {session.delivery_day:%a %d %b %Y}",
        href=href,
        steps=(
            _step("Open", opens, session.opens_at),
            _step("Gate", gate, session.gate_closes_at),
            Step(label="Clearing", state=clearing, note=_CLEARING_WORDS.get(session.state, "")),
            Step(label="Cleared", state=cleared),
            _step("Published", published, session.publishes_at),
        ),
        due_at=None if ahead is None else ahead.due_at,
        due_label="" if ahead is None else GATE_WORDS[ahead.kind],
    )


def _step(label: str, state: StepMark, at: datetime) -> Step:
    return Step(label=label, state=state, note=local(at), hover=utc(at))
