"""Market sessions: planned with their gates and rules; what passing each kind of gate does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.book import rules_against_orders
from app.usecases.clearing import close
from app.usecases.publishing import publish
from app.usecases.trading import book_changed, keep_rules
from domain.checks import accepts_requests, gate_findings, session_findings
from domain.commands import PassGate, PlanSession, SetClearingRules
from domain.errors import Finding, raise_if, refuse
from domain.events import ClearingRulesSet, GatePassed, SessionOpened, SessionPlanned, SessionStatusReported
from domain.flexibility.market import FlexOffer, FlexRequest, Gate, GateKind, MarketSession
from domain.flexibility.rules import ClearingMode, ClearingRules, rules_findings
from domain.ids import GateId, SessionId, new_id
from domain.lifecycle import SESSION, OfferState, RequestState, SessionState, advance
from domain.parties import Principal, Region, Role
from domain.ports import UnitOfWork

INTERIM_EVERY = timedelta(hours=1)


def plan_session(uow: UnitOfWork, _principal: Principal, command: PlanSession) -> MarketSession:
    """A session of a region's delivery day with all its gates.

    Raises:
        Refused: findings on day, times and rules; `not_found` region; `duplicate` when the day has a session.
    """
    region = uow.get(Region, command.region_id)
    day = command.delivery_day
    times = (command.opens_at, command.gate_closes_at, command.publishes_at)
    raise_if(session_findings(day, *times, uow.market) + rules_findings(_rules_of(command)))
    if uow.find(MarketSession, region_id=region.id, delivery_day=day):
        raise refuse("duplicate", "delivery_day", f"{region.name} has a session for {day:%d.%m.%Y} already.")
    opens_at, gate_closes_at, publishes_at = (instant.astimezone(UTC) for instant in times)
    session = MarketSession(
        id=SessionId(new_id("MS")),
        region_id=region.id,
        delivery_day=day,
        opens_at=opens_at,
        gate_closes_at=gate_closes_at,
        publishes_at=publishes_at,
        clearing=command.clearing,
        payment=command.payment,
        energy=command.energy,
    )
    uow.add(session)
    for kind, due_at in _gates(session):
        uow.add(Gate(id=GateId(new_id("MG")), session_id=session.id, kind=kind, due_at=due_at))
    uow.record(SessionPlanned(session_id=session.id, region_id=region.id))
    return session


def _rules_of(command: PlanSession | SetClearingRules) -> ClearingRules:
    return ClearingRules(clearing=command.clearing, payment=command.payment, energy=command.energy)


def set_rules(uow: UnitOfWork, _principal: Principal, command: SetClearingRules) -> MarketSession:
    """How a session is cleared and paid; setting what is set already tells nobody.

    Raises:
        Refused: `wrong_state` or `gate_closed` from the gate on; `rules_conflict`; `wrong_state` for the change
            between trading and a sealed book when there are orders in the open session.
    """
    session = uow.get(MarketSession, command.session_id)
    state = advance(SESSION, session.state, "change_rules", "session_id")
    rules = _rules_of(command)
    raise_if(gate_findings(accepts_requests(session, uow.market), session) + rules_findings(rules))
    raise_if(rules_against_orders(uow, session, rules) + _on_hold(uow, session, rules))
    if rules == session.rules:
        return session
    keep_rules(uow, session, rules)
    uow.save(replace(session, state=state, clearing=rules.clearing, payment=rules.payment, energy=rules.energy))
    uow.record(
        ClearingRulesSet(
            session_id=session.id,
            region_id=session.region_id,
            clearing=rules.clearing,
            payment=rules.payment,
            energy=rules.energy,
        )
    )
    return uow.get(MarketSession, session.id)


def _on_hold(uow: UnitOfWork, session: MarketSession, rules: ClearingRules) -> list[Finding]:
    """Requests that matching orders as they come could not leave out."""
    requests = uow.find(FlexRequest, session_id=session.id, state=RequestState.PUBLISHED)
    if rules.clearing is not ClearingMode.CONTINUOUS or not any(request.held for request in requests):
        return []
    sentence = "The TSO holds a request; continuous matching cannot leave it out. Ask the TSO to release it."
    return [Finding(code="rules_conflict", field="clearing", sentence=sentence)]


def _gates(session: MarketSession) -> Iterator[tuple[GateKind, datetime]]:
    yield GateKind.OPEN, session.opens_at
    due_at = session.opens_at + INTERIM_EVERY
    while due_at < session.gate_closes_at:
        yield GateKind.INTERIM, due_at
        due_at += INTERIM_EVERY
    yield GateKind.CLOSE, session.gate_closes_at
    yield GateKind.PUBLISH, session.publishes_at


def pass_gate(uow: UnitOfWork, principal: Principal, command: PassGate) -> Gate:
    """Pass a gate, once: the market when it is due, the FMO also the session's next one before.

    Raises:
        Refused: `wrong_state` when it is done, not due, not the next one, or its session is not ready for it.
    """
    gate = uow.get(Gate, command.gate_id)
    if gate.done:
        raise refuse("wrong_state", "gate_id", "The gate has been passed.")
    session = uow.get(MarketSession, gate.session_id)
    if uow.market < gate.due_at:
        _check_early(principal, gate, session)
    done = replace(gate, done=True)
    uow.save(done)
    _PASS[gate.kind](uow, session)
    uow.record(GatePassed(session_id=session.id, region_id=session.region_id, kind=gate.kind))
    return done


def _check_early(principal: Principal, gate: Gate, session: MarketSession) -> None:
    """That it is the session's next gate follows from the session's state table."""
    if principal.role is not Role.FMO or gate.kind is GateKind.INTERIM:
        raise refuse("wrong_state", "gate_id", "The gate is not due yet.")
    if gate.kind is GateKind.PUBLISH and session.state is SessionState.NOT_CLEARED:
        raise refuse("wrong_state", "gate_id", "There is no result to publish.")


def _open(uow: UnitOfWork, session: MarketSession) -> None:
    uow.save(replace(session, state=advance(SESSION, session.state, "open", "gate_id")))
    book_changed(uow, uow.get(MarketSession, session.id))
    uow.record(SessionOpened(session_id=session.id, region_id=session.region_id))


def _report(uow: UnitOfWork, session: MarketSession) -> None:
    """One report for all that is due: after a stop or a jump of the clock the others would say the same."""
    for gate in uow.find(Gate, session_id=session.id, kind=GateKind.INTERIM, done=False):
        if gate.due_at <= uow.market:
            uow.save(replace(gate, done=True))
    if session.state is not SessionState.OPEN:
        return
    requests = uow.find(FlexRequest, session_id=session.id, state=RequestState.PUBLISHED)
    offers = uow.find(FlexOffer, session_id=session.id, state=OfferState.SUBMITTED)
    uow.record(
        SessionStatusReported(
            session_id=session.id, region_id=session.region_id, n_requests=len(requests), n_offers=len(offers)
        )
    )


_PASS: Mapping[GateKind, Callable[[UnitOfWork, MarketSession], None]] = {
    GateKind.OPEN: _open,
    GateKind.INTERIM: _report,
    GateKind.CLOSE: close,
    GateKind.PUBLISH: publish,
}
