"""The market place watches subscriptions by what it is told of them: status, alarms, who sees and answers them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from world import WHO, World

from app.outbox import Dispatcher
from app.queries.models.place import (
    GetServiceHistory,
    ListPlaceTrail,
    ListServiceAlarms,
    ListServiceStatus,
    ServiceStatus,
)
from app.usecases.market_place.monitoring import due
from domain.commands.place import (
    AcknowledgeServiceAlarm,
    CancelSubscription,
    FollowServices,
    ShelveServiceAlarm,
    UnshelveServiceAlarm,
)
from domain.errors import Refused
from domain.ids import AlarmId, ConsentId, MessageId, PartyId, ProposalId, ServiceActivationId, SubscriptionId
from domain.lifecycle import AlarmState
from domain.marketplace.requests import Subscription, SubscriptionState
from domain.marketplace.service_alarms import ServiceAlarm
from domain.marketplace.services import Player, ServiceTerms, SubscriptionContent
from domain.marketplace.told import ActivationStatusRow, ConsentStatus, InterimReport
from domain.marketplace.words import ActivationStatus, ConsentState, Environment, ServiceState
from domain.notifications import Notification
from domain.paging import Slice
from domain.parties import SYSTEM
from domain.transport import MessageState, OutgoingMessage

HOUR = timedelta(hours=1)
SUB, OTHER = SubscriptionId("SUB-1"), SubscriptionId("SUB-2")


def now(world: World) -> datetime:
    with world.store.read() as uow:
        return uow.market


def stored(world: World, *entities: Any) -> None:
    with world.store.write(SYSTEM, FollowServices()) as uow:
        for entity in entities:
            uow.add(entity)


def subscription(world: World, id: SubscriptionId, provider: str, requester: str, hours: int = 1) -> Subscription:
    """In force for so many hours; reports are due every 8."""
    content = SubscriptionContent(
        id=id,
        environment=Environment.REGULATED,
        provider=Player(id=PartyId(provider), name=provider),
        requester=Player(id=PartyId(requester), name=requester),
        validated_at=now(world) - 100 * HOUR,
        starts_at=now(world) - hours * HOUR,
        ends_at=None,
        data_details="",
        processing_details="",
        descriptions=(),
        terms=ServiceTerms(interim_hours=8, availability_share=Decimal("0.95")),
    )
    return Subscription(
        id=id,
        proposal_id=ProposalId(f"P-{id}"),
        requester_id=PartyId(requester),
        provider_id=PartyId(provider),
        content=content,
        agreement_version="1",
    )


def report(world: World, hours_ago: float, id: str = "IR-1", **more: Any) -> InterimReport:
    values: dict[str, Any] = {
        "n_delivered": 10,
        "n_acknowledged": 10,
        "n_overdue": 0,
        "state": ServiceState.RUNNING,
    }
    at = now(world) - hours_ago * HOUR
    return InterimReport(id=id, subscription_id=SUB, at=at, **values | more)


@pytest.fixture(autouse=True)
def two(world: World) -> None:
    stored(
        world,
        subscription(world, SUB, "provider1", "requester1", hours=40),
        subscription(world, OTHER, "provider2", "requester2"),
    )


def follow(world: World) -> Any:
    return world.desk.execute(SYSTEM, FollowServices())


def alarms(world: World, who: str = "place1", *, all: bool = False) -> list[ServiceAlarm]:
    return list(world.desk.query(WHO[who], ListServiceAlarms(with_cleared=all)))


def told(world: World, who: str = "place1") -> list[tuple[str, str, str]]:
    return [(alarm.kind.value, alarm.subject, alarm.priority.value) for alarm in alarms(world, who)]


def is_due(world: World) -> bool:
    with world.store.read() as uow:
        return bool(due(uow))


def test_a_service_without_reports_raises_an_alarm_once(world: World) -> None:
    assert is_due(world)
    assert follow(world) == 1
    assert told(world) == [("interim overdue", SUB, "critical")]
    assert not is_due(world)
    assert follow(world) == 0


def test_a_report_in_time_ends_it(world: World) -> None:
    follow(world)
    stored(world, report(world, 1))
    assert is_due(world)
    follow(world)
    assert [alarm.state for alarm in alarms(world)] == [AlarmState.RETURNED]
    world.desk.execute(WHO["place1"], AcknowledgeServiceAlarm(alarm_id=alarms(world)[0].id))
    assert alarms(world) == []
    assert [alarm.state for alarm in alarms(world, all=True)] == [AlarmState.CLEARED]


def test_a_broken_sla_and_overdue_deliveries_raise_alarms(world: World) -> None:
    """Of the newest report: what an older one said is over."""
    stored(
        world,
        report(world, 3, "IR-1", state=ServiceState.STOPPED),
        report(world, 1, "IR-2", n_overdue=3, in_time_share=Decimal("0.7")),
    )
    follow(world)
    assert sorted(told(world)) == [("SLA broken", SUB, "alarm"), ("deliveries overdue", SUB, "alarm")]


def test_a_dead_letter_raises_an_alarm(world: World) -> None:
    at = now(world)
    stored(
        world,
        report(world, 1),
        OutgoingMessage(
            id=MessageId("MS-1"),
            addressee_id=PartyId("requester1"),
            stream=SUB,
            sequence=1,
            path="/eu-mp/v1/test",
            body="{}",
            state=MessageState.DEAD,
            created_at=at,
            trying_since=at,
            next_try_at=at,
        ),
    )
    follow(world)
    assert told(world) == [("dead letter", SUB, "alarm")]


def test_what_is_canceled_or_has_not_begun_is_not_watched(world: World) -> None:
    with world.store.write(SYSTEM, FollowServices()) as uow:
        uow.save(replace(uow.get(Subscription, SUB), state=SubscriptionState.CANCELED))
        uow.add(subscription(world, SubscriptionId("SUB-3"), "provider1", "requester1", hours=-1))
    assert follow(world) == 0


def test_the_parties_see_their_own(world: World) -> None:
    follow(world)
    assert [told(world, who) for who in ("provider1", "requester1")] == [
        [("interim overdue", SUB, "critical")]
    ] * 2
    assert [told(world, who) for who in ("provider2", "requester2")] == [[], []]
    mine = world.desk.query(WHO["provider1"], ListServiceStatus())
    assert [status.subscription.id for status in mine] == [SUB]
    assert len(world.desk.query(WHO["place1"], ListServiceStatus())) == 2
    for who in ("fmo", "dso1", "customer1"):
        for query in (ListServiceAlarms(), ListServiceStatus(), GetServiceHistory(subscription_id=SUB)):
            assert codes(world, who, query) == ["not_permitted"]
    assert codes(world, "provider2", GetServiceHistory(subscription_id=SUB)) == ["not_found"]


def codes(world: World, who: str, asked: Any) -> list[str]:
    act = world.desk.query if type(asked).__name__.startswith(("List", "Get")) else world.desk.execute
    try:
        act(WHO[who], asked)
    except Refused as refused:
        return [finding.code for finding in refused.findings]
    return []


def test_the_operator_and_the_provider_answer(world: World) -> None:
    follow(world)
    (alarm,) = alarms(world)
    acknowledge = AcknowledgeServiceAlarm(alarm_id=alarm.id)
    for who, expected in (("requester1", "not_permitted"), ("provider2", "not_found"), ("esp1", "not_permitted")):
        assert codes(world, who, acknowledge) == [expected]
    assert codes(world, "provider1", AcknowledgeServiceAlarm(alarm_id=AlarmId("AL-0"))) == ["not_found"]
    world.desk.execute(WHO["provider1"], acknowledge)
    (seen,) = alarms(world)
    assert (seen.state, seen.acknowledged_by) == (AlarmState.ACKNOWLEDGED, "provider1")
    assert codes(world, "provider1", acknowledge) == ["wrong_state"]


def test_an_alarm_is_put_aside_for_a_week_at_most(world: World) -> None:
    follow(world)
    (alarm,) = alarms(world)

    def aside(hours: float, reason: str = "The provider mends it.") -> ShelveServiceAlarm:
        return ShelveServiceAlarm(alarm_id=alarm.id, until=now(world) + hours * HOUR, reason=reason)

    assert codes(world, "place1", aside(-1)) == ["out_of_range"]
    assert codes(world, "place1", aside(7 * 24 + 1)) == ["out_of_range"]
    assert codes(world, "place1", aside(1, " ")) == ["missing"]
    assert codes(world, "requester1", aside(1)) == ["not_permitted"]
    world.desk.execute(WHO["place1"], aside(1))
    assert [(one.state, one.shelve_reason) for one in alarms(world)] == [
        (AlarmState.SHELVED, "The provider mends it.")
    ]
    assert not is_due(world)
    back = UnshelveServiceAlarm(alarm_id=alarm.id)
    for who, expected in (("requester1", "not_permitted"), ("provider2", "not_found")):
        assert codes(world, who, back) == [expected]
    world.desk.execute(WHO["provider1"], back)
    (again,) = alarms(world)
    assert (again.state, again.shelve_reason, again.shelved_until) == (AlarmState.RAISED, "", None)
    assert codes(world, "provider1", back) == ["wrong_state"]


def test_only_the_market_place_itself_follows(world: World) -> None:
    assert codes(world, "place1", FollowServices()) == ["not_permitted"]


def test_the_status_counts_what_was_told(world: World) -> None:
    at = now(world)
    given = (ConsentState.GIVEN, ConsentState.GIVEN, ConsentState.REVOKED)
    stored(
        world,
        *(
            ConsentStatus(id=ConsentId(f"C-{n}"), subscription_id=SUB, state=state, at=at)
            for n, state in enumerate(given)
        ),
        ActivationStatusRow(
            id=ServiceActivationId("A-1"), subscription_id=SUB, status=ActivationStatus.PARTIAL, at=at
        ),
        report(world, 2, "IR-9"),
        report(world, 1, "IR-1"),
    )
    (status,) = world.desk.query(WHO["requester1"], ListServiceStatus())
    assert isinstance(status, ServiceStatus)
    assert status.consents == {"given": 2, "revoked": 1}
    assert status.activations == {"Partial": 1}
    assert status.report is not None
    assert status.report.id == "IR-1"
    history = world.desk.query(WHO["requester1"], GetServiceHistory(subscription_id=SUB))
    assert [one.id for one in history.reports] == ["IR-9", "IR-1"]
    assert (len(history.consents), len(history.activations)) == (3, 1)


def test_the_operator_and_both_sides_are_told(world: World) -> None:
    follow(world)
    Dispatcher(world.store.dispatch, lambda _events: None).run()
    with world.store.read() as uow:
        letters = [one for one in uow.find(Notification) if "Interim overdue" in one.sentence]
    assert {one.party_id for one in letters} == {"place1", "provider1", "requester1"}
    assert {one.link for one in letters} == {f"/place/monitoring?alarm={alarms(world)[0].id}"}


def test_what_the_operator_did_on_a_subscription_is_told_to_its_sides(world: World) -> None:
    command = CancelSubscription(subscription_id=SUB, reason="Hidden from the other side.")
    with world.store.write(WHO["provider1"], command):
        pass
    page = ListPlaceTrail(part=Slice(order=(("sequence", True),), limit=10))
    seen = {who: world.desk.query(WHO[who], page) for who in ("provider1", "requester1", "requester2")}
    shown = {
        who: [(line.body is not None) for line in lines if line.command == "CancelSubscription"]
        for who, lines in seen.items()
    }
    assert shown == {"provider1": [True], "requester1": [False], "requester2": []}
