"""A session's room: the session, its book, its clearing and its result, as the market operator sees them."""

from __future__ import annotations

from collections.abc import Mapping

import param

from app.queries.models import (
    GetGrid,
    GetNodalPrices,
    GetResult,
    GetShell,
    GridView,
    ListAssets,
    ListJobs,
    ListOffers,
    ListParties,
    ListPrices,
    ListRequests,
    ListSessions,
    NodalPrices,
    OfferRow,
    ResultView,
    SessionRow,
    ShellView,
)
from domain.commands import CancelJob, PassGate, RetryClearing, SetClearingRules
from domain.errors import Refused
from domain.flexibility.assets import FlexAsset
from domain.flexibility.grids import Job
from domain.flexibility.market import FlexRequest, Gate, GateKind, PriceKind
from domain.flexibility.rules import ClearingRules
from domain.ids import AssetId, PartyId
from domain.lifecycle import JobState, SessionState
from domain.parties import Party
from views.state.door import Door
from views.state.sessions import gate_of

GATE_TO_PASS: Mapping[SessionState, GateKind] = {
    SessionState.PLANNED: GateKind.OPEN,
    SessionState.OPEN: GateKind.CLOSE,
    SessionState.CLEARED: GateKind.PUBLISH,
}
RULES_OPEN = (SessionState.PLANNED, SessionState.OPEN)
HAS_RESULT = (SessionState.CLEARED, SessionState.PUBLISHED)
_UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


class SessionRoom(param.Parameterized):
    """What the room shows. Its parameters are its permalink."""

    id = param.String(default="")
    tab = param.Selector(default="book", objects=["book", "rules", "result", "prices", "grid"])
    direction = param.Selector(default="down", objects=["up", "down"])
    overlay = param.Selector(default="voltage", objects=["voltage", "loading"])
    bus = param.String(default="", doc="Where prices are looked at; empty: where they are farthest from energy's")
    commodity = param.Selector(default="p", objects=["p", "q"])
    step = param.Integer(default=-1, bounds=(-1, 99), doc="-1: the step where most is asked or offered")

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.row: SessionRow | None = None
        self.offers: tuple[OfferRow, ...] = ()
        self.requests: tuple[FlexRequest, ...] = ()
        self.result: ResultView | None = None
        self.job: Job | None = None
        self.grid: GridView | None = None
        self.prices: NodalPrices | None = None
        self.has_day_ahead = False
        self.assets: Mapping[AssetId, FlexAsset] = {}
        self.parties: Mapping[PartyId, Party] = {}
        self._day_of: tuple[str, SessionState] | None = None

    def refresh(self) -> None:
        """Ask again for everything shown; an unknown id leaves `row` None, no id takes the first session."""
        rows = self._door.ask(ListSessions())
        if not self.id and rows:
            self.id = rows[0].session.id
        self.row = next((row for row in rows if row.session.id == self.id), None)
        if self.row is None:
            return
        session = self.row.session
        self.offers = self._door.ask(ListOffers(session_id=session.id))
        self.requests = self._door.ask(ListRequests(session_id=session.id))
        self.assets = {a.id: a for a in self._door.ask(ListAssets(region_id=session.region_id))}
        self.parties = {party.id: party for party in self._door.ask(ListParties())}
        self.result = self._result()
        series = self._door.ask(ListPrices(delivery_day=session.delivery_day))
        self.has_day_ahead = any(prices.kind is PriceKind.DAY_AHEAD for prices in series)
        self._refresh_day()
        self.refresh_job()

    def refresh_job(self) -> None:
        """The clearing's progress only."""
        self.job = next((job for job in self._door.ask(ListJobs()) if job.session_id == self.id), None)

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

    def _result(self) -> ResultView | None:
        try:
            return self._door.ask(GetResult(session_id=self.id))
        except Refused:
            return None

    def _nodal_prices(self) -> NodalPrices | None:
        try:
            return self._door.ask(GetNodalPrices(session_id=self.id))
        except Refused:
            return None

    def _refresh_day(self) -> None:
        """The day's state and prices are large: asked for again only when the session's state has changed them."""
        session = self.row.session
        if self._day_of == (session.id, session.state) and self.grid is not None and self.grid.before is not None:
            return
        self.grid = self._door.ask(GetGrid(region_id=session.region_id, delivery_day=session.delivery_day))
        self.prices = self._nodal_prices()
        self._day_of = (session.id, session.state)
