"""Publication of a session's result: awards stand, and each becomes a call to its owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from app.bridge import states
from app.usecases.alarms import follow_day
from domain.errors import refuse
from domain.events import OfferResultPublished, PublicationMissed, SessionPublished
from domain.flexibility.assets import Direction
from domain.flexibility.grids import GridState
from domain.flexibility.market import Activation, Award, FlexOffer, MarketSession
from domain.ids import ActivationId, new_id
from domain.lifecycle import AWARD, SESSION, OfferState, SessionState, advance
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
    for award in uow.find(Award, session_id=session.id):
        uow.save(replace(award, state=advance(AWARD, award.state, "publish")))
        uow.add(_activation(award))
    _tell_parties(uow, session)
    for state in uow.find(GridState, session_id=session.id):
        left = states.violations(state.payload, "after")
        follow_day(uow, session.region_id, session.delivery_day, left, unmet=True)
    uow.record(SessionPublished(session_id=session.id, region_id=session.region_id))


def _activation(award: Award) -> Activation:
    sign = 1 if award.direction is Direction.UP else -1
    return Activation(
        id=ActivationId(new_id("AC")),
        award_id=award.id,
        session_id=award.session_id,
        region_id=award.region_id,
        party_id=award.party_id,
        asset_id=award.asset_id,
        p_mw=tuple(sign * p_mw for p_mw in award.accepted_mw),
        commodity=award.commodity,
    )


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
