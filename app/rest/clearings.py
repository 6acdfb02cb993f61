"""Clearings tried by other rules and compared; the machinery's health."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response

from app.queries.models import (
    CheckAudit,
    ClearingRow,
    CompareClearings,
    GetHealth,
    LateGate,
    ListClearings,
    ToolkitRow,
    Vitals,
)
from app.rest import clearings_schemas as s
from app.rest.access import FromCaller
from app.rest.fields import Id
from app.rest.market_schemas import RulesIn
from app.rest.operation_schemas import JobOut
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page
from app.rest.strict import StrictRoute
from domain.commands import AssignToolkit, SendLetterAgain, TryClearing
from domain.errors import refuse
from domain.flexibility.operation import ClearingTry
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.ids import LetterId, PartyId, RegionId, SessionId

router = APIRouter(route_class=StrictRoute, tags=["operation"])
PathId = Annotated[Id, Path()]
CLEARINGS = Listing(
    s.ClearingOut,
    "-delivery_day,region_id,kind,asked_at,id",
    by=("session_id", "clearing", "payment", "energy", "book"),
)


@router.post("/sessions/{session_id}/tries", status_code=202)
def try_clearing(caller: FromCaller, session_id: PathId, body: RulesIn, response: Response) -> s.ClearingOut:
    """FMO: clear the session's book by these rules; the market takes over nothing of it."""
    command = TryClearing(
        session_id=SessionId(session_id),
        clearing=ClearingMode(body.clearing),
        payment=PaymentRule(body.payment),
        energy=EnergyPricing(body.energy),
    )
    tried = cast(ClearingTry, caller.execute(command))
    response.headers["Location"] = f"/api/v1/jobs/{tried.job_id}"
    for row in caller.query(ListClearings(session_id=tried.session_id)):
        if row.id == tried.id:
            return _clearing(row)
    raise refuse("not_found", "session_id", "The try is gone.")


@router.get("/clearings")
def list_clearings(
    caller: FromCaller, pager: FromPager, where: Annotated[s.ClearingFilter, Query()]
) -> Page[s.ClearingOut]:
    """FMO: the market's own clearings and those tried."""
    rows = caller.query(
        ListClearings(
            delivery_day=where.delivery_day,
            region_id=RegionId(where.region_id) if where.region_id else None,
            session_id=SessionId(where.session_id) if where.session_id else None,
        )
    )
    return pager.page(CLEARINGS, where, rows, _clearing)


@router.get("/comparisons")
def compare_clearings(caller: FromCaller, where: Annotated[s.ComparisonFilter, Query()]) -> s.ComparisonOut:
    """FMO: two clearings side by side."""
    found = caller.query(CompareClearings(left=where.left, right=where.right))
    return s.ComparisonOut(
        left=_clearing(found.left),
        right=_clearing(found.right),
        notes=list(found.notes),
        figures=[s.FigureOut.model_validate(figure) for figure in found.figures],
        payments=[s.PaidOut.model_validate(payment) for payment in found.payments],
    )


@router.get("/operation/health")
def get_operation_health(caller: FromCaller, where: Annotated[s.HealthFilter, Query()]) -> s.HealthOut:
    """FMO: jobs, toolkits, scheduler, outbox, audit trail and database."""
    view = caller.query(GetHealth(limit=where.limit))
    return s.HealthOut(
        vitals=None if view.vitals is None else _vitals(view.vitals),
        open_pages=None if view.vitals is None else view.vitals.open_pages,
        market_now=view.market_now,
        toolkits=[_toolkit(row) for row in view.toolkits],
        late_gates=[_late(row) for row in view.late_gates],
        dead_letters=[s.DeadLetterOut.model_validate(letter) for letter in view.dead_letters],
        jobs=[s.JobLineOut.model_validate(line) for line in view.jobs],
    )


@router.post("/operation/audit-check")
def check_audit(caller: FromCaller) -> s.AuditOut:
    """FMO: verify the audit trail's chain now."""
    return s.AuditOut.model_validate(caller.query(CheckAudit()))


@router.post("/operation/letters/{letter_id}/send-again", status_code=204)
def send_letter_again(caller: FromCaller, letter_id: PathId) -> None:
    """FMO: try again to tell of an event that nobody could be told of."""
    caller.execute(SendLetterAgain(letter_id=LetterId(letter_id)))


@router.put("/operation/toolkits/{toolkit}")
def assign_toolkit(caller: FromCaller, toolkit: PathId, body: s.AssignIn) -> s.AnswersOut:
    """FMO: who is told when this kind of work fails."""
    command = AssignToolkit(toolkit=toolkit, party_id=PartyId(body.party_id), note=body.note)
    caller.execute(command)
    return s.AnswersOut(toolkit=command.toolkit, party_id=command.party_id, note=command.note.strip())


def _clearing(row: ClearingRow) -> s.ClearingOut:
    return s.ClearingOut(
        id=row.id,
        kind=row.kind.value,
        session_id=row.session_id,
        region_id=row.region.id,
        delivery_day=row.delivery_day,
        clearing=row.rules.clearing.value,
        payment=row.rules.payment.value,
        energy=row.rules.energy.value,
        book=row.book.value,
        asked_at=row.asked_at,
        job=JobOut.model_validate(row.job),
    )


def _vitals(vitals: Vitals) -> s.VitalsOut:
    told = {**asdict(vitals), "beat_late": vitals.beat_late, "versions": dict(vitals.versions)}
    del told["open_pages"]  # told beside the vitals
    told["audit"] = None if vitals.audit is None else s.AuditOut.model_validate(vitals.audit)
    return s.VitalsOut(**told)


def _toolkit(row: ToolkitRow) -> s.ToolkitOut:
    told = {key: value for key, value in vars(row).items() if key != "answers"}
    return s.ToolkitOut(**told, party_id=row.answers.id if row.answers else None)


def _late(row: LateGate) -> s.LateGateOut:
    gate = row.gate
    return s.LateGateOut(
        gate_id=gate.id,
        session_id=gate.session_id,
        region_id=row.region.id,
        kind=gate.kind.value,
        due_at=gate.due_at,
        late_s=row.late_s,
    )
