"""Which periods are delivered when: days of other countries, late values, hours, holes, many agreements."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from test_deliveries import DAY_1, DAY_2, NOW, PODS, Pair

from app.platform import delivering, telling
from app.platform.delivery_periods import due
from app.queries.models.platform import PullValues
from domain.commands.platform import SendAgain, TakeAcknowledgement
from domain.ids import MessageId, PodId, ServiceAgreementId
from domain.marketplace.words import AggregationLevel, ServiceType, TimeStep
from domain.parties import SYSTEM
from domain.platform.deliveries import (
    AcknowledgedMessage,
    Delivery,
    DeliveryMark,
    DeliveryState,
    ReceivedSeries,
    SeriesState,
    SeriesStatus,
)
from domain.transport import Envelope

HOUR = timedelta(hours=1)
SUNDAY = datetime(2026, 10, 24, 22, tzinfo=UTC)
"""25 October 2026 at the market: 25 hours long, in every country but with its own midnights."""
KINDS = pytest.mark.parametrize("service", [ServiceType.INDIVIDUAL_DATA, ServiceType.AGGREGATED_DATA])


def states(pair: Pair) -> list[tuple[int, DeliveryState]]:
    found = sorted(pair.provider.find(Delivery), key=lambda one: (one.period_start, one.revision))
    return [(one.revision, one.state) for one in found]


@KINDS
@pytest.mark.parametrize(("country", "ahead"), [("DE", 0), ("PT", -1), ("FI", 1)])
def test_a_value_of_a_day_is_of_the_countrys_own_day(
    tmp_path: Path, service: ServiceType, country: str, ahead: int
) -> None:
    start = SUNDAY - timedelta(days=1)
    pair = Pair(tmp_path, service=service, step=TimeStep.DAY, country=country, start=start)
    begin = SUNDAY - ahead * HOUR
    pair.values("9", start=begin - timedelta(days=1), n=24)
    pair.values(start=begin, n=25)
    pair.values("9", start=begin + 25 * HOUR, n=24)
    pair.poll()
    pair.carry()
    expected = 25 if service is ServiceType.INDIVIDUAL_DATA else 12 * 25
    first = [one for one in pair.requester.find(Delivery) if one.period_start == SUNDAY]
    assert [one.n_gaps for one in first] == [0]
    series = [one for one in pair.requester.find(ReceivedSeries) if one.period_start == SUNDAY]
    assert {(one.values, one.starts) for one in series} == {((Decimal(expected),), (begin,))}


@KINDS
def test_the_last_hour_of_another_countrys_day_comes_late(tmp_path: Path, service: ServiceType) -> None:
    pair = Pair(tmp_path, service=service, step=TimeStep.DAY, country="PT")
    pair.provider.wall.now = DAY_2 + timedelta(minutes=30)
    pair.values(start=DAY_1 + HOUR, n=23)
    assert pair.poll() == 0, "the day is not over in Portugal"
    pair.provider.wall.now = DAY_2 + 2 * HOUR
    assert pair.poll() == 1
    pair.values(start=DAY_2, n=1)
    assert pair.poll() == 1
    pair.carry()
    assert {Decimal(24), Decimal(288)} & set.union(*pair.received().values())
    pair.values(start=DAY_2 + HOUR, n=1)
    assert pair.poll() == 0, "that hour is of the day after"


def test_what_was_withheld_for_want_of_values_is_made_when_they_come(tmp_path: Path) -> None:
    pair = Pair(tmp_path, service=ServiceType.AGGREGATED_DATA)
    pair.values(pods=PODS[:3])
    pair.poll()
    assert states(pair) == [(0, DeliveryState.WITHHELD)]
    pair.values(pods=PODS[3:])
    pair.poll()
    assert states(pair) == [(0, DeliveryState.WITHHELD), (1, DeliveryState.SENT)]


def test_an_hour_goes_out_with_its_own_values_and_again_only_when_they_change(tmp_path: Path) -> None:
    pair = Pair(tmp_path, near=True)
    for hour in range(3):
        pair.provider.wall.now = DAY_1 + (hour + 1) * HOUR
        assert pair.poll() == 0, "values of an hour before say nothing"
        pair.values(start=DAY_1 + hour * HOUR, n=1)
        assert pair.poll() == 1
    assert states(pair) == [(0, DeliveryState.SENT)] * 3
    assert all(one.in_time for one in pair.provider.find(Delivery))
    pair.values("2", pods=PODS[:1], start=DAY_1 + HOUR, n=1)
    assert pair.poll() == 1
    assert {one.period_start for one in pair.provider.find(Delivery, revision=1)} == {DAY_1 + HOUR}


def test_an_energy_service_has_no_deliveries_of_values(tmp_path: Path) -> None:
    pair = Pair(tmp_path, service=ServiceType.ENERGY_SERVICE)
    pair.provider.wall.now = NOW + timedelta(days=9)
    assert pair.poll() == 0


def test_all_before_the_mark_was_delivered(tmp_path: Path) -> None:
    pair = Pair(tmp_path, near=True)
    pair.provider.wall.now = DAY_1 + 5 * HOUR

    def marked() -> datetime:
        (mark,) = pair.provider.find(DeliveryMark)
        assert mark.since == DAY_1
        return mark.until  # type: ignore[no-any-return]

    pair.values(start=DAY_1, n=1)
    pair.values(start=DAY_1 + 2 * HOUR, n=2)
    assert pair.poll() == 3
    assert marked() == DAY_1 + HOUR, "the second hour is missing"
    pair.values(start=DAY_1 + HOUR, n=1)
    assert pair.poll() == 1
    assert marked() == DAY_1 + 4 * HOUR
    with pair.provider.platform.store.write(SYSTEM, pair.agreement) as uow:
        (there,) = uow.find(type(pair.agreement))
        selection = replace(there.selection, period_start=DAY_1 - 2 * HOUR)
        uow.save(replace(there, selection=selection))
    pair.provider.wall.now = DAY_1 + timedelta(days=2)
    assert pair.poll() == 20, "what was asked for later begins earlier, and all of it is late"
    assert min(one.period_start for one in pair.provider.find(Delivery)) == DAY_1 - 2 * HOUR


def test_agreements_take_turns(tmp_path: Path) -> None:
    pair = Pair(tmp_path, near=True)
    with pair.provider.platform.store.write(SYSTEM, pair.agreement) as uow:
        uow.add(replace(pair.agreement, id=ServiceAgreementId("A-2")))
    pair.values()
    with pair.provider.platform.read() as uow:
        commands = due(uow)
    assert [one.agreement_id for one in commands] == ["A-1", "A-2"] * 10
    assert [one.period_start for one in commands][::2] == [DAY_1 + k * HOUR for k in range(10)]


def test_an_older_revision_that_is_taken_back_is_made_good_once(pair_with_two_revisions: Pair) -> None:
    pair = pair_with_two_revisions
    with pair.provider.platform.store.write(SYSTEM, pair.agreement) as uow:
        (older,) = uow.find(Delivery, revision=0)
        uow.save(replace(older, state=DeliveryState.WITHDRAWN, outdated=True))
    assert pair.poll() == 1
    assert pair.poll() == 0


@pytest.fixture
def pair_with_two_revisions(tmp_path: Path) -> Pair:
    pair = Pair(tmp_path)
    pair.values()
    pair.poll()
    pair.values("2", pods=PODS[:1])
    pair.poll()
    assert len(pair.provider.find(Delivery)) == 2
    return pair


def test_places_that_each_lose_a_few_are_not_told_again(tmp_path: Path) -> None:
    """Six PoDs of two cities are gone: enough together, too few in each."""
    cities = {pod: "AB"[k % 2] for k, pod in enumerate(_MANY)}
    pair = _many(tmp_path, cities)
    pair.values(pods=_MANY)
    pair.poll()
    pair.carry()
    assert {"DE / A", "DE / B"} == set(pair.received())
    (sent,) = pair.provider.find(Delivery)
    pair.revoke(*_MANY[:6])
    pair.provider.do("meters", SendAgain(delivery_id=sent.id))
    pair.poll()
    assert pair.provider.find(Delivery, revision=1)[0].state is DeliveryState.WITHHELD
    pair.revoke(*_MANY[6:10])
    pair.provider.do("meters", SendAgain(delivery_id=sent.id))
    pair.poll()
    assert pair.provider.find(Delivery, revision=2)[0].state is DeliveryState.SENT


def test_late_values_of_a_few_are_told_with_enough_others(tmp_path: Path) -> None:
    """The difference of two revisions would be theirs; so would it be of what is pulled before and after."""
    pair = Pair(tmp_path, service=ServiceType.AGGREGATED_DATA)
    pair.values(pods=PODS[:6])
    pair.poll()
    (sent,) = pair.provider.find(Delivery)
    pull = PullValues(delivery_id=sent.id)
    assert set(pair.provider.ask("pool", pull).series[0].n_pods) == {6}
    pair.values(pods=PODS[6:7])
    assert pair.provider.codes("pool", pull) == [("too_few_pods", "delivery_id")]
    pair.poll()
    assert states(pair) == [(0, DeliveryState.SENT), (1, DeliveryState.WITHHELD)]
    pair.values(pods=PODS[7:])
    pair.poll()
    pair.carry()
    assert states(pair)[2:] == [(2, DeliveryState.ACKNOWLEDGED)]
    assert pair.received()["portfolio"] == {Decimal(12)}
    pair.values("2", pods=PODS[:1])
    pair.poll()
    assert states(pair)[3:] == [(3, DeliveryState.SENT)]


def test_what_was_kept_of_members_before_is_read() -> None:
    assert telling.unpacked(zlib.compress(b"DE-1\nDE-2")).members == {"DE-1", "DE-2"}
    said = telling.Behind(members=frozenset({PodId("DE-1")}), counts={"é": [1, 0]})
    assert telling.unpacked(telling.packed(said)) == said
    assert telling.packed(telling.unpacked(b"")) == b""


_MANY = tuple(PodId(f"DE-{k:02}") for k in range(24))


def _many(folder: Path, cities: dict[PodId, str]) -> Pair:
    import test_deliveries as module

    before, module.PODS = module.PODS, _MANY
    try:
        return Pair(
            folder,
            service=ServiceType.AGGREGATED_DATA,
            level=AggregationLevel.CITY,
            cities=cities,
            pods=_MANY,
            names=_MANY,
        )
    finally:
        module.PODS = before


def test_pages_of_a_pull_skip_nobody_when_a_consent_ends_between_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "MAX_SERIES", 5)
    pair = Pair(tmp_path)
    pair.values()
    pair.poll()
    (sent,) = pair.provider.find(Delivery)
    assert sent.n_parts == 3

    def pulled(cursor: int) -> Any:
        return pair.provider.ask("pool", PullValues(delivery_id=sent.id, cursor=cursor))

    first = pulled(0)
    assert [one.name for one in first.series] == [f"PSN-{pod}" for pod in PODS[:5]]
    pair.revoke(PODS[1], PODS[7])
    second = pulled(first.cursor)
    assert [one.name for one in second.series] == [f"PSN-{pod}" for pod in (*PODS[5:7], *PODS[8:11])]
    third = pulled(second.cursor)
    assert ([one.name for one in third.series], third.cursor) == ([f"PSN-{PODS[11]}"], None)
    assert pulled(99).series == ()


def test_an_acknowledgement_has_a_status_of_each_series(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.values()
    pair.poll()
    (sent,) = pair.provider.find(Delivery)
    one = SeriesStatus(name="PSN-DE-00", state=SeriesState.RECEIVED, n_values=24, n_gaps=0, at=NOW)
    for statuses in ((), (one,), (one,) * len(PODS)):
        message = AcknowledgedMessage(
            delivery_id=sent.id, subscription_id=sent.subscription_id, part=0, statuses=statuses
        )
        envelope = Envelope(message_id=MessageId("m"), stream="S-1", sequence=1, sent_at=NOW)
        command = TakeAcknowledgement(envelope=envelope, message=message)
        assert pair.provider.codes("pool", command) == [("wrong_length", "statuses")]
    assert pair.provider.find(Delivery)[0].state is DeliveryState.SENT
