"""A session's room: the session, its book, its clearing and its result, as the market operator sees them."""

from __future__ import annotations

from collections.abc import Mapping

import param

from app.queries.models import (
    DepthView,
    GetDepth,
    GetRelief,
    GetShell,
    ListJobs,
    ListPrices,
    ListRequests,
    Relief,
    ShellView,
)
from domain.commands import CancelJob, PassGate, RetryClearing, SetClearingRules
from domain.errors import Refused
from domain.flexibility.commodity import Commodity
from domain.flexibility.grids import Job
from domain.flexibility.market import FlexRequest, Gate, GateKind, PriceKind
from domain.flexibility.rules import ClearingRules
from domain.flexibility.trading import is_continuous
from domain.ids import SessionId
from domain.lifecycle import JobState, SessionState
from views.state.common import sentence
from views.state.door import Door
from views.state.session_result import ResultRoom
from views.state.sessions import gate_of

GATE_TO_PASS: Mapping[SessionState, GateKind] = {
    SessionState.PLANNED: GateKind.OPEN,
    SessionState.OPEN: GateKind.CLOSE,
    SessionState.CLEARED: GateKind.PUBLISH,
}
RULES_OPEN = (SessionState.PLANNED, SessionState.OPEN)
CLEARING = "clearing"
"""The kind of job that the market's own clearing is."""
_UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


class SessionRoom(ResultRoom):
    """What the room shows beside the result. Its parameters are its permalink."""

    tab = param.Selector(default="book", objects=["book", "rules", "result", "prices", "grid"])
    power = param.Selector(default="P", objects=["P", "Q"], doc="commodity of the merit order")
    direction = param.Selector(default="down", objects=["up", "down"])
    by = param.Selector(default="price", objects=["price", "relief"], doc="what the merit order is by")
    limit = param.String(default="", doc="the element whose relief is looked at")
    request = param.String(default="", doc="the request chosen in the book; empty: none")
    overlay = param.Selector(default="voltage", objects=["voltage", "loading"])

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self.requests: tuple[FlexRequest, ...] = ()
        self.job: Job | None = None
        self.has_day_ahead = False

    def default_id(self) -> str:
        """The first session."""
        return self.rows[0].session.id if self.rows else ""

    def refresh(self) -> None:
        """Ask again for everything shown; an unknown id leaves `row` None, no id takes the first session."""
        super().refresh()
        if self.row is None:
            return
        session = self.row.session
        self.requests = self._door.ask(ListRequests(session_id=session.id))
        series = self._door.ask(ListPrices(delivery_day=session.delivery_day))
        self.has_day_ahead = any(prices.kind is PriceKind.DAY_AHEAD for prices in series)
        self.refresh_job()

    def refresh_job(self) -> None:
        """The clearing's progress only."""
        jobs = (job for job in self._door.ask(ListJobs()) if job.session_id == self.id and job.kind == CLEARING)
        self.job = next(jobs, None)

    def ask_relief(self) -> Relief | str:
        """Cost of relief by every line of the book, or why there is none; for a thread of its own."""
        try:
            return self._door.ask(GetRelief(session_id=SessionId(self.id))).relief
        except Refused as refused:
            return sentence(refused)

    @property
    def is_continuous(self) -> bool:
        """Whether orders are matched as they come."""
        return self.row is not None and is_continuous(self.row.session)

    def ask_depth(self) -> DepthView | None:
        """The anonymous book of the power looked at; None before the session opens. For a thread of its own."""
        try:
            return self._door.ask(GetDepth(session_id=SessionId(self.id), commodity=Commodity(self.power)))
        except Refused:
            return None

    def shell(self) -> ShellView:
        return self._door.ask(GetShell())

    def gate_to_pass(self) -> Gate | None:
        """The gate that moves the session on by hand; None while it clears, has failed or is published."""
        if self.row is None or self.row.session.state not in GATE_TO_PASS:
            return None
        return gate_of(self.row.gates, GATE_TO_PASS[self.row.session.state])

    def pass_gate(self, gate: Gate) -> None:
        """Raises `Refused` when somebody was faster."""
        self._door.do(PassGate(gate_id=gate.id))

    def can_set_rules(self) -> bool:
        """Until the gate closes."""
        return self.row is not None and self.row.session.state in RULES_OPEN

    def set_rules(self, rules: ClearingRules) -> None:
        """Raises `Refused` when they do not go together or the gate has closed."""
        command = SetClearingRules(
            session_id=self.id, clearing=rules.clearing, payment=rules.payment, energy=rules.energy
        )
        self._door.do(command)

    def retry(self) -> None:
        self._door.do(RetryClearing(session_id=self.id))

    def cancel_job(self) -> None:
        if self.job is not None:
            self._door.do(CancelJob(job_id=self.job.id))
