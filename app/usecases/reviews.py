"""The TSO's word on requests of the regions below it: accept, hold, ask for change, until the gate closes."""

from __future__ import annotations

from dataclasses import replace

from domain.checks import accepts_requests, gate_findings
from domain.commands import ReviewRequest, Verdict
from domain.errors import raise_if, refuse
from domain.events import RequestReviewed
from domain.flexibility.market import FlexRequest, MarketSession
from domain.flexibility.trading import is_continuous
from domain.lifecycle import REVIEW, RequestState, advance
from domain.parties import Principal, Region
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings

NO_HOLD = (
    "A continuous session matches requests as they come and what is matched binds, so none can be held. "
    "Ask for a change: the DSO can withdraw what has not been matched."
)


def review_request(uow: UnitOfWork, principal: Principal, command: ReviewRequest) -> FlexRequest:
    """A held request is left out of the clearing; the other verdicts leave it where it is.

    Raises:
        Refused: `not_yours` below another TSO; `gate_closed`; `wrong_state` of a request that was withdrawn, of a
            verdict that stands already, and of holding in a continuous session; findings on the note, which an
            acceptance alone can do without.
    """
    request = uow.get(FlexRequest, command.request_id)
    if uow.get(Region, request.region_id).tso_id != principal.party_id:
        raise refuse("not_yours", "request_id", "The request is not below your grid.")
    session = uow.get(MarketSession, request.session_id)
    found = gate_findings(accepts_requests(session, uow.market), session)
    if command.note.strip() or command.verdict is not Verdict.ACCEPT:
        found += text_findings(command.note, "note", REASON)
    raise_if(found)
    if request.state is not RequestState.PUBLISHED:
        raise refuse("wrong_state", "request_id", f"The request is {request.state.value}.")
    if command.verdict is Verdict.HOLD and is_continuous(session):
        raise refuse("wrong_state", "verdict", NO_HOLD)
    after = advance(REVIEW, request.review, command.verdict.value, "verdict")
    reviewed = replace(request, review=after, review_note=command.note.strip())
    uow.save(reviewed)
    uow.record(
        RequestReviewed(
            request_id=request.id,
            session_id=session.id,
            region_id=request.region_id,
            before=request.review,
            review=after,
            note=reviewed.review_note,
        )
    )
    return reviewed
