"""From the closing gate to a cleared session: lock, queue, apply, fail, and try again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from app.book import case_of
from app.bridge import cases, states
from app.letters.reasons import reason_sentence
from app.offering import called_directly, deliverable
from app.trading import found, orders_of
from app.usecases.networks import store_state
from app.usecases.queue import CLEARING, enqueue
from domain.commands import RetryClearing
from domain.errors import Refused, refuse
from domain.events import ClearingFailed, ClearingRestarted, GateClosed, SessionCleared
from domain.flexibility.grids import Job
from domain.flexibility.market import (
    Award,
    FlexOffer,
    FlexRequest,
    Gate,
    GateKind,
    MarketSession,
)
from domain.flexibility.trading import is_continuous
from domain.ids import OfferId, PartyId
from domain.lifecycle import (
    OFFER,
    REQUEST,
    SESSION,
    OfferState,
    RequestState,
    SessionState,
    advance,
)
from domain.parties import Party, Principal, Role
from domain.ports import UnitOfWork
from domain.time import DeliveryDay
from domain.units import Series


def close(uow: UnitOfWork, session: MarketSession) -> None:
    """Close the gate: offers are locked, requests closed, and the clearing is queued with its stored case.

    The gate always passes: where no case can be built, the session is not cleared and says why.
    """
    closed = replace(session, state=advance(SESSION, session.state, "close", "gate_id"))
    for gate in uow.find(Gate, session_id=session.id, kind=GateKind.INTERIM, done=False):
        uow.save(replace(gate, done=True))
    for request in uow.find(FlexRequest, session_id=session.id, state=RequestState.PUBLISHED):
        uow.save(replace(request, state=advance(REQUEST, request.state, "close")))
    n_offers = _lock_offers(uow, session)
    queued = _queue(uow, closed)
    if isinstance(queued, Job):
        uow.record(
            GateClosed(session_id=session.id, region_id=session.region_id, job_id=queued.id, n_offers=n_offers)
        )


def _lock_offers(uow: UnitOfWork, session: MarketSession) -> int:
    """Lock the offers; one that its assets can no longer deliver is rejected at once. The number locked."""
    offers = uow.find(FlexOffer, session_id=session.id, state=OfferState.SUBMITTED)
    standing = _standing(uow, session, offers)
    for offer in offers:
        state = advance(OFFER, offer.state, "lock")
        uow.save(replace(offer, state=state if offer.id in standing else advance(OFFER, state, "reject")))
    return len(standing)


def _standing(uow: UnitOfWork, session: MarketSession, offers: Sequence[FlexOffer]) -> frozenset[OfferId]:
    """Offers that the gate takes. In a continuous session it takes all: nothing new is matched, and what was
    matched binds."""
    if is_continuous(session):
        return frozenset(offer.id for offer in offers)
    return deliverable(uow, session, offers)


def _queue(uow: UnitOfWork, session: MarketSession) -> Job | None:
    """Queue the clearing of a session that is `clearing` and store the session; None when there is no case."""
    try:
        operator, inputs = _operator(uow), _case(uow, session)
    except Refused as refused:
        fail(uow, session, "; ".join(finding.sentence for finding in refused.findings))
        return None
    job = enqueue(
        uow,
        kind=CLEARING,
        owner_id=operator,
        region_id=session.region_id,
        day=session.delivery_day,
        inputs=inputs,
        session_id=session.id,
    )
    uow.save(replace(session, job_id=job.id, reason=""))
    return job


def _case(uow: UnitOfWork, session: MarketSession) -> bytes:
    return case_of(uow, session, _locked(uow, session), _closed(uow, session))


def _locked(uow: UnitOfWork, session: MarketSession) -> tuple[FlexOffer, ...]:
    """The offers that take part; of a continuous session also those whose rest was withdrawn."""
    if is_continuous(session):
        return orders_of(uow, session).offers
    return uow.find(FlexOffer, session_id=session.id, state=OfferState.LOCKED)


def _closed(uow: UnitOfWork, session: MarketSession) -> tuple[FlexRequest, ...]:
    """The requests that take part; those that the TSO holds are left out and stay closed. In a continuous session
    all were matched as they came."""
    if is_continuous(session):
        return orders_of(uow, session).requests
    closed = uow.find(FlexRequest, session_id=session.id, state=RequestState.CLOSED)
    return tuple(request for request in closed if not request.held)


def _operator(uow: UnitOfWork) -> PartyId:
    """Whose job a clearing is. Raises `Refused` (`unknown_party`) when there is nobody."""
    operators = uow.find(Party, role=Role.FMO)
    if not operators:
        raise refuse("unknown_party", "session_id", "There is no market operator to clear it.")
    return operators[0].id


def apply_clearing(uow: UnitOfWork, job: Job) -> None:
    """Take over a finished clearing: awards, offers, requests, the grid after, and the session.

    A result that no longer is the session's present clearing is dropped.
    """
    session = _session_of(uow, job)
    if session is None:
        return
    offers, requests = _locked(uow, session), _closed(uow, session)
    outcome = cases.outcome_from(job.result, session, offers, requests)
    if outcome.status == cases.NOT_CLEARED:
        fail(uow, session, reason_sentence(outcome.reason))
        return
    if not cases.keeps_trades(job.result, found(uow, session.id)):
        fail(uow, session, "The clearing does not hold the trades that were told while the session was open.")
        return
    awards = [award for award in outcome.awards if any(award.accepted_mw)]
    called = {award.offer_id for award in called_directly(uow, session.id)}
    for award in awards:
        uow.add(award)
    for offer in offers:
        trigger = outcome_of(offer, [award for award in awards if award.offer_id == offer.id])
        if trigger == "reject" and offer.id in called:
            trigger = "accept_partly"
        if offer.state is OfferState.WITHDRAWN and trigger == "reject":
            continue
        why = outcome.explanations.get(offer.id, ())
        uow.save(replace(offer, state=advance(OFFER, offer.state, trigger), explanations=why))
    for request in requests:
        unmet = outcome.unmet_mw[request.id]
        if request.state is RequestState.WITHDRAWN:
            _settle_withdrawn(uow, request, unmet)
            continue
        trigger = answer_to(request, unmet, awards)
        uow.save(replace(request, state=advance(REQUEST, request.state, trigger), unmet_mw=unmet))
    store_state(uow, job, states.after_from(job.result), session_id=session.id)
    uow.save(replace(session, state=advance(SESSION, session.state, "clear"), reason=outcome.reason))
    uow.record(
        SessionCleared(
            session_id=session.id,
            region_id=session.region_id,
            n_awards=len(awards),
            n_unmet=outcome.n_unmet,
            proof_clean=outcome.proof_clean,
        )
    )


def _settle_withdrawn(uow: UnitOfWork, request: FlexRequest, unmet_mw: Series) -> None:
    """What was matched of a request before its rest was withdrawn is met; nothing more was asked for."""
    if unmet_mw != request.quantity_mw:
        state = advance(REQUEST, request.state, "meet")
        uow.save(replace(request, state=state, unmet_mw=(Decimal(0),) * len(unmet_mw)))


def outcome_of(offer: FlexOffer, awards: Sequence[Award]) -> str:
    """The trigger for an offer's state table: all of it accepted, part of it, or nothing."""
    accepted = {award.asset_id: award.accepted_mw for award in awards}
    if not accepted:
        return "reject"
    whole = all(accepted.get(line.asset_id) == line.quantity_mw for line in offer.lines)
    return "accept" if whole else "accept_partly"


def answer_to(request: FlexRequest, unmet_mw: Series, awards: Sequence[Award]) -> str:
    """The trigger for a request's state table: something missing, served, or nothing left to serve.

    Served is a request with an award of its commodity and direction in one of its quarter hours. The clearing
    cures the network as a whole, so the award may be at any bus of the region.
    """
    if any(unmet_mw):
        return "miss"
    served = any(
        asked and accepted
        for award in awards
        if (award.direction, award.commodity) == (request.direction, request.commodity)
        for asked, accepted in zip(request.quantity_mw, award.accepted_mw, strict=True)
    )
    return "meet" if served else "lapse"


def clearing_stopped(uow: UnitOfWork, job: Job) -> None:
    """A clearing failed or was cancelled: its session is not cleared, for the job's reason."""
    session = _session_of(uow, job)
    if session is not None:
        fail(uow, session, reason_sentence(job.error))


def _session_of(uow: UnitOfWork, job: Job) -> MarketSession | None:
    if job.session_id is None:
        return None
    session = uow.get(MarketSession, job.session_id)
    present = session.state is SessionState.CLEARING and session.job_id == job.id
    return session if present else None


def fail(uow: UnitOfWork, session: MarketSession, reason: str) -> None:
    uow.save(replace(session, state=advance(SESSION, session.state, "fail"), reason=reason))
    uow.record(ClearingFailed(session_id=session.id, region_id=session.region_id, reason=reason))


def retry(uow: UnitOfWork, _principal: Principal, command: RetryClearing) -> MarketSession:
    """Clear a session again that is not cleared, before its delivery day starts.

    When publication was due in the meantime, its gate is due again and passes as soon as there is a result.

    Raises:
        Refused: `wrong_state`, `deadline_passed`; why there is no case.
    """
    session = uow.get(MarketSession, command.session_id)
    state = advance(SESSION, session.state, "retry", "session_id")
    if uow.market >= DeliveryDay(day=session.delivery_day).start:
        raise refuse("deadline_passed", "session_id", "The delivery day has started.")
    for gate in uow.find(Gate, session_id=session.id, kind=GateKind.PUBLISH, done=True):
        uow.save(replace(gate, done=False))
    job = _queue(uow, replace(session, state=state))
    if job is not None:
        uow.record(ClearingRestarted(session_id=session.id, region_id=session.region_id, job_id=job.id))
    return uow.get(MarketSession, session.id)
