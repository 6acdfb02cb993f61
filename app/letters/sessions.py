"""News of sessions: planned, open, closed, cleared, published, or not."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import (
    OFFERING,
    Letter,
    count,
    in_role,
    offerers,
    operators,
    session_of,
    time_name,
)
from domain import events as e
from domain.flexibility.rules import ClearingRules
from domain.ports import UnitOfWork


def planned(uow: UnitOfWork, event: e.SessionPlanned) -> Iterator[Letter]:
    session, region, name = session_of(uow, event.session_id)
    sentence = f"A session is planned ({name}). The gate closes on {time_name(session.gate_closes_at)}."
    to = (region.dso_id, region.tso_id, *in_role(uow, *OFFERING))
    yield Letter(to=to, sentence=sentence, day=session.delivery_day)


def rules_set(uow: UnitOfWork, event: e.ClearingRulesSet) -> Iterator[Letter]:
    session, region, name = session_of(uow, event.session_id)
    rules = ClearingRules(clearing=event.clearing, payment=event.payment, energy=event.energy)
    to = (region.dso_id, region.tso_id, *in_role(uow, *OFFERING))
    yield Letter(to=to, sentence=f"The rules have changed ({name}): {rules.words()}.", day=session.delivery_day)


def opened(uow: UnitOfWork, event: e.SessionOpened) -> Iterator[Letter]:
    session, region, name = session_of(uow, event.session_id)
    sentence = f"The session is open ({name}). The gate closes on {time_name(session.gate_closes_at)}."
    to = (*operators(uow), region.dso_id, *in_role(uow, *OFFERING))
    yield Letter(to=to, sentence=sentence, day=session.delivery_day)


def status(uow: UnitOfWork, event: e.SessionStatusReported) -> Iterator[Letter]:
    session, region, name = session_of(uow, event.session_id)
    requests, offers = count(event.n_requests, "request"), count(event.n_offers, "offer")
    closes = f"The gate closes on {time_name(session.gate_closes_at)}."
    day = session.delivery_day
    to = (region.dso_id, *in_role(uow, *OFFERING))
    yield Letter(to=operators(uow), sentence=f"Session status ({name}): {requests}, {offers}. {closes}", day=day)
    yield Letter(to=to, sentence=f"Session status ({name}): {requests}. {closes}", day=day)


def closed(uow: UnitOfWork, event: e.GateClosed) -> Iterator[Letter]:
    session, region, name = session_of(uow, event.session_id)
    day = session.delivery_day
    offers = count(event.n_offers, "offer")
    to = (*operators(uow), region.dso_id)
    yield Letter(to=to, sentence=f"The gate is closed ({name}). The clearing of {offers} has begun.", day=day)
    sentence = f"The gate is closed ({name}). The clearing has begun."
    yield Letter(to=in_role(uow, *OFFERING), sentence=sentence, day=day)


def cleared(uow: UnitOfWork, event: e.SessionCleared) -> Iterator[Letter]:
    session, _, name = session_of(uow, event.session_id)
    unmet = f"{count(event.n_unmet, 'need')} unmet" if event.n_unmet else "no need unmet"
    proof = "the power flow of the awards is clean" if event.proof_clean else "the power flow shows violations"
    sentence = f"The session is cleared ({name}): {count(event.n_awards, 'award')}, {unmet}; {proof}."
    yield Letter(to=operators(uow), sentence=sentence, day=session.delivery_day)


def failed(uow: UnitOfWork, event: e.ClearingFailed) -> Iterator[Letter]:
    session, region, name = session_of(uow, event.session_id)
    sentence = f"The session is not cleared ({name}): {event.reason}"
    yield Letter(to=(*operators(uow), region.dso_id), sentence=sentence, day=session.delivery_day)


def restarted(uow: UnitOfWork, event: e.ClearingRestarted) -> Iterator[Letter]:
    session, region, name = session_of(uow, event.session_id)
    sentence = f"The session is being cleared again ({name})."
    yield Letter(to=(*operators(uow), region.dso_id), sentence=sentence, day=session.delivery_day)


def missed(uow: UnitOfWork, event: e.PublicationMissed) -> Iterator[Letter]:
    session, region, name = session_of(uow, event.session_id)
    day = session.delivery_day
    missed = f"Publication was due and there is no result ({name})"
    yield Letter(to=(*operators(uow), region.dso_id), sentence=f"{missed}: {event.reason}", day=day)
    to = (region.tso_id, *offerers(uow, session.id))
    yield Letter(to=to, sentence=f"{missed}. The market operator is informed.", day=day)


def published(uow: UnitOfWork, event: e.SessionPublished) -> Iterator[Letter]:
    session, region, name = session_of(uow, event.session_id)
    to = (*operators(uow), region.dso_id, region.tso_id)
    yield Letter(to=to, sentence=f"The result is published ({name}).", day=session.delivery_day)


def result(uow: UnitOfWork, event: e.OfferResultPublished) -> Iterator[Letter]:
    session, _, name = session_of(uow, event.session_id)
    counts = f"{event.n_accepted} wholly or partly accepted, {event.n_rejected} rejected"
    yield Letter(to=(event.party_id,), sentence=f"Your offers ({name}): {counts}.", day=session.delivery_day)
