"""Values from one platform to another: sent, acknowledged, corrected, taken back; and never without consent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from consent_world import agreement, consented, subscription
from value_world import PARTIES, ValueWorld, Wall

from app.codec import from_data, loads
from app.platform.bootstrap import build
from app.platform.delivery_periods import due
from app.platform.usecases.monitoring import notice_of
from app.platform.values.reading import HEAD, Format
from app.platform.values.uploading import upload
from app.platform.withdrawing import take_back
from app.queries.models.platform import (
    ExportTrail,
    GetDelivery,
    ListDeliveries,
    ListReceived,
    ListTrail,
    PullValues,
)
from domain.commands.platform import (
    AskAgain,
    MakeDelivery,
    RegisterPod,
    SendAgain,
    TakeAcknowledgement,
    TakeAgain,
    TakeValues,
)
from domain.ids import ConsentId, DeliveryId, MessageId, PartyId, PodId, ServiceAgreementId
from domain.marketplace.services import Player
from domain.marketplace.words import (
    AggregationLevel,
    AggregationMethod,
    ConsentState,
    PlatformRole,
    Quantity,
    ServiceType,
    TimeStep,
)
from domain.paging import Slice, falling
from domain.parties import SYSTEM, Party, Principal, Role
from domain.platform.activations import DataSelection
from domain.platform.consents import ConsentedPod, ToldConsent
from domain.platform.deliveries import (
    ACKNOWLEDGEMENTS,
    AGAIN,
    VALUES,
    AcknowledgedMessage,
    AgainMessage,
    Delivery,
    DeliveryPart,
    DeliveryState,
    ReceivedSeries,
    SeriesState,
    ValuesMessage,
)
from domain.platform.subscriptions import PlatformSubscription
from domain.transport import Envelope, MessageState, OutgoingMessage

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY_1, DAY_2, DAY_3 = (datetime(2026, 10, 31, 23, tzinfo=UTC) + timedelta(days=k) for k in range(3))
PODS = tuple(PodId(f"DE-{k:02}") for k in range(12))
PEER = {"provider": PartyId("meters"), "requester": PartyId("pool")}
NEWEST = Slice(order=(("id", False),), limit=100)
KINDS: dict[str, tuple[type[Any], type[Any]]] = {
    VALUES: (TakeValues, ValuesMessage),
    ACKNOWLEDGEMENTS: (TakeAcknowledgement, AcknowledgedMessage),
    AGAIN: (TakeAgain, AgainMessage),
}


class Pair:
    """A provider's platform and a requester's, with a courier that a test sends by hand."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.provider = _platform(folder / "provider", "meters", "pool", Role.PEER)
        self.requester = _platform(folder / "requester", "pool", "meters", Role.PEER)
        individual = changes.pop("service", ServiceType.INDIVIDUAL_DATA)
        aggregated = individual is ServiceType.AGGREGATED_DATA
        level = AggregationLevel.PORTFOLIO if aggregated else AggregationLevel.NONE
        selection = DataSelection(
            quantity=Quantity.CONSUMPTION,
            time_step=changes.pop("step", TimeStep.HOUR),
            aggregation_level=changes.pop("level", level),
            aggregation_method=AggregationMethod.SUM if aggregated else AggregationMethod.NONE,
            period_start=changes.pop("start", DAY_1),
            period_end=DAY_3,
        )
        self.agreement = agreement(
            pod_ids=changes.pop("pods", PODS),
            pod_names=tuple(f"PSN-{pod}" for pod in changes.pop("names", PODS)),
            selection=selection,
            validated_at=DAY_1,
            starts_at=DAY_1,
            ends_at=NOW + timedelta(days=30),
        )
        told = subscription(starts_at=DAY_1 - timedelta(days=9))
        near = changes.pop("near", False)
        services = tuple(
            replace(d, service_type=individual, near_real_time=near) for d in told.content.descriptions
        )
        players = {"provider": Player(id=PartyId("meters"), name="North meters")}
        players["requester"] = Player(id=PartyId("pool"), name="West pool")
        content = replace(told.content, descriptions=services, **players)  # type: ignore[arg-type]
        for world, side, peer in (
            (self.provider, PlatformRole.PROVIDER, "pool"),
            (self.requester, PlatformRole.REQUESTER, "meters"),
        ):
            with world.platform.store.write(SYSTEM, self.agreement) as uow:
                uow.add(replace(told, side=side, peer_id=PartyId(peer), content=content))
                uow.add(replace(self.agreement, side=side))
        city_of = changes.pop("cities", {})
        country = changes.pop("country", "DE")
        for pod in PODS:
            place = {"country": country, "postcode": "27570", "city": city_of.get(pod, "C"), "street": "S"}
            self.provider.do("meters", RegisterPod(pod_id=pod, **place))
        self.consent(*PODS)

    def consent(self, *pods: PodId) -> None:
        with self.provider.platform.store.write(SYSTEM, self.agreement) as uow:
            for pod in pods:
                period = {"starts_at": DAY_1 - timedelta(days=15), "ends_at": NOW + timedelta(days=5)}
                uow.add(consented(pod, requester_id=PartyId("pool"), **period))
        if pods:
            self.told(pods)

    def told(self, pods: tuple[PodId, ...]) -> None:
        """The requester's platform was told of a consent to these."""
        with self.requester.platform.store.write(SYSTEM, self.agreement) as uow:
            consent = ToldConsent(
                id=ConsentId(f"C-{uow.count(ToldConsent)}"),
                subscription_id=self.agreement.subscription_id,
                description_id=self.agreement.description_id,
                pod_names=tuple(f"PSN-{pod}" for pod in pods),
                processing_details=self.agreement.processing_details,
                starts_at=DAY_1 - timedelta(days=5),
                ends_at=NOW + timedelta(days=5),
                state=ConsentState.ACKNOWLEDGED,
                acknowledged_at=DAY_1,
            )
            uow.add(consent)

    def revoke(self, *pods: PodId) -> None:
        with self.provider.platform.store.write(SYSTEM, self.agreement) as uow:
            for row in uow.find(ConsentedPod, pod_id=pods):
                uow.save(replace(row, stands=False))
            take_back(uow, self.agreement.subscription_id)

    def values(
        self, value: str = "1", pods: tuple[PodId, ...] = PODS, start: datetime = DAY_1, n: int = 24
    ) -> None:
        lines = [f"{pod},energy consumption,PT1H,{start.isoformat()},{','.join([value] * n)}" for pod in pods]
        world = self.provider

        class Meters:
            def execute(self, command: Any) -> object:
                return world.do("meters", command)

            def query(self, query: Any) -> Any:
                return world.ask("meters", query)

        upload(Meters(), ["\n".join((HEAD, *lines)).encode()], Format.CSV, correct=True)

    def poll(self) -> int:
        """Make what is due; how many."""
        with self.provider.platform.read() as uow:
            commands = due(uow)
        for command in commands:
            self.provider.platform.desk.execute(SYSTEM, command)
        return len(commands)

    def carry(self) -> int:
        """Messages to the other side, both ways, until none waits."""
        n = 0
        while True:
            n_now = self._carry(self.provider, self.requester, "meters")
            n_now += self._carry(self.requester, self.provider, "pool")
            if not n_now:
                return n
            n += n_now

    def _carry(self, from_: ValueWorld, to: ValueWorld, sender: str) -> int:
        waiting = from_.find(OutgoingMessage, state=MessageState.WAITING)
        for message in sorted(waiting, key=lambda message: message.sequence):
            if message.path not in KINDS:
                continue
            command, kind = KINDS[message.path]
            envelope = Envelope(
                message_id=message.id, stream=message.stream, sequence=message.sequence, sent_at=to.wall.now
            )
            to.do(sender, command(envelope=envelope, message=from_data(kind, loads(message.body))))
            with from_.platform.store.write(SYSTEM, self.agreement) as uow:
                uow.save(replace(message, state=MessageState.DELIVERED, body=""))
        return len([message for message in waiting if message.path in KINDS])

    def received(self) -> dict[str, set[Decimal | None]]:
        return {one.name: set(one.values) for one in self.requester.find(ReceivedSeries)}


def _platform(folder: Path, own: str, other: str, other_role: Role) -> ValueWorld:
    folder.mkdir(parents=True)
    wall = Wall(now=NOW)
    platform = build(f"sqlite:///{folder / 'platform.db'}", wall_clock=wall)
    with platform.store.write(SYSTEM, Party(id=PartyId("x"), name="seed", role=Role.SYSTEM)) as uow:
        for party in PARTIES:
            uow.add(replace(party, role=other_role) if party.id == other else party)
    world = ValueWorld(platform=platform, wall=wall)
    roles = {own: next(p.role for p in PARTIES if p.id == own), other: other_role}

    def principal(who: str) -> Principal:
        return Principal(
            account=who, party_id=PartyId(who), role=roles.get(who) or next(p.role for p in PARTIES if p.id == who)
        )

    world.do = lambda who, command: platform.desk.execute(principal(who), command)  # type: ignore[method-assign]
    world.ask = lambda who, query: platform.desk.query(principal(who), query)  # type: ignore[method-assign]
    return world


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    yield made
    made.provider.platform.close()
    made.requester.platform.close()


def test_delivered_and_acknowledged(pair: Pair) -> None:
    pair.values()
    assert pair.poll() == 1
    (sent,) = pair.provider.find(Delivery)
    assert (sent.state, sent.in_time) == (DeliveryState.SENT, True)
    assert (sent.n_series, sent.n_values, sent.n_gaps, sent.period_start) == (12, 288, 0, DAY_1)
    assert pair.poll() == 0
    assert pair.carry() == 2
    assert pair.received() == {f"PSN-{pod}": {Decimal(1)} for pod in PODS}
    (done,) = pair.provider.find(Delivery, state=DeliveryState.ACKNOWLEDGED)
    assert done.acknowledged_at == NOW
    (part,) = pair.provider.find(DeliveryPart)
    assert {status.state for status in part.statuses} == {SeriesState.RECEIVED}
    (theirs,) = pair.requester.find(Delivery)
    assert (theirs.side, theirs.state, theirs.n_values) == (
        PlatformRole.REQUESTER,
        DeliveryState.ACKNOWLEDGED,
        288,
    )


def test_a_period_without_values_is_overdue(pair: Pair) -> None:
    """Its day is over, and then the time that the terms leave."""
    assert pair.poll() == 0
    pair.provider.wall.now = DAY_2 + timedelta(days=1)
    assert pair.poll() == 1
    (empty,) = pair.provider.find(Delivery)
    assert (empty.state, empty.in_time, empty.due_at) == (DeliveryState.EMPTY, False, DAY_2 + timedelta(days=1))
    pair.values()
    assert pair.poll() == 1
    assert {d.revision: d.state for d in pair.provider.find(Delivery)}[1] is DeliveryState.SENT


def told_to_the_place(pair: Pair, since: datetime = DAY_1) -> tuple[int, Decimal | None]:
    """Overdue deliveries and the share in time, as the next report would say."""
    with pair.provider.platform.read() as uow:
        notice = notice_of(uow, uow.get(PlatformSubscription, pair.agreement.subscription_id), since)
    return notice.n_overdue, notice.in_time_share


def test_values_that_come_after_they_were_due_are_overdue(pair: Pair) -> None:
    due_at = DAY_2 + timedelta(days=1)
    pair.provider.wall.now = due_at + timedelta(minutes=1)
    pair.poll()
    assert told_to_the_place(pair) == (1, Decimal(0))
    pair.provider.wall.now += timedelta(hours=1)
    pair.values()
    pair.poll()
    assert told_to_the_place(pair) == (1, Decimal(0)), "late is late"
    assert told_to_the_place(pair, due_at + timedelta(minutes=30)) == (0, None), "and is told once"


def test_a_file_in_two_parts_is_in_time(pair: Pair) -> None:
    """The first part has values of others, of which nothing is made; the second one comes before it is due."""
    other = PodId("DE-99")
    place = {"country": "DE", "postcode": "27570", "city": "C", "street": "S"}
    pair.provider.do("meters", RegisterPod(pod_id=other, **place))
    pair.values(pods=(other,))
    assert pair.poll() == 0
    pair.values()
    pair.poll()
    pair.provider.wall.now = DAY_2 + timedelta(days=1, minutes=1)
    assert told_to_the_place(pair) == (0, Decimal(1))


def test_an_aggregate_of_too_few_is_made_anew_when_more_values_come(tmp_path: Path) -> None:
    pair = Pair(tmp_path, service=ServiceType.AGGREGATED_DATA)
    pair.values(pods=PODS[:2])
    pair.poll()
    assert {d.state for d in pair.provider.find(Delivery)} == {DeliveryState.WITHHELD}
    pair.values(pods=PODS[2:])
    pair.poll()
    pair.carry()
    assert set(pair.requester.find(ReceivedSeries)[0].values) == {Decimal(12)}


@pytest.mark.parametrize("service", [ServiceType.INDIVIDUAL_DATA, ServiceType.AGGREGATED_DATA])
def test_what_may_not_go_out_is_not_late_and_what_may_is(tmp_path: Path, service: ServiceType) -> None:
    pair = Pair(tmp_path, service=service)
    pair.provider.wall.now = DAY_2 + timedelta(days=1, minutes=1)
    pair.poll()
    assert told_to_the_place(pair) == (1, Decimal(0))
    again = Pair(tmp_path / "again", service=service)
    again.revoke(*PODS)
    again.provider.wall.now = DAY_2 + timedelta(days=1, minutes=1)
    again.poll()
    assert told_to_the_place(again) == (0, None)


def test_a_platform_that_stood_still_when_it_was_due_was_late(pair: Pair) -> None:
    """The report of the time before said nothing of it."""
    pair.provider.wall.now = DAY_2 + timedelta(days=1, hours=3)
    pair.values()
    pair.poll()
    assert told_to_the_place(pair, DAY_2 + timedelta(days=1, hours=2)) == (1, Decimal(0))


def test_a_correction_is_a_new_revision_and_gaps_are_told(pair: Pair) -> None:
    pair.values(n=20)
    pair.poll()
    pair.carry()
    (done,) = pair.provider.find(Delivery, state=DeliveryState.ACKNOWLEDGED)
    assert done.n_gaps == 12 * 4
    statuses = pair.provider.find(DeliveryPart)[0].statuses
    assert {(s.state, s.n_values, s.n_gaps) for s in statuses} == {(SeriesState.GAPS, 20, 4)}
    pair.values("2", pods=PODS[:1])
    assert pair.poll() == 1
    pair.carry()
    assert pair.received()["PSN-DE-00"] == {Decimal(2)}
    assert pair.received()["PSN-DE-01"] == {Decimal(1), None}
    assert sorted(d.revision for d in pair.requester.find(Delivery)) == [0, 1]


def test_asked_for_again(pair: Pair) -> None:
    pair.values()
    pair.poll()
    pair.carry()
    (theirs,) = pair.requester.find(Delivery)
    pair.requester.do("pool", AskAgain(delivery_id=theirs.id))
    assert pair.carry() == 1
    assert pair.poll() == 1
    pair.carry()
    assert sorted(d.revision for d in pair.requester.find(Delivery)) == [0, 1]
    pair.provider.do("meters", SendAgain(delivery_id=theirs.id))
    assert pair.poll() == 1
    for who, message in (("pool", AskAgain(delivery_id=DeliveryId("x"))),):
        assert pair.requester.codes(who, message) == [("not_found", "delivery_id")]
    assert pair.provider.codes("meters", SendAgain(delivery_id=DeliveryId("x"))) == [("not_found", "delivery_id")]
    assert pair.provider.codes("meters", AskAgain(delivery_id=theirs.id)) == [("not_permitted", "")]
    assert pair.requester.codes("pool", SendAgain(delivery_id=theirs.id)) == [("not_permitted", "")]


def test_the_first_request_after_a_revocation_has_no_row(pair: Pair) -> None:
    pair.values()
    pair.poll()
    pair.carry()
    (theirs,) = pair.requester.find(Delivery)
    pull = PullValues(delivery_id=theirs.id)
    pulled = pair.provider.ask("pool", pull)
    assert {one.name for one in pulled.series} == {f"PSN-{pod}" for pod in PODS}
    pair.revoke(PODS[3])
    assert "PSN-DE-03" not in {one.name for one in pair.provider.ask("pool", pull).series}
    pair.revoke(*PODS)
    assert pair.provider.ask("pool", pull).series == ()
    pair.provider.do("meters", SendAgain(delivery_id=theirs.id))
    assert pair.poll() == 1
    assert pair.carry() == 0


def test_what_waits_is_taken_back_with_the_consent(pair: Pair) -> None:
    pair.values()
    pair.poll()
    pair.revoke(PODS[0])
    assert all(not m.body for m in pair.provider.find(OutgoingMessage, path=VALUES))
    assert pair.poll() == 1
    pair.carry()
    assert set(pair.received()) == {f"PSN-{pod}" for pod in PODS[1:]}


def test_values_are_cut_to_the_consents_time(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    with pair.provider.platform.store.write(SYSTEM, pair.agreement) as uow:
        (row,) = uow.find(ConsentedPod, pod_id=PODS[0])
        uow.save(replace(row, starts_at=DAY_1 + timedelta(hours=6, minutes=30)))
    pair.values()
    pair.poll()
    pair.carry()
    (one,) = pair.requester.find(ReceivedSeries, name="PSN-DE-00")
    assert [value is None for value in one.values] == [True] * 7 + [False] * 17


def test_an_aggregate_and_what_it_may_not_tell(tmp_path: Path) -> None:
    pair = Pair(tmp_path, service=ServiceType.AGGREGATED_DATA)
    pair.values()
    pair.poll()
    pair.carry()
    (one,) = pair.requester.find(ReceivedSeries)
    assert (one.name, set(one.values), set(one.n_pods)) == ("portfolio", {Decimal(12)}, {12})
    (sent,) = pair.provider.find(Delivery, state=DeliveryState.ACKNOWLEDGED)
    pull = PullValues(delivery_id=sent.id)
    assert set(pair.provider.ask("pool", pull).series[0].values) == {Decimal(12)}
    pair.revoke(PODS[0])
    assert pair.provider.codes("pool", pull) == [("too_few_pods", "delivery_id")]
    pair.provider.do("meters", SendAgain(delivery_id=sent.id))
    pair.poll()
    assert pair.provider.find(Delivery, revision=1)[0].state is DeliveryState.WITHHELD
    pair.revoke(*PODS[1:5])
    pair.provider.do("meters", SendAgain(delivery_id=sent.id))
    pair.poll()
    pair.carry()
    assert set(pair.requester.find(ReceivedSeries)[0].values) == {Decimal(7)}
    pair.revoke(*PODS[5:8])
    pair.provider.do("meters", SendAgain(delivery_id=sent.id))
    pair.poll()
    assert {d.state for d in pair.provider.find(Delivery, revision=3)} == {DeliveryState.WITHHELD}


def test_an_agreement_on_aggregates_gives_no_single_values(tmp_path: Path) -> None:
    pair = Pair(tmp_path, service=ServiceType.AGGREGATED_DATA, level=AggregationLevel.NONE)
    pair.values()
    pair.poll()
    assert {d.state for d in pair.provider.find(Delivery)} == {DeliveryState.EMPTY}
    assert pair.provider.find(OutgoingMessage) == ()


def test_a_step_that_the_values_do_not_make(tmp_path: Path) -> None:
    pair = Pair(tmp_path, step=TimeStep.MINUTES_15)
    pair.values()
    pair.poll()
    assert {d.state for d in pair.provider.find(Delivery)} == {DeliveryState.EMPTY}
    assert any("cannot be made" in d.reason for d in pair.provider.find(Delivery))


def test_what_a_receiver_refuses(pair: Pair) -> None:
    pair.values()
    pair.poll()
    (stored,) = pair.provider.find(OutgoingMessage, path=VALUES)
    good: ValuesMessage = from_data(ValuesMessage, loads(stored.body))
    series = good.series[0]

    def codes(who: str = "meters", number: int = 1, **changes: Any) -> list[tuple[str, str]]:
        envelope = Envelope(message_id=MessageId(f"m{number}"), stream="S-1", sequence=number, sent_at=NOW)
        command = TakeValues(envelope=envelope, message=replace(good, **changes))
        return pair.requester.codes(who, command)

    assert codes("pool") == [("not_permitted", "")]
    assert codes("peer1") == [("not_found", "agreement_id")]
    assert codes(agreement_id="x") == [("not_found", "agreement_id")]
    assert codes(part=1) == [("out_of_range", "part")]
    assert codes(starts=good.starts[::-1]) == [("unordered", "starts")]
    wrong_times = [("wrong_time_step", "starts")]
    hour = timedelta(hours=1)
    assert codes(starts=tuple(at + hour for at in good.starts)) == wrong_times
    assert codes(starts=tuple(at + hour / 2 for at in good.starts)) == wrong_times
    assert codes(starts=(good.starts[0] - hour, *good.starts[1:])) == wrong_times
    assert codes(time_step=TimeStep.MINUTES_15) == wrong_times
    assert codes(time_step=TimeStep.DAY) == wrong_times
    assert codes(series=(replace(series, values=series.values[1:]),)) == [("wrong_length", "series[0]")]
    assert codes(series=(series, series)) == [("duplicate", "series")]
    assert codes(series=()) == [("too_large", "series")]
    assert codes(series=(replace(series, name=" "),)) == [("missing", "series[0].name")]
    assert codes(series=(replace(series, name="PSN-other"),)) == []
    assert codes() == [("message_differs", "Message-Id")]
    assert pair.received() == {}
    assert pair.requester.find(DeliveryPart)[0].statuses[0].state is SeriesState.REFUSED
    late = MakeDelivery(agreement_id=good.agreement_id, period_start=DAY_1, period_end=DAY_2)
    with pytest.raises(Exception, match="duplicate"):
        pair.provider.platform.desk.execute(SYSTEM, late)
    assert pair.provider.codes("meters", late) == [("not_permitted", "")]


def test_a_delivery_has_its_id_alone(pair: Pair) -> None:
    """Another provider, or another agreement, that sends the same id is not counted in with it."""
    pair.values()
    pair.poll()
    first = next(one for one in pair.provider.find(OutgoingMessage) if one.path == VALUES)
    message: ValuesMessage = from_data(ValuesMessage, loads(first.body))
    pair.carry()
    other = replace(pair.agreement, id=ServiceAgreementId("SA-other"), side=PlatformRole.REQUESTER)
    with pair.requester.platform.store.write(SYSTEM, pair.agreement) as uow:
        uow.add(other)
    before = pair.requester.find(Delivery, id=message.delivery_id)
    envelope = Envelope(message_id=MessageId("m"), stream="x", sequence=1, sent_at=pair.requester.wall.now)
    hostile = TakeValues(envelope=envelope, message=replace(message, agreement_id=other.id, part=0))
    assert pair.requester.codes("meters", hostile) == [("duplicate", "delivery_id")]
    assert pair.requester.find(Delivery, id=message.delivery_id) == before


def test_who_acknowledges_and_who_looks(pair: Pair) -> None:
    pair.values()
    pair.poll()
    (sent,) = pair.provider.find(Delivery, state=DeliveryState.SENT)
    envelope = Envelope(message_id=MessageId("m"), stream="S-1", sequence=1, sent_at=NOW)
    message = AcknowledgedMessage(delivery_id=sent.id, subscription_id=sent.subscription_id, part=0, statuses=())
    for who, code in (("peer1", "not_found"), ("meters", "not_permitted")):
        assert pair.provider.codes(who, TakeAcknowledgement(envelope=envelope, message=message))[0][0] == code
    again = AgainMessage(delivery_id=sent.id, subscription_id=sent.subscription_id)
    assert pair.provider.codes("peer1", TakeAgain(envelope=envelope, message=again))[0][0] == "not_found"
    for query in (PullValues(delivery_id=sent.id), GetDelivery(delivery_id=sent.id)):
        assert pair.provider.codes("peer1", query) == [("not_found", "delivery_id")]
    assert len(pair.provider.ask("pool", ListDeliveries(part=NEWEST))) == 1
    assert pair.provider.ask("peer1", ListDeliveries(part=NEWEST)) == ()
    assert len(pair.provider.ask("meters", GetDelivery(delivery_id=sent.id)).parts) == 1
    pair.carry()
    assert len(pair.requester.ask("pool", ListReceived(part=NEWEST, name="PSN-DE-01"))) == 1
    assert pair.requester.codes("meters", ListReceived(part=NEWEST)) == [("not_permitted", "")]


def test_what_was_received_is_seen_as_long_as_its_consent_stands_and_not_after(pair: Pair) -> None:
    pair.values()
    pair.poll()
    pair.carry()
    assert len(pair.requester.ask("pool", ListReceived(part=NEWEST))) == len(PODS)
    (told,) = pair.requester.find(ToldConsent)
    with pair.requester.platform.store.write(SYSTEM, told) as uow:
        uow.save(replace(told, pod_names=("PSN-DE-03",)))
    assert [each.name for each in pair.requester.ask("pool", ListReceived(part=NEWEST))] == ["PSN-DE-03"]
    with pair.requester.platform.store.write(SYSTEM, told) as uow:
        uow.save(replace(uow.get(ToldConsent, told.id), state=ConsentState.REVOKED, ended_at=NOW))
    assert pair.requester.ask("pool", ListReceived(part=NEWEST)) == ()


def test_of_two_consents_the_one_that_stands_shows_its_own_alone(pair: Pair) -> None:
    """Another purpose, or another time, opens nothing of what was revoked."""
    pair.values()
    pair.poll()
    pair.carry()
    (told,) = pair.requester.find(ToldConsent)
    query = ListReceived(part=NEWEST, name="PSN-DE-03")
    with pair.requester.platform.store.write(SYSTEM, told) as uow:
        uow.add(replace(told, id=ConsentId("C-ads"), processing_details="Advertisements."))
        uow.save(replace(told, state=ConsentState.REVOKED, ended_at=NOW))
    assert pair.requester.ask("pool", query) == ()
    with pair.requester.platform.store.write(SYSTEM, told) as uow:
        uow.add(replace(told, id=ConsentId("C-later"), starts_at=DAY_1 + timedelta(hours=18, minutes=30)))
    (seen,) = pair.requester.ask("pool", query)
    assert [value is None for value in seen.values] == [True] * 19 + [False] * 5
    with pair.requester.platform.store.write(SYSTEM, told) as uow:
        uow.save(replace(uow.get(ToldConsent, "C-later"), starts_at=DAY_2))
    assert pair.requester.ask("pool", query) == ()


def test_behind_series_that_are_hidden_the_others_are_found(pair: Pair) -> None:
    """A page is as long as it was asked for, whatever was revoked before it."""
    pair.values()
    pair.poll()
    pair.carry()
    (told,) = pair.requester.find(ToldConsent)
    with pair.requester.platform.store.write(SYSTEM, told) as uow:
        uow.save(replace(told, pod_names=tuple(f"PSN-{pod}" for pod in PODS[5:])))
    first = Slice(order=(("id", False),), limit=3)
    page = pair.requester.ask("pool", ListReceived(part=first))
    assert [each.name for each in page] == [f"PSN-{pod}" for pod in PODS[5:8]]
    rest = replace(first, after=(page[-1].id,), limit=9)
    assert [each.name for each in pair.requester.ask("pool", ListReceived(part=rest))] == [
        f"PSN-{p}" for p in PODS[8:]
    ]


def test_the_trail_keeps_no_value_that_was_received(pair: Pair) -> None:
    """It lasts for ever and is exported, a consent does not."""
    pair.values("8765.432")
    pair.poll()
    pair.carry()
    assert pair.received()["PSN-DE-00"] == {Decimal("8765.432")}
    with pair.requester.platform.read() as uow:
        (row,) = (row for row in uow.trail.rows() if row.command == "TakeValues")
    assert json.loads(row.body)["message"]["series"] == {"withheld": len(PODS)}
    assert "8765" not in pair.requester.ask("pool", ExportTrail())
    assert "8765" not in repr(
        pair.requester.ask("pool", ListTrail(part=Slice(order=falling("sequence"), limit=99)))
    )
