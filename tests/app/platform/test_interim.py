"""A provider's platform reports how its services run, by the clock of its terms, and watches them itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from validation_room import NOW, PARTIES, SUBSCRIPTION, Room, opened_room, subscription

from app.codec import from_data
from app.platform.usecases import monitoring
from app.platform.usecases.monitoring import INTERIM, alarms_due, reports_due
from app.queries.models.platform import ListOwnAlarms
from domain.commands.platform import (
    AcknowledgeOwnAlarm,
    FollowOwnServices,
    SendInterim,
    ShelveOwnAlarm,
    UnshelveOwnAlarm,
)
from domain.errors import Refused
from domain.ids import AlarmId, DeliveryId, PartyId, ServiceAgreementId, SubscriptionId
from domain.lifecycle import AlarmState
from domain.marketplace.notices import InterimNotice
from domain.marketplace.services import ServiceTerms
from domain.marketplace.words import PlatformRole, Quantity, ServiceState, TimeStep
from domain.parties import SYSTEM
from domain.platform.deliveries import Delivery, DeliveryState
from domain.platform.subscriptions import PlatformSubscription
from domain.transport import OutgoingMessage

HOUR = timedelta(hours=1)
SEND = SendInterim(subscription_id=SUBSCRIPTION)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """One service that began an hour ago; one where this platform is the requester."""
    terms = ServiceTerms(interim_hours=8, availability_share=Decimal("0.9"))
    own = subscription(PlatformRole.PROVIDER, "dso", "pool", starts_at=NOW - HOUR, terms=terms)
    theirs = subscription(PlatformRole.REQUESTER, "other", "own", SubscriptionId("SUB-2"), terms=terms)
    with opened_room(tmp_path / "platform.db", subscriptions=[own, theirs]) as room:
        yield room


def delivery(n: int, due_at: datetime, late: timedelta = -HOUR, **more: Any) -> Delivery:
    values: dict[str, Any] = {"state": DeliveryState.SENT, "revision": 0, "n_values": 96}
    return Delivery(
        id=DeliveryId(f"D-{n}"),
        side=PlatformRole.PROVIDER,
        agreement_id=ServiceAgreementId(f"AGR-{n}"),
        subscription_id=SUBSCRIPTION,
        peer_id=PartyId("pool"),
        aggregated=False,
        quantity=Quantity.CONSUMPTION,
        time_step=TimeStep.MINUTES_15,
        period_start=due_at - 24 * HOUR,
        period_end=due_at - HOUR,
        due_at=due_at,
        sent_at=due_at + late,
        **values | more,
    )


def delivered(room: Room, *deliveries: Delivery) -> None:
    with room.platform.store.write(SYSTEM, PARTIES[0]) as uow:
        for one in deliveries:
            uow.add(one)


def is_due(room: Room) -> list[str]:
    with room.platform.read() as uow:
        return [type(command).__name__ for row in (reports_due, alarms_due) for command in row(uow)]


def sent(room: Room) -> list[InterimNotice]:
    with room.platform.read() as uow:
        messages = sorted(uow.find(OutgoingMessage, path=INTERIM), key=lambda message: message.sequence)
    assert all((one.addressee_id, one.stream) == ("market-place", SUBSCRIPTION) for one in messages)
    return [from_data(InterimNotice, json.loads(message.body)) for message in messages]


def test_reports_go_by_the_terms(room: Room) -> None:
    assert is_due(room) == []
    assert room.refused("system", SEND) == [("wrong_state", "subscription_id")]
    room.wall[0] = NOW + 7 * HOUR
    assert is_due(room) == ["SendInterim"]
    room.do("system", SEND)
    assert is_due(room) == []
    assert room.refused("system", SEND) == [("wrong_state", "subscription_id")]
    room.wall[0] += 8 * HOUR
    assert is_due(room) == ["SendInterim"]


def test_the_first_report_goes_with_the_first_acknowledged_delivery(room: Room) -> None:
    delivered(room, delivery(1, NOW + HOUR))
    assert is_due(room) == []
    delivered(room, delivery(2, NOW + HOUR, state=DeliveryState.ACKNOWLEDGED, acknowledged_at=NOW))
    assert is_due(room) == ["SendInterim"]
    room.do("system", SEND)
    assert [notice.n_acknowledged for notice in sent(room)] == [1]
    assert is_due(room) == []


def test_a_report_counts_what_fell_since_the_one_before(room: Room) -> None:
    delivered(
        room,
        delivery(1, NOW + HOUR),
        delivery(2, NOW + 2 * HOUR, late=HOUR),
        replace(delivery(3, NOW + 3 * HOUR), state=DeliveryState.ACKNOWLEDGED, acknowledged_at=NOW + 3 * HOUR),
        delivery(4, NOW + 4 * HOUR, state=DeliveryState.EMPTY, n_values=0),
        delivery(5, NOW + 9 * HOUR),
        delivery(6, NOW + 2 * HOUR, revision=1),
    )
    room.wall[0] = NOW + 7 * HOUR
    room.do("system", SEND)
    room.wall[0] = NOW + 15 * HOUR
    room.do("system", SEND)
    first, second = sent(room)
    assert first == InterimNotice(
        subscription_id=SUBSCRIPTION,
        state=ServiceState.DEGRADED,
        at=NOW + 7 * HOUR,
        n_delivered=4,
        n_acknowledged=1,
        n_overdue=1,
        in_time_share=Decimal("0.666667"),
        last_delivery_at=NOW + 3 * HOUR,
    )
    assert (second.n_delivered, second.n_overdue, second.in_time_share) == (1, 0, Decimal(1))
    assert second.state is ServiceState.RUNNING


def test_without_deliveries_there_is_no_share(room: Room) -> None:
    room.wall[0] = NOW + 7 * HOUR
    room.do("system", SEND)
    (notice,) = sent(room)
    assert (notice.n_delivered, notice.in_time_share, notice.last_delivery_at) == (0, None, None)


def test_only_what_is_provided_here_is_reported(room: Room) -> None:
    room.wall[0] = NOW + 100 * HOUR
    theirs = SendInterim(subscription_id=SubscriptionId("SUB-2"))
    assert room.refused("system", theirs) == [("wrong_state", "subscription_id")]
    for who in ("dso", "own", "pool", "house", "market-place"):
        assert room.refused(who, SEND) == [("not_permitted", "")]


def test_late_deliveries_raise_an_alarm_that_the_company_answers(room: Room) -> None:
    delivered(room, delivery(1, NOW - HOUR / 2, late=HOUR / 4))
    assert is_due(room) == ["FollowOwnServices"]
    room.do("system", FollowOwnServices())
    found = room.platform.desk.query(room.who["dso"], ListOwnAlarms())
    assert sorted(alarm.kind.value for alarm in found) == ["SLA broken", "deliveries overdue"]
    assert is_due(room) == []
    acknowledge = AcknowledgeOwnAlarm(alarm_id=found[0].id)
    for who in ("pool", "house", "system", "market-place"):
        assert room.refused(who, acknowledge) == [("not_permitted", "")]
    assert room.platform.desk.query(room.who["own"], ListOwnAlarms()) == ()
    assert room.refused("own", acknowledge) == [("not_found", "alarm_id")]
    room.do("dso", acknowledge)
    aside = ShelveOwnAlarm(alarm_id=found[1].id, until=NOW + HOUR, reason="Mended tonight.")
    assert room.refused("dso", replace(aside, until=NOW)) == [("out_of_range", "until")]
    assert room.refused("dso", replace(aside, alarm_id=AlarmId("AL-0"))) == [("not_found", "alarm_id")]
    room.do("dso", aside)
    states = [alarm.state for alarm in room.platform.desk.query(room.who["dso"], ListOwnAlarms())]
    assert states == [AlarmState.ACKNOWLEDGED, AlarmState.SHELVED]
    back = UnshelveOwnAlarm(alarm_id=found[1].id)
    assert room.refused("own", back) == [("not_found", "alarm_id")]
    room.do("dso", back)
    assert room.refused("dso", back) == [("wrong_state", "alarm_id")]
    states = [alarm.state for alarm in room.platform.desk.query(room.who["dso"], ListOwnAlarms())]
    assert states == [AlarmState.RAISED, AlarmState.ACKNOWLEDGED]
    room.platform.dispatcher.run()
    letters = [letter for letter in room.told() if letter.link.startswith("/platform/alarms")]
    assert {(letter.party_id, letter.link) for letter in letters} == {
        ("dso", f"/platform/alarms?alarm={alarm.id}") for alarm in found
    }
    for who in ("pool", "house"):
        with pytest.raises(Refused):
            room.platform.desk.query(room.who[who], ListOwnAlarms())


class Counting:
    """A transaction that counts how many deliveries are read."""

    def __init__(self, uow: Any) -> None:
        self._uow, self.n_read = uow, 0

    def __getattr__(self, name: str) -> Any:
        said = getattr(self._uow, name)
        if name not in ("find", "find_bare", "part", "get"):
            return said

        def counted(kind: type[Any], *args: Any, **equal: Any) -> Any:
            rows = said(kind, *args, **equal)
            self.n_read += len(rows) if kind is Delivery else 0
            return rows

        return counted


def test_a_report_reads_what_is_new_of_a_long_history(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitoring, "READ_AT_ONCE", 5)
    old = [
        delivery(
            n,
            NOW - (100 + n) * HOUR,
            state=DeliveryState.ACKNOWLEDGED,
            acknowledged_at=NOW - (90 + n) * HOUR,
        )
        for n in range(300)
    ]
    new = [
        delivery(1000 + n, NOW - timedelta(minutes=n), late=timedelta(minutes=-30 * (n % 3 == 0)))
        for n in range(1, 13)
    ]
    taken = [replace(one, state=DeliveryState.ACKNOWLEDGED, acknowledged_at=NOW) for one in new[:7]]
    later = delivery(2000, NOW + HOUR, late=timedelta(minutes=-90))
    delivered(room, *old, *taken, *new[7:], later)
    with room.platform.read() as uow:
        counting: Any = Counting(uow)
        own = uow.get(PlatformSubscription, SUBSCRIPTION)
        notice = monitoring.notice_of(counting, own, NOW - HOUR)
    assert (notice.n_delivered, notice.n_acknowledged, notice.n_overdue) == (13, 7, 0)
    assert notice.last_delivery_at == NOW - timedelta(minutes=1)
    assert counting.n_read <= 3 * (13 + 5)
