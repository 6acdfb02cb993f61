"""Deliveries on both sides' pages, and received data, which are gone when a consent is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from platform_room import ATTACK, NOW, Room, platform_room
from platform_things import DAY, LOAD, subscription

from domain.commands import ReportTries, Tried
from domain.ids import (
    ConsentId,
    DeliveryId,
    PartyId,
    PodId,
    ServiceActivationId,
    ServiceAgreementId,
    SubscriptionId,
)
from domain.marketplace.words import ConsentState, PlatformRole, Quantity, TimeStep
from domain.platform.activations import DataSelection, ServiceAgreement
from domain.platform.consents import ToldConsent
from domain.platform.deliveries import (
    Delivery,
    DeliveryPart,
    DeliveryState,
    ReceivedSeries,
    SeriesState,
    SeriesStatus,
)
from domain.transport import MessageState
from views import news
from views.pages import platform_data, platform_deliveries

START = NOW.replace(hour=22) - 2 * DAY
NAME = f"PSN {ATTACK}"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with platform_room(tmp_path / "platform.db") as opened:
        yield opened


def deliveries(room: Room, who: str, **address: Any) -> Any:
    return room.open(who, platform_deliveries.PAGES[0], **address).owner


def data(room: Room) -> Any:
    return room.open("requester1", platform_data.PAGES[0]).owner


def agreement(side: PlatformRole, subscription_id: str) -> ServiceAgreement:
    return ServiceAgreement(
        id=ServiceAgreementId("AGR-1"),
        side=side,
        activation_id=ServiceActivationId("A-1"),
        subscription_id=SubscriptionId(subscription_id),
        description_id=LOAD,
        pod_ids=(PodId(NAME),),
        pod_names=(NAME,),
        selection=DataSelection(quantity=Quantity.CONSUMPTION, time_step=TimeStep.HOUR),
        data_details="",
        processing_details="Offers",
        validated_at=NOW - 9 * DAY,
        starts_at=NOW - 9 * DAY,
        ends_at=NOW + 30 * DAY,
    )


def delivery(side: PlatformRole = PlatformRole.PROVIDER, subscription_id: str = "S-1", **changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "id": DeliveryId("D-1"),
        "side": side,
        "agreement_id": ServiceAgreementId("AGR-1"),
        "subscription_id": SubscriptionId(subscription_id),
        "peer_id": PartyId("pool"),
        "aggregated": False,
        "quantity": Quantity.CONSUMPTION,
        "time_step": TimeStep.HOUR,
        "period_start": START,
        "period_end": START + DAY,
        "revision": 0,
        "due_at": START + 2 * DAY,
        "sent_at": START + DAY,
        "state": DeliveryState.ACKNOWLEDGED,
        "acknowledged_at": NOW,
        "n_parts": 1,
        "n_acknowledged": 1,
        "n_series": 2,
        "n_values": 47,
        "n_gaps": 1,
    }
    return Delivery(**values | changes)


def part(*states: tuple[str, SeriesState]) -> DeliveryPart:
    statuses = tuple(SeriesStatus(name=name, state=state, n_values=24, n_gaps=0, at=NOW) for name, state in states)
    return DeliveryPart(
        id="D-1/0",
        delivery_id=DeliveryId("D-1"),
        part=0,
        n_series=len(states),
        statuses=statuses,
        acknowledged_at=NOW,
    )


def series(**changes: Any) -> ReceivedSeries:
    values: dict[str, Any] = {
        "id": "R-1",
        "agreement_id": ServiceAgreementId("AGR-1"),
        "delivery_id": DeliveryId("D-1"),
        "revision": 0,
        "name": NAME,
        "aggregated": False,
        "quantity": Quantity.CONSUMPTION,
        "time_step": TimeStep.HOUR,
        "period_start": START,
        "period_end": START + DAY,
        "starts": tuple(START + timedelta(hours=k) for k in range(3)),
        "values": (Decimal("1.5"), None, Decimal(2)),
    }
    return ReceivedSeries(**values | changes)


def told() -> ToldConsent:
    return ToldConsent(
        id=ConsentId("C-1"),
        subscription_id=SubscriptionId("S-2"),
        description_id=LOAD,
        pod_names=(NAME,),
        processing_details="Offers",
        starts_at=NOW - 9 * DAY,
        ends_at=NOW + 30 * DAY,
        state=ConsentState.ACKNOWLEDGED,
        acknowledged_at=NOW - 9 * DAY,
    )


@pytest.fixture
def receiving(room: Room) -> Room:
    side = PlatformRole.REQUESTER
    room.add(subscription("S-2", side), agreement(side, "S-2"), told(), delivery(side, "S-2"), series())
    return room


def test_both_sides_are_told_what_comes_before_anything_does(room: Room) -> None:
    for who in ("provider1", "requester1"):
        shown = deliveries(room, who)
        assert shown._none.visible
        assert shown._no_message.visible
        assert not shown._picked.visible


def test_a_provider_sees_what_was_sent_told_and_missing_the_worst_first(room: Room) -> None:
    side = PlatformRole.PROVIDER
    room.add(
        subscription(),
        agreement(side, "S-1"),
        delivery(),
        part(("A", SeriesState.RECEIVED), (NAME, SeriesState.GAPS), ("B", SeriesState.REFUSED)),
    )
    shown = deliveries(room, "provider1")
    (row,) = shown._book.records
    assert (row["state"], row["values"], row["gaps"], row["parts"], row["in_time"]) == (
        "acknowledged",
        47,
        1,
        "1 of 1",
        "in time",
    )
    assert [each["name"] for each in shown._statuses.records] == ["B", NAME, "A"]
    assert ATTACK not in shown._lines.object


def test_late_and_missing_values_are_marked(room: Room) -> None:
    late = delivery(sent_at=START + 3 * DAY)
    room.add(subscription(), agreement(PlatformRole.PROVIDER, "S-1"), late)
    shown = deliveries(room, "provider1")
    assert [row["in_time"] for row in shown._book.records] == ["late"]
    assert shown._strip.view.object.count("watch") == 2


def test_a_provider_sends_again(room: Room) -> None:
    room.add(subscription(), agreement(PlatformRole.PROVIDER, "S-1"), delivery())
    shown = deliveries(room, "provider1", delivery="D-1")
    assert shown.again.label == "Send again"
    shown._on_again(None)
    assert room.said[-1][0] == "success"
    assert shown._facts.chosen.delivery.outdated


def test_a_requester_asks_for_it_again_and_that_waits_to_be_sent(receiving: Room) -> None:
    shown = deliveries(receiving, "requester1")
    assert shown.again.label == "Ask for it again"
    shown._on_again(None)
    assert receiving.said[-1][0] == "success"
    assert [row["path"] for row in shown._messages.records] == ["/b2b/v1/values/again"]
    assert ATTACK in shown._messages.records[0]["to"]


def test_received_values_stand_in_chart_table_and_file(receiving: Room) -> None:
    shown = data(receiving)
    assert [(row["name"], row["gaps"], row["total"]) for row in shown._book.records] == [(NAME, 1, "3.50 kWh")]
    assert list(shown._chart.chart.source.data["value"])[::2] == [1.5, 2.0]
    assert [row["value"] for row in shown._table.records] == ["1.5", "gap", "2"]
    lines = shown.csv().getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert lines[2].split(",")[2] == ""
    assert ATTACK not in shown._words.object


def test_received_values_as_a_market_document(receiving: Room) -> None:
    shown = data(receiving)
    for document in (shown.xml(), shown.xml_of_picked()):
        found = ElementTree.fromstring(document.getvalue())
        texts = [(each.tag.partition("}")[2], each.text) for each in found.iter()]
        assert [text for tag, text in texts if tag == "marketEvaluationPoint.mRID"] == [NAME]
        points = [text for tag, text in texts if tag in ("position", "quantity")]
        assert [(at, float(value)) for at, value in zip(points[::2], points[1::2], strict=True)] == [
            ("1", 1.5),
            ("3", 2.0),
        ]
    shown.state.series = "another"
    assert shown.xml_of_picked().getvalue().count(b"<TimeSeries>") == 1


def test_when_a_consent_ends_an_open_page_is_empty_at_once_and_its_exports_are(receiving: Room) -> None:
    context = receiving.context("requester1")
    shown: Any = platform_data.PAGES[0].build(context).owner
    assert shown._book.records
    receiving.change(told(), state=ConsentState.REVOKED, pod_names=(), ended_at=NOW)
    assert len(shown.csv().getvalue().decode("utf-8-sig").splitlines()) == 1, "asked anew, before any news"
    assert len(shown.csv_of_picked().getvalue().decode("utf-8-sig").splitlines()) == 1
    assert [b"<TimeSeries>" in each().getvalue() for each in (shown.xml, shown.xml_of_picked)] == [False, False]
    context.live.tell(news.PLATFORM)
    assert shown._book.records == []
    assert shown._table.records == []
    assert shown._chart.chart is None
    assert shown._chart.view.objects == []
    assert shown._none.visible
    assert not shown._picked.visible


def test_news_bring_a_correction(receiving: Room) -> None:
    context = receiving.context("requester1")
    shown: Any = platform_data.PAGES[0].build(context).owner
    receiving.change(series(), revision=1, values=(Decimal(1), Decimal(1), Decimal(1)))
    context.live.tell(news.PLATFORM)
    assert [(row["revision"], row["gaps"]) for row in shown._book.records] == [(1, 0)]
    assert list(shown._chart.chart.source.data["value"]) == [1, 1, 1]
    assert replace(series(), revision=1).id == shown.picked.id


def test_messages_that_were_not_taken_are_replayed_or_given_up(receiving: Room) -> None:
    first = deliveries(receiving, "requester1")
    assert (first.replay.disabled, first.drop.disabled) == (True, True)
    first._on_again(None)
    (message,) = first._messages.records
    waiting = deliveries(receiving, "requester1", message=message["id"])
    assert (waiting.replay.disabled, waiting.drop.disabled) == (True, False)
    dead = Tried(message_id=message["id"], state=MessageState.DEAD, error="422: No.")
    receiving.platform.execute(ReportTries(tries=(dead,)))
    shown = deliveries(receiving, "requester1")
    shown._on_message(shown._messages.records[0])
    shown.replay.clicks += 1
    assert receiving.said[-1] == ("success", "It is tried again.")
    assert (shown._messages.records[0]["state"], shown.replay.disabled) == ("waiting", True)
    shown.drop.clicks += 1
    assert shown._messages.records
    shown.dialog._yes.clicks += 1
    assert (receiving.said[-1], shown._messages.records) == (("success", "Given up."), [])
    assert shown.drop.disabled
