"""A whole session with the real bridge and engine: upload, needs, request, offers, clearing, publication."""

from __future__ import annotations

from decimal import Decimal

from world import NOON, PUBLISHES, World, bid, flat

from app.bridge import work
from domain import commands as c
from domain import events as e
from domain.flexibility.grids import GridState, Job
from domain.flexibility.market import Activation, Award, FlexOffer, FlexRequest, GateKind, MarketSession
from domain.lifecycle import ActivationState, AwardState, OfferState, RequestState, SessionState


def test_a_market_day_ends_with_awards_that_cure_the_grid(world: World) -> None:
    world.grid()
    (needs_job,) = world.find(Job)
    world.run(needs_job, work.run)
    assert world.told(e.GridStateComputed)[0].n_needs > 0
    cheap, dear = world.asset("esp1", "PV-1"), world.asset("esp2", "PV-2")
    session = world.session()
    request = world.request(session, quantity_mw=over_noon("1"))
    low = world.do("esp1", bid(session, [(cheap.id, over_noon("4"))], price_eur_per_mwh=flat("30.00")))
    high = world.do("esp2", bid(session, [(dear.id, over_noon("2"))], price_eur_per_mwh=flat("90.00")))

    clearing = world.close(session)
    assert world.only(FlexOffer, id=low.id).state is OfferState.LOCKED
    world.run(clearing, work.run)

    cleared = world.only(MarketSession, id=session.id)
    assert cleared.state is SessionState.CLEARED
    (told,) = world.told(e.SessionCleared)
    assert told.proof_clean
    assert told.n_unmet == 0
    awards = world.find(Award, session_id=session.id)
    assert {award.offer_id for award in awards} == {low.id}
    assert all(award.state is AwardState.PROVISIONAL for award in awards)
    assert awards[0].accepted_mw[NOON] > 0
    assert world.only(FlexOffer, id=low.id).state is OfferState.PARTLY_ACCEPTED
    assert world.only(FlexOffer, id=high.id).state is OfferState.REJECTED
    assert world.only(FlexRequest, id=request.id).state is RequestState.MET
    assert len(world.find(GridState, session_id=session.id)) == 1
    assert world.find(Activation) == ()

    world.at(PUBLISHES)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.PUBLISH).id))
    assert world.only(MarketSession, id=session.id).state is SessionState.PUBLISHED
    (activation,) = world.find(Activation)
    assert activation.p_mw[NOON] == -awards[0].accepted_mw[NOON]
    assert {t.party_id: (t.n_accepted, t.n_rejected) for t in world.told(e.OfferResultPublished)} == {
        "esp1": (1, 0),
        "esp2": (0, 1),
    }
    answered = world.do("esp1", c.AcknowledgeActivation(activation_id=activation.id))
    assert answered.state is ActivationState.ACKNOWLEDGED
    assert world.store.verify_audit() is None


def over_noon(quantity: str) -> tuple[Decimal, ...]:
    """The quarter hours in which the PV feeds in."""
    return tuple(Decimal(quantity) if 44 <= step < 56 else Decimal(0) for step in range(96))
