"""What the pages of settlement show: the market operator's room, and a participant's own statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

import param

from app.queries.models import (
    ContractRow,
    DeliveryView,
    FileForm,
    GetDelivery,
    GetInvoiceFile,
    GetSettlement,
    GetShell,
    InvoiceFile,
    InvoiceRow,
    ListContracts,
    ListInvoices,
    ListSessions,
    ListStatements,
    Query,
    SessionRow,
    SettlementView,
    ShellView,
    StatementRow,
)
from domain.commands import (
    AgreeContract,
    IssueStatements,
    MoveToDayEnd,
    SettleSession,
    UploadMetering,
    ValidateStatements,
)
from domain.errors import Refused
from domain.flexibility.contracts import DeliveryRule
from domain.flexibility.reference import BaselineMethod
from domain.flexibility.settlement import LineKind
from domain.ids import AwardId, InvoiceId, PartyId, SessionId
from domain.lifecycle import SessionState, StatementState
from domain.time import DeliveryDay
from views.state.door import Door
from views.state.files import file_text
from views.state.pods import PodFacts, pod_facts

Answer = TypeVar("Answer")
AGREED = ""
"""The contract's own baseline method."""


class _Deliveries(param.Parameterized):
    """The award whose day is shown, and by which baseline method."""

    award = param.String(default="")
    method = param.Selector(default=AGREED, objects=[AGREED, *(method.value for method in BaselineMethod)])

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door

    def delivery(self, among: Sequence[str]) -> DeliveryView | None:
        """The chosen award's day, else the first's; None without awards."""
        if self.award not in among:
            self.award = among[0] if among else ""
        if not self.award:
            return None
        method = BaselineMethod(self.method) if self.method else None
        return self._seen(GetDelivery(award_id=AwardId(self.award), method=method), None)

    def file(self, invoice_id: str, form: FileForm) -> InvoiceFile:
        """Raises `Refused`."""
        return self._door.ask(GetInvoiceFile(invoice_id=InvoiceId(invoice_id), form=form))

    def _seen(self, query: Query[Answer], otherwise: Answer) -> Answer:
        try:
            return self._door.ask(query)
        except Refused:
            return otherwise


class SettlementRoom(_Deliveries):
    """The market operator's room of one session. Its parameters are its permalink."""

    id = param.String(default="")
    tab = param.Selector(default="validation", objects=["validation", "statements", "contracts", "pods"])
    statement = param.String(default="")
    asset = param.String(default="", doc="the asset whose point of delivery is looked at; empty: the first")

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self.rows: tuple[SessionRow, ...] = ()
        self.row: SessionRow | None = None
        self.view: SettlementView | None = None
        self.versions: tuple[StatementRow, ...] = ()
        self.invoices: tuple[InvoiceRow, ...] = ()
        self.contracts: tuple[ContractRow, ...] = ()
        self.pods: PodFacts | None = None
        self.shell: ShellView | None = None

    def refresh(self) -> None:
        """Ask again for everything shown; an unknown id leaves `row` None."""
        self.rows = self._door.ask(ListSessions())
        self.shell = self._door.ask(GetShell())
        if not self.id:
            self.id = self._default_id(self.shell.market_now)
        self.row = next((row for row in self.rows if row.session.id == self.id), None)
        if self.row is None:
            return
        session_id = self.row.session.id
        self.view = self._door.ask(GetSettlement(session_id=session_id))
        self.versions = self._door.ask(ListStatements(session_id=session_id))
        self.invoices = self._door.ask(ListInvoices(session_id=session_id))
        self.contracts = tuple(
            row for row in self._door.ask(ListContracts()) if row.region.id == self.row.region.id
        )
        self.pods = pod_facts(self._door, self.row.region.id, self.row.session.delivery_day)

    def _default_id(self, market_now: datetime) -> str:
        """The last session that was delivered, else the next that is published, else the first there is."""
        published = [row for row in self.rows if row.session.state is SessionState.PUBLISHED]
        published.sort(key=lambda row: row.session.delivery_day)
        over = [row for row in published if DeliveryDay(day=row.session.delivery_day).end <= market_now]
        candidates = over[-1:] or published[:1] or self.rows[:1]
        return candidates[0].session.id if candidates else ""

    @property
    def chosen(self) -> StatementRow | None:
        """The version whose lines are shown: the chosen one, else the newest."""
        chosen = [row for row in self.versions if row.statement.id == self.statement]
        return next(iter(chosen or self.versions), None)

    @property
    def drafts(self) -> int:
        return self._count(StatementState.DRAFT)

    @property
    def validated(self) -> int:
        return self._count(StatementState.VALIDATED)

    def _count(self, state: StatementState) -> int:
        rows = self.view.statements if self.view else ()
        return sum(row.statement.state is state for row in rows)

    def upload(self, content: bytes | None) -> int:
        """Store a metering file of the session's day; how many readings it has. Raises `Refused`."""
        day = self.row.session.delivery_day
        return len(self._door.do(UploadMetering(delivery_day=day, document=file_text(content))))

    def settle(self) -> None:
        self._door.do(SettleSession(session_id=SessionId(self.id)))

    def validate(self, *, accept: bool) -> None:
        self._door.do(ValidateStatements(session_id=SessionId(self.id), accept_findings=accept))

    def issue(self) -> int:
        """How many invoices and notes were made."""
        return len(self._door.do(IssueStatements(session_id=SessionId(self.id))))

    def move_to_day_end(self) -> None:
        self._door.do(MoveToDayEnd(session_id=SessionId(self.id)))

    def agree(
        self, party_id: str, valid_from: date, baseline: str, rule: str, tolerance: Decimal, penalty: Decimal
    ) -> None:
        """A party's terms in this region. Raises `Refused`."""
        self._door.do(
            AgreeContract(
                region_id=self.row.region.id,
                party_id=PartyId(party_id),
                valid_from=valid_from,
                baseline=BaselineMethod(baseline),
                rule=DeliveryRule(rule),
                tolerance_share=tolerance,
                penalty_eur_per_mwh=penalty,
            )
        )


class OwnStatements(_Deliveries):
    """A participant's own statements and invoices. Its parameters are its permalink."""

    id = param.String(default="", doc="A statement's version; empty: the newest")

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self.rows: tuple[StatementRow, ...] = ()
        self.row: StatementRow | None = None
        self.invoices: tuple[InvoiceRow, ...] = ()
        self.contracts: tuple[ContractRow, ...] = ()

    def refresh(self) -> None:
        """Ask again for everything shown; a version that is superseded gives way to the one that replaced it."""
        before = {row.statement.id for row in self.rows}
        self.rows = self._door.ask(ListStatements())
        self.invoices = self._door.ask(ListInvoices())
        self.contracts = self._seen(ListContracts(), ())
        chosen = next((row for row in self.rows if row.statement.id == self.id), None)
        came = [row for row in self.rows if row.statement.id not in before] if before else []
        newer = [row for row in came if chosen is None or row.session.id == chosen.session.id]
        self.row = newer[0] if newer else chosen or (self.rows[0] if self.rows else None)
        self.id = self.row.statement.id if self.row else ""

    def choose(self, row: StatementRow) -> None:
        """Another version, of this or another session."""
        self.row, self.id = row, row.statement.id

    def awards(self) -> list[str]:
        """Awards of the statement that have a day to show; with something missing first."""
        lines = [line for line in self.row.statement.lines if line.award_id] if self.row else []
        lines.sort(key=lambda line: (line.kind is LineKind.REFUND, -line.missing_mwh))
        return [line.award_id for line in lines]
