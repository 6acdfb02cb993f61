"""Contracts, settlement of sessions, statements and invoices."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response

from app.queries.models import (
    ContractRow,
    FileForm,
    GetInvoiceFile,
    GetSettlement,
    InvoiceRow,
    LineRow,
    ListContracts,
    ListInvoices,
    ListStatements,
    StatementRow,
)
from app.rest import settlement_schemas as s
from app.rest.access import Caller, FromCaller
from app.rest.fields import Id
from app.rest.paging import FromPager, Listing, only
from app.rest.schemas import Page, Paging
from app.rest.strict import StrictRoute
from domain.commands import AgreeContract, IssueStatements, SettleSession, ValidateStatements
from domain.flexibility.contracts import DeliveryRule, FlexContract
from domain.flexibility.reference import BaselineMethod
from domain.ids import InvoiceId, PartyId, RegionId, SessionId

router = APIRouter(route_class=StrictRoute, tags=["settlement"])
PathId = Annotated[Id, Path()]
CONTRACTS = Listing(s.ContractOut)
STATEMENTS = Listing(
    s.StatementOut,
    "-delivery_day,-revision,id",
    by=("party_id", "region_id", "state", "computed_at", "amount_eur"),
)
INVOICES = Listing(s.InvoiceOut, "-number", by=("party_id", "region_id", "issued_on", "kind", "amount_eur"))


@router.get("/contracts")
def list_contracts(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[s.ContractOut]:
    """Contracts, and the standard terms of participants that have none."""
    return pager.page(CONTRACTS, where, caller.query(ListContracts()), _contract)


@router.post("/contracts", status_code=201)
def agree_contract(caller: FromCaller, body: s.ContractIn) -> s.ContractOut:
    """FMO: the terms of a participant in a region from a delivery day on."""
    command = AgreeContract(
        region_id=RegionId(body.region_id),
        party_id=PartyId(body.party_id),
        valid_from=body.valid_from,
        baseline=BaselineMethod(body.baseline),
        rule=DeliveryRule(body.rule),
        tolerance_share=body.tolerance_share,
        penalty_eur_per_mwh=body.penalty_eur_per_mwh,
    )
    contract = cast(FlexContract, caller.execute(command))
    rows = caller.query(ListContracts())
    (row,) = [row for row in rows if row.contract and row.contract.id == contract.id]
    return _contract(row)


@router.get("/settlements/{session_id}")
def get_settlement(caller: FromCaller, session_id: PathId) -> s.SettlementOut:
    """FMO: a session's statements as they stand, and whether they add up."""
    return _settlement(caller, session_id)


@router.post("/settlements/{session_id}")
def settle_session(caller: FromCaller, session_id: PathId) -> s.SettlementOut:
    """FMO: statements from the readings there are; unchanged inputs change nothing. No body."""
    caller.execute(SettleSession(session_id=SessionId(session_id)))
    return _settlement(caller, session_id)


@router.post("/settlements/{session_id}/validate")
def validate_statements(caller: FromCaller, session_id: PathId, body: s.ValidateIn) -> s.SettlementOut:
    """FMO: the drafts are right."""
    command = ValidateStatements(session_id=SessionId(session_id), accept_findings=body.accept_findings)
    caller.execute(command)
    return _settlement(caller, session_id)


@router.post("/settlements/{session_id}/issue")
def issue_statements(caller: FromCaller, session_id: PathId) -> s.SettlementOut:
    """FMO: validated statements go to their participants, with invoices. No body."""
    caller.execute(IssueStatements(session_id=SessionId(session_id)))
    return _settlement(caller, session_id)


@router.get("/statements")
def list_statements(
    caller: FromCaller, pager: FromPager, where: Annotated[s.SessionRefFilter, Query()]
) -> Page[s.StatementOut]:
    """Versions of statements that the caller may see, newest first."""
    session_id = SessionId(where.session_id) if where.session_id else None
    return pager.page(STATEMENTS, where, caller.query(ListStatements(session_id=session_id)), _statement)


@router.get("/invoices")
def list_invoices(
    caller: FromCaller, pager: FromPager, where: Annotated[s.SessionRefFilter, Query()]
) -> Page[s.InvoiceOut]:
    """Invoices and notes that the caller may see, newest first."""
    session_id = SessionId(where.session_id) if where.session_id else None
    return pager.page(INVOICES, where, caller.query(ListInvoices(session_id=session_id)), _invoice)


@router.get("/invoices/{invoice_id}")
def get_invoice(caller: FromCaller, invoice_id: PathId) -> s.InvoiceOut:
    """One invoice or note."""
    return _invoice(only(caller.query(ListInvoices()), "invoice_id", lambda row: row.invoice.id == invoice_id))


@router.get("/invoices/{invoice_id}/csv")
def get_invoice_csv(caller: FromCaller, invoice_id: PathId) -> Response:
    """An invoice as CSV, safe to open in a spreadsheet."""
    return _file(caller, invoice_id, FileForm.CSV)


@router.get("/invoices/{invoice_id}/pdf")
def get_invoice_pdf(caller: FromCaller, invoice_id: PathId) -> Response:
    """An invoice as PDF, the same bytes at every time."""
    return _file(caller, invoice_id, FileForm.PDF)


def _file(caller: Caller, invoice_id: str, form: FileForm) -> Response:
    """The name is our own number, so that no participant's text is in the header."""
    file = caller.query(GetInvoiceFile(invoice_id=InvoiceId(invoice_id), form=form))
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)


def _contract(row: ContractRow) -> s.ContractOut:
    return s.ContractOut(
        id=row.contract.id if row.contract else None,
        region_id=row.region.id,
        party_id=row.party.id,
        valid_from=row.contract.valid_from if row.contract else None,
        baseline=row.terms.baseline.value,
        rule=row.terms.rule.value,
        tolerance_share=row.terms.tolerance_share,
        penalty_eur_per_mwh=row.terms.penalty_eur_per_mwh,
        words=row.words,
    )


def _settlement(caller: Caller, session_id: str) -> s.SettlementOut:
    view = caller.query(GetSettlement(session_id=SessionId(session_id)))
    return s.SettlementOut(
        session_id=view.session.id,
        delivered=view.over,
        n_assets=view.n_assets,
        n_metered=view.n_metered,
        awarded_mwh=view.awarded_mwh,
        delivered_mwh=view.delivered_mwh,
        awarded_mvarh=view.awarded_mvarh,
        delivered_mvarh=view.delivered_mvarh,
        cleared_eur=view.cleared_eur,
        to_pay_eur=view.to_pay_eur,
        coupling_eur=view.coupling_eur,
        balance_eur=view.balance_eur,
        statements=[_statement(row) for row in view.statements],
    )


def _statement(row: StatementRow) -> s.StatementOut:
    statement = row.statement
    return s.StatementOut(
        id=statement.id,
        session_id=statement.session_id,
        region_id=statement.region_id,
        delivery_day=row.session.delivery_day,
        party_id=statement.party_id,
        revision=statement.revision,
        state=statement.state.value,
        computed_at=statement.computed_at,
        issued_at=statement.issued_at,
        cleared_eur=statement.cleared_eur,
        amount_eur=statement.amount_eur,
        correction_eur=row.correction_eur,
        invoice_id=row.invoice.id if row.invoice else None,
        lines=[_line(line) for line in row.lines],
    )


def _line(row: LineRow) -> s.StatementLineOut:
    line = row.line
    return s.StatementLineOut(
        kind=line.kind.value,
        text=row.text,
        award_id=line.award_id,
        asset_id=line.asset_id,
        commodity=line.commodity.value,
        direction=line.direction.value if line.direction else None,
        awarded_mwh=line.awarded_mwh,
        delivered_mwh=line.delivered_mwh,
        missing_mwh=line.missing_mwh,
        cleared_eur=line.cleared_eur,
        deduction_eur=line.deduction_eur,
        penalty_eur=line.penalty_eur,
        amount_eur=line.amount_eur,
        basis=line.basis,
        remarks=[s.RemarkOut.model_validate(remark) for remark in line.remarks],
        change_eur=row.change_eur,
        gone=row.gone,
    )


def _invoice(row: InvoiceRow) -> s.InvoiceOut:
    return s.InvoiceOut.model_validate(row.invoice)
