"""Publication of a session's result: awards stand, and each becomes a call to its owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from app.bridge import states
from app.usecases.alarms import follow_day
from domain.errors import refuse
from domain.events import OfferResultPublished, PublicationMissed, SessionPublished
from domain.flexibility.calls import call_of
from domain.flexibility.grids import GridState
from domain.flexibility.market import Award, FlexOffer, MarketSession
from domain.ids import ActivationId, CallId, OfferId, new_id
from domain.lifecycle import AWARD, SESSION, AwardState, OfferState, SessionState, advance
from domain.ports import UnitOfWork

_TAKEN = (OfferState.ACCEPTED, OfferState.PARTLY_ACCEPTED)


def publish(uow: UnitOfWork, session: MarketSession) -> None:
    """What the publication gate does in each state of its session.

    Raises:
        Refused: `wrong_state` while the session is open or being cleared; the gate stays due.
    """
    step = _STEPS.get(session.state)
    if step is None:
        raise refuse(
            "wrong_state", "gate_id", f"The session is {session.state.value}; its result is not there yet."
        )
    step(uow, session)


def _publish_result(uow: UnitOfWork, session: MarketSession) -> None:
    uow.save(replace(session, state=advance(SESSION, session.state, "publish")))
    calls: dict[OfferId, CallId] = {}
    for award in uow.find(Award, session_id=session.id, state=AwardState.PROVISIONAL):
        uow.save(replace(award, state=advance(AWARD, award.state, "publish")))
        call_id = calls.setdefault(award.offer_id, CallId(new_id("FA")))
        uow.add(call_of(award, ActivationId(new_id("AC")), call_id))
    _tell_parties(uow, session)
    for state in uow.find(GridState, session_id=session.id):
        left = states.violations(state.payload, "after")
        follow_day(uow, session.region_id, session.delivery_day, left, unmet=True)
    uow.record(SessionPublished(session_id=session.id, region_id=session.region_id))


def _tell_parties(uow: UnitOfWork, session: MarketSession) -> None:
    offers = uow.find(FlexOffer, session_id=session.id, state=(*_TAKEN, OfferState.REJECTED))
    accepted = Counter(offer.party_id for offer in offers if offer.state in _TAKEN)
    rejected = Counter(offer.party_id for offer in offers if offer.state is OfferState.REJECTED)
    uow.record(
        *(
            OfferResultPublished(
                session_id=session.id,
                region_id=session.region_id,
                party_id=party_id,
                n_accepted=accepted[party_id],
                n_rejected=rejected[party_id],
            )
            for party_id in sorted(accepted.keys() | rejected.keys())
        )
    )


def _miss(uow: UnitOfWork, session: MarketSession) -> None:
    uow.record(PublicationMissed(session_id=session.id, region_id=session.region_id, reason=session.reason))


_STEPS: Mapping[SessionState, Callable[[UnitOfWork, MarketSession], None]] = {
    SessionState.CLEARED: _publish_result,
    SessionState.NOT_CLEARED: _miss,
}
