"""Offers that the DSO calls by itself: who sees them, who is told, and what is paid in the end."""

from __future__ import annotations

import json
from decimal import Decimal

from called import answering, called, calling, negotiating, offered, offering
from canned import publish
from world import DAY, NOON, WHO, World

from app.bridge import work
from app.letters import LETTERS
from app.queries.models import ListOffers
from domain import commands as c
from domain.events import CallWithdrawn, Event, FlexibilityDeclined, OfferCalled, OfferOpenToCall
from domain.flexibility.market import Award, FlexOffer, MarketSession
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.ids import AnswerId, CallId, PartyId
from domain.lifecycle import OfferState
from domain.time import DeliveryDay


def test_the_dso_sees_what_it_may_call_and_nothing_else(world: World) -> None:
    offered(world)
    for who, seen in (("dso1", 1), ("dso2", 0), ("esp1", 1), ("esp2", 0), ("fmo", 1)):
        assert len(world.desk.query(WHO[who], ListOffers())) == seen, who


def test_a_call_is_settled_beside_what_the_clearing_awarded(world: World) -> None:
    """The engine clears the rest of the offer on a network that bears the call already."""
    called(world)
    session = world.only(MarketSession)
    world.run(world.close(session), work.run)
    publish(world, session)
    direct, *cleared = sorted(world.find(Award), key=lambda award: not award.direct)
    assert (max(direct.accepted_mw), direct.payment_eur) == (Decimal("1.5"), Decimal("15.19"))
    assert world.only(FlexOffer).state is OfferState.ACCEPTED  # its last 0.5 MW by the clearing
    world.at(DeliveryDay(day=DAY).end)
    statements = {s.party_id: s for s in world.do("fmo", c.SettleSession(session_id=session.id))}
    assert statements["esp1"].cleared_eur == sum((a.payment_eur for a in (direct, *cleared)), Decimal(0))
    assert sum(s.amount_eur for s in statements.values()) == 0
    assert {line.award_id for line in statements["esp1"].lines} >= {direct.id}


def test_an_offer_called_whole_is_not_in_the_book_at_the_gate(world: World) -> None:
    offered(world).do("dso1", calling(power_mw=Decimal("-2")))
    session = world.only(MarketSession)
    job = world.close(session)
    assert b"FO-1" not in job.inputs
    assert world.only(FlexOffer).state is OfferState.ACCEPTED


def test_a_refused_call_is_no_longer_in_the_baseline(world: World) -> None:
    called(world).do("esp1", answering(acknowledged=False, reason="The inverter failed."))
    case = json.loads(world.close(world.only(MarketSession)).inputs)
    (unit,) = (unit for unit in case["baseline"]["units"] if unit["id"] == "PV-1")
    assert unit["p_mw"][NOON] == 4.0
    assert case["offers"][0]["quantity_mw"][NOON] == 0.5  # nor is it offered again


def letters(world: World, kind: type[Event]) -> dict[tuple[str, tuple[PartyId, ...]], str]:
    """The sentences about what happened, by event and readers."""
    with world.store.read() as uow:
        written = [letter for event in world.told(kind) for letter in LETTERS[kind](uow, event)]
    return {(kind.__name__, letter.to): letter.sentence for letter in written}


def test_each_is_told_what_concerns_it(world: World) -> None:
    told = letters(offered(world), OfferOpenToCall)
    world.do("dso1", calling())
    world.do("agg1", offering(offer_id="FO-2", power_mw=Decimal(0), granularity_mw=Decimal(0)))
    to = told | letters(world, OfferCalled) | letters(world, FlexibilityDeclined)
    assert set(to) == {
        ("OfferOpenToCall", ("dso1",)),
        ("OfferCalled", ("esp1",)),
        ("OfferCalled", ("fmo",)),
        ("FlexibilityDeclined", ("fmo", "dso1")),
    }
    assert to["OfferOpenToCall", ("dso1",)] == (
        "Sun and storage offers 2.000 MW down at 3 on 25.07.2016 for 40.50 EUR/MWh; call it until 24.07. at 11:00."
    )
    assert to["OfferCalled", ("esp1",)] == (
        "North grid calls 0.375 MWh on 25.07.2016 of your offer; acknowledge or refuse it."
    )


def test_a_continuous_session_has_no_direct_calls(world: World) -> None:
    world.grid()
    world.asset()
    session = world.session(opened=False)
    world.do(
        "fmo",
        c.SetClearingRules(
            session_id=session.id,
            clearing=ClearingMode.CONTINUOUS,
            payment=PaymentRule.NODAL,
            energy=EnergyPricing.IGNORED,
        ),
    )
    assert ("rules_conflict", "activation_time") in world.codes("esp1", offering())


def test_ids_are_used_once(world: World) -> None:
    called(world)
    assert world.codes("dso1", calling(power_mw=Decimal("-0.1"))) == [("duplicate", "activation_id")]
    assert world.codes("esp1", offering(power_mw=Decimal("-0.1"))) == [("duplicate", "id")]
    world.do("dso1", calling(call_id=CallId("FA-2"), power_mw=Decimal("-0.5")))
    world.do("esp1", answering())
    assert world.codes("esp1", answering(power_mw=Decimal("-0.5"))) == [("duplicate", "id")]
    world.do("esp1", answering(answer_id=AnswerId("AK-2"), power_mw=Decimal("-0.5")))


def test_a_call_taken_back_gives_the_quantity_back(world: World) -> None:
    negotiating(world)
    world.do("esp1", offering())
    world.do("dso1", calling(power_mw=Decimal("-2")))
    world.do("dso1", c.WithdrawCall(call_id=CallId("FA-1"), party_id=PartyId("esp1")))
    assert world.told(CallWithdrawn)
    assert (world.only(FlexOffer).state, max(world.only(FlexOffer).lines[0].quantity_mw)) == (
        OfferState.SUBMITTED,
        Decimal(2),
    )
