"""Flexibility reaches a subscriber, who acquires and activates it, over both platforms' interfaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from energy_world import START, SUB, Pair, agreement, offering, opened_pair
from platform_world import WallClock

from app.platform.subscribers import due
from app.queries.models.platform import ListAcquisitions, ListCallUps, ListFlexibilities
from domain.commands import ClockAction, MoveClock
from domain.commands.platform import (
    AcquireFlexibility,
    AnswerCallUp,
    CallUpFlexibility,
    TellSubscribers,
    WithdrawEnergyService,
)
from domain.errors import Refused
from domain.marketplace.words import ActivationStatus, PlatformRole
from domain.notifications import Notification
from domain.parties import SYSTEM
from domain.platform.activations import AgreementState, ServiceAgreement
from domain.platform.energy_service import Acquisition, CallUp, CallUpState, Flexibility
from domain.platform.subscriptions import PlatformSubscription, SubscriptionStanding
from domain.transport import OutgoingMessage

QUARTER = timedelta(minutes=15)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with opened_pair(tmp_path, WallClock()) as made:
        yield made


def refused(act: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.findings[0].code, caught.value.findings[0].field


def acquire(pair: Pair, power_mw: str, flexibility: Flexibility) -> Acquisition:
    made: Acquisition = pair.tso.do(
        AcquireFlexibility(flexibility_id=flexibility.id, subscription_id=SUB, power_mw=Decimal(power_mw))
    )
    return made


def call_up(acquired: Acquisition, first: int, last: int, power_mw: str) -> CallUpFlexibility:
    return CallUpFlexibility(
        acquisition_id=acquired.id,
        starts_at=START + first * QUARTER,
        ends_at=START + last * QUARTER,
        power_mw=Decimal(power_mw),
    )


@pytest.mark.parametrize("again", [False, True], ids=["once", "each message twice"])
def test_offered_acquired_activated_acknowledged(pair: Pair, again: bool) -> None:
    offered = pair.agg.do(offering())
    assert set(pair.carry(again=again)) == {200}
    (row,) = pair.tso.ask(ListFlexibilities())
    assert (row.flexibility.power_mw, row.provider, row.own) == (offered.power_mw, "Pan-EU Pool", False)
    assert (row.subscription_ids, row.free_mw) == ((SUB,), None)
    acquired = acquire(pair, "0.4", row.flexibility)
    assert set(pair.carry(again=again)) == {200}
    (own,) = pair.agg.ask(ListFlexibilities())
    assert (own.acquired_mw, own.free_mw) == (Decimal("0.4"), Decimal("0.1"))
    assert set(pair.carry(again=again)) == {200}
    (line,) = pair.tso.ask(ListAcquisitions())
    assert (line.acquisition.status, line.acquisition.power_mw) == (ActivationStatus.OK, Decimal("0.4"))
    made = pair.tso.do(call_up(acquired, 0, 2, "0.3"))
    assert set(pair.carry(again=again)) == {200}
    answered = pair.agg.do(AnswerCallUp(call_up_id=made.id, delivers=True))
    assert answered.state is CallUpState.ACKNOWLEDGED
    assert set(pair.carry(again=again)) == {200}
    (activated,) = pair.tso.ask(ListCallUps())
    assert (activated.call_up.state, activated.call_up.energy_mwh) == (CallUpState.ACKNOWLEDGED, Decimal("0.15"))
    for side in (pair.agg, pair.tso):
        assert len(side.find(Acquisition)) == len(side.find(CallUp)) == 1
        side.world.platform.dispatcher.run()
    told = [one.sentence for one in pair.tso.find(Notification, party_id="tso-buy")]
    assert f"Pan-EU Pool acknowledged the call-up of 300 kW of {offered.id}." in told
    assert "Pan-EU Pool offers up to 900 kW for 58.50 EUR/MWh." in told
    assert any("High Grid called up" in one.sentence for one in pair.agg.find(Notification))


def test_no_more_is_given_than_there_is(pair: Pair) -> None:
    offered = pair.agg.do(offering())
    pair.carry()
    for power in ("0.3", "0.4", "0.1"):
        acquire(pair, power, offered)
    pair.carry()
    pair.carry()
    given = {one.acquisition.asked_at: one for one in pair.tso.ask(ListAcquisitions())}
    assert len(given) <= 3
    got = sorted((one.power_mw, one.status) for one in pair.tso.find(Acquisition))
    assert got == [
        (Decimal(0), ActivationStatus.KO),
        (Decimal("0.2"), ActivationStatus.PARTIAL),
        (Decimal("0.3"), ActivationStatus.OK),
    ]
    assert sum(one.power_mw for one in pair.agg.find(Acquisition)) == Decimal("0.5")


def test_without_an_agreement_nothing_is_told_and_a_later_one_is(pair: Pair) -> None:
    with pair.agg.world.platform.read() as uow:
        assert list(due(uow)) == []
    pair.agg.change(agreement(PlatformRole.PROVIDER), state=AgreementState.ENDED)
    pair.agg.do(offering())
    assert pair.agg.find(OutgoingMessage) == ()
    with pair.agg.world.platform.read() as uow:
        assert list(due(uow)) == []
    pair.agg.change(agreement(PlatformRole.PROVIDER), state=AgreementState.IN_FORCE)
    with pair.agg.world.platform.read() as uow:
        assert list(due(uow)) == [TellSubscribers()]
    pair.agg.world.platform.execute(TellSubscribers())
    assert pair.carry() == [200]
    with pair.agg.world.platform.read() as uow:
        assert list(due(uow)) == [], "it is told once"


def test_what_was_withdrawn_is_not_acquired(pair: Pair) -> None:
    offered = pair.agg.do(offering())
    pair.carry()
    asked = acquire(pair, "0.2", offered)
    pair.agg.do(WithdrawEnergyService(flexibility_id=offered.id))
    pair.carry()
    pair.carry()
    (got,) = pair.tso.find(Acquisition, id=asked.id)
    assert (got.status, got.power_mw, got.reason) == (ActivationStatus.KO, 0, "The offer was withdrawn.")
    assert refused(lambda: acquire(pair, "0.2", offered)) == ("wrong_state", "flexibility_id")
    again = WithdrawEnergyService(flexibility_id=offered.id)
    assert refused(lambda: pair.agg.do(again)) == ("wrong_state", "flexibility_id")


def test_a_canceled_subscription_ends_it(pair: Pair) -> None:
    offered = pair.agg.do(offering())
    pair.carry()
    acquired = acquire(pair, "0.2", offered)
    pair.carry()
    pair.carry()
    for side in (pair.agg, pair.tso):
        (held,) = side.find(PlatformSubscription)
        side.change(held, state=SubscriptionStanding.CANCELED)
    assert refused(lambda: acquire(pair, "0.1", offered)) == ("not_found", "subscription_id")
    assert refused(lambda: pair.tso.do(call_up(acquired, 0, 1, "0.1"))) == ("not_found", "subscription_id")


def test_call_ups_are_checked_on_both_sides(pair: Pair) -> None:
    offered = pair.agg.do(offering())
    pair.carry()
    acquired = acquire(pair, "0.2", offered)
    assert refused(lambda: pair.tso.do(call_up(acquired, 0, 1, "0.1"))) == ("wrong_state", "acquisition_id")
    pair.carry()
    pair.carry()
    assert refused(lambda: pair.tso.do(call_up(acquired, 0, 1, "0.3"))) == ("out_of_range", "power_mw")
    made = pair.tso.do(call_up(acquired, 0, 1, "0.2"))
    pair.carry()
    assert refused(lambda: pair.agg.do(AnswerCallUp(call_up_id=made.id, delivers=False))) == ("missing", "reason")
    no = AnswerCallUp(call_up_id=made.id, delivers=False, reason="The <b>pump</b> stands still.")
    pair.agg.do(no)
    assert refused(lambda: pair.agg.do(no)) == ("wrong_state", "call_up_id")
    pair.carry()
    (row,) = pair.tso.ask(ListCallUps())
    assert (row.call_up.state, row.call_up.reason) == (CallUpState.REFUSED, "The <b>pump</b> stands still.")


def test_a_peer_cannot_answer_for_itself_or_in_the_other_direction(pair: Pair) -> None:
    """The requester's key opens nothing that the provider's would."""
    pair.agg.do(offering())
    pair.carry()
    (message,) = pair.agg.find(OutgoingMessage)
    headers = {
        "Authorization": f"Bearer {pair.agg.key}",
        "Message-Id": "MS-x",
        "Message-Stream": SUB,
        "Message-Sequence": "1",
        "Message-Sent-At": pair.agg.world.wall().isoformat(),
        "Content-Type": "application/json",
    }
    sent = pair.agg.client.post("/b2b/v1/flexibilities", content=message.body, headers=headers)
    assert (sent.status_code, sent.json()["findings"][0]["code"]) == (404, "not_found")
    answer = {"acquisition_id": "AQ-1", "status": "OK", "power_mw": "1", "reason": ""}
    sent = pair.agg.client.post(
        "/b2b/v1/acquisition-answers", json=answer, headers=headers | {"Message-Id": "MS-y"}
    )
    assert sent.status_code == 404
    assert pair.agg.client.post("/own/v1/flexibilities", json={}, headers=headers).status_code == 403


def test_a_call_up_that_comes_too_late_is_answered(pair: Pair) -> None:
    """The provider's platform was down: its stream goes on, and the requester learns why nothing is delivered."""
    offered = pair.agg.do(offering())
    pair.carry()
    acquired = acquire(pair, "0.4", offered)
    pair.carry()
    pair.carry()
    made = pair.tso.do(call_up(acquired, 0, 1, "0.4"))
    with pair.agg.world.platform.store.write(SYSTEM, MoveClock(action=ClockAction.PAUSE)) as uow:
        uow.set_clock(replace(uow.clock(), anchor_market=START, anchor_wall=uow.wall, speed=0.0))
    assert set(pair.carry()) == {200}
    assert set(pair.carry()) == {200}
    for side in (pair.agg, pair.tso):
        (known,) = side.find(CallUp)
        assert (known.id, known.state, known.reason) == (
            made.id,
            CallUpState.REFUSED,
            "Delivery would have begun already.",
        )


def test_what_comes_after_the_agreement_is_answered(pair: Pair) -> None:
    """It ended on the provider's side while messages were on their way."""
    offered = pair.agg.do(offering())
    pair.carry()
    acquired = acquire(pair, "0.2", offered)
    pair.carry()
    pair.carry()
    late, made = acquire(pair, "0.1", offered), pair.tso.do(call_up(acquired, 0, 1, "0.2"))
    pair.agg.change(agreement(PlatformRole.PROVIDER), state=AgreementState.ENDED)
    assert set(pair.carry()) | set(pair.carry()) == {200}
    (told,) = pair.tso.find(Acquisition, id=late.id)
    assert (told.status, told.power_mw) == (ActivationStatus.KO, 0)
    (answered,) = pair.tso.find(CallUp, id=made.id)
    assert answered.state is CallUpState.REFUSED
    assert answered.reason == told.reason == "There is no agreement on an energy service under it."


def test_offers_that_are_wrong_are_refused(pair: Pair) -> None:
    assert refused(lambda: pair.agg.do(offering(area=" "))) == ("missing", "area")
    late = offering(acquire_until=START + QUARTER)
    assert refused(lambda: pair.agg.do(late)) == ("out_of_range", "acquire_until")
    assert refused(lambda: pair.tso.do(offering())) == ("not_permitted", "")
    assert pair.agg.find(Flexibility) == ()


def test_over_the_companies_own_interfaces(pair: Pair) -> None:
    """The same by the REST routes of the company's own programs."""
    with pair.agg.world.platform.read() as uow:
        assert uow.find(ServiceAgreement)
    tokens = {}
    for side in (pair.agg, pair.tso):
        role = side.staff.role
        side.world.platform.auth.create_account("prog", "a long password", side.own.id, role)
        told = side.client.post("/own/v1/auth/token", json={"account": "prog", "password": "a long password"})
        tokens[side.own.id] = {"Authorization": f"Bearer {told.json()['access_token']}"}
    body = {
        "area": "North",
        "direction": "up",
        "starts_at": START.isoformat(),
        "power_mw": ["0.5", "0.5"],
        "price_eur_per_mwh": "60",
        "acquire_until": (START - QUARTER).isoformat(),
        "made_from": "Meter data of two days",
    }
    made = pair.agg.client.post("/own/v1/flexibilities", json=body, headers=tokens["agg-svc"])
    assert made.status_code == 201, made.text
    pair.carry()
    seen = pair.tso.client.get("/own/v1/flexibilities", headers=tokens["tso-buy"]).json()["items"]
    assert [(one["id"], one["free_mw"]) for one in seen] == [(made.json()["id"], None)]
    asked = {"flexibility_id": seen[0]["id"], "subscription_id": SUB, "power_mw": "0.5"}
    acquired = pair.tso.client.post("/own/v1/acquisitions", json=asked, headers=tokens["tso-buy"])
    assert (acquired.status_code, acquired.json()["status"]) == (201, None)
    pair.carry()
    pair.carry()
    wanted = {
        "acquisition_id": acquired.json()["id"],
        "starts_at": START.isoformat(),
        "ends_at": (START + QUARTER).isoformat(),
        "power_mw": "0.5",
    }
    called = pair.tso.client.post("/own/v1/call-ups", json=wanted, headers=tokens["tso-buy"])
    assert called.status_code == 201, called.text
    pair.carry()
    path = f"/own/v1/call-ups/{called.json()['id']}/answer"
    done = pair.agg.client.post(path, json={"delivers": True}, headers=tokens["agg-svc"])
    assert (done.status_code, done.json()["state"]) == (200, "acknowledged")
    withdrawn = pair.agg.client.post(f"/own/v1/flexibilities/{seen[0]['id']}/withdraw", headers=tokens["agg-svc"])
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
