"""A requester asks for consents and for activation on its platform's pages; both sides see what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from platform_room import ATTACK, NOW, Room, platform_room
from platform_things import DAY, LOAD, SUM, subscription

from app.queries.models.platform import ListConsentAsks, ListServiceActivations
from domain.ids import (
    ConsentId,
    PodId,
    ServiceActivationId,
    ServiceAgreementId,
    SubscriptionId,
)
from domain.marketplace.words import (
    ActivationStatus,
    ConsentState,
    Environment,
    PlatformRole,
    Quantity,
    TimeStep,
)
from domain.paging import Slice, falling
from domain.platform.activations import (
    AgreementState,
    DataSelection,
    PodRefusal,
    ServiceActivation,
    ServiceAgreement,
)
from domain.platform.consents import ToldConsent
from domain.time import MARKET_ZONE
from views import news
from views.pages import platform_activations, platform_asks

NEWEST = Slice(order=falling("asked_at", "id"), limit=9)
REQUESTED = Slice(order=falling("requested_at", "id"), limit=9)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with platform_room(tmp_path / "platform.db") as opened:
        yield opened


def asks(room: Room, **address: Any) -> Any:
    return room.open("requester1", platform_asks.PAGES[0], **address).owner


def activations(room: Room, who: str = "requester1", **address: Any) -> Any:
    return room.open(who, platform_activations.PAGES[0], **address).owner


@pytest.fixture
def subscribed(room: Room) -> Room:
    room.add(subscription("S-2", PlatformRole.REQUESTER))
    return room


def shown_problems(page: Any) -> list[str]:
    return [name for name, pane in page.problems._beside.items() if pane.visible]


def test_without_a_subscription_the_form_says_where_to_get_one(room: Room) -> None:
    shown = asks(room)
    assert shown._none.visible
    assert not shown._form.visible
    assert shown._no_asks.visible
    assert shown._no_told.visible


def test_consents_are_asked_for_with_points_days_and_words(subscribed: Room) -> None:
    shown = asks(subscribed)
    assert shown.service.value == ("S-2", LOAD)
    shown.pods.value = "DE0001, DE0002\nDE0003"
    shown.first.value, shown.last.value = date(2026, 7, 1), date(2026, 12, 31)
    shown.data.value, shown.processing.value = f"Your load {ATTACK}", "Offers of flexibility"
    shown._on_ask(None)
    (ask,) = subscribed.ask("requester1", ListConsentAsks(part=NEWEST))
    assert ask.pod_ids == ("DE0001", "DE0002", "DE0003")
    assert ask.starts_at == datetime(2026, 7, 1, tzinfo=MARKET_ZONE)
    assert ask.ends_at == datetime(2027, 1, 1, tzinfo=MARKET_ZONE)
    assert ask.data_details == f"Your load {ATTACK}"
    assert [(row["state"], row["points"], row["n_asked"]) for row in shown._asks.records] == [("asked", 3, None)]
    assert "not answered yet" in shown._answer.object
    assert shown.state.ask == ask.id


def test_an_answer_tells_how_many_are_asked_and_why_not_the_rest(subscribed: Room) -> None:
    shown = asks(subscribed)
    shown.pods.value = "DE0001 DE0009"
    shown._on_ask(None)
    (ask,) = subscribed.ask("requester1", ListConsentAsks(part=NEWEST))
    refused = (PodRefusal(pod_id=PodId("DE0009"), code="unknown_pod", sentence=f"Nobody lives there {ATTACK}."),)
    subscribed.change(ask, answered_at=NOW, n_asked=1, refused=refused)
    shown._on_news(news.PLATFORM, None)
    assert "1 customer asked; 1 point could not be asked for." in shown._answer.object
    assert [row["pod"] for row in shown._refused.records] == ["DE0009"]
    subscribed.change(replace(ask), n_asked=0, refused=(), reason=f"Not now {ATTACK}")
    shown._on_news(news.PLATFORM, None)
    assert "asked nobody: Not now &lt;img" in shown._answer.object


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"pods": ""}, "pods"),
        ({"pods": "DE0001 DE0001"}, "pods"),
        ({"first": None}, "first"),
        ({"last": date(2026, 1, 1)}, "last"),
        ({"last": date(2099, 1, 1)}, "last"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(subscribed: Room, change: dict[str, Any], field: str) -> None:
    shown = asks(subscribed)
    shown.pods.value = "DE0001"
    for name, value in change.items():
        getattr(shown, name).value = value
    shown._on_ask(None)
    assert shown_problems(shown) == [field]
    assert subscribed.ask("requester1", ListConsentAsks(part=NEWEST)) == ()


def test_an_activation_selects_what_the_service_offers(subscribed: Room) -> None:
    shown = asks(subscribed)
    shown.pods.value = "DE0001"
    shown._on_activate(None)
    (made,) = subscribed.ask("requester1", ListServiceActivations(part=REQUESTED))
    assert made.pod_ids == ("DE0001",)
    assert (made.selection.quantity, made.selection.time_step) == (Quantity.CONSUMPTION, TimeStep.MINUTES_15)
    assert made.selection.individual
    assert made.selection.period_start == datetime(2026, 7, 1, tzinfo=MARKET_ZONE)


def test_aggregates_are_asked_for_by_place_and_need_no_consent(subscribed: Room) -> None:
    shown = asks(subscribed)
    shown.service.value = ("S-2", SUM)
    assert shown.places.visible
    assert not shown.pods.visible
    assert shown.ask.disabled
    shown.places.value = "DE/Kiel\n"
    shown._on_activate(None)
    (made,) = subscribed.ask("requester1", ListServiceActivations(part=REQUESTED))
    assert made.selection.localisation == ("DE/Kiel",)
    assert made.pod_ids == ()
    assert "sum of a city in DE/Kiel" in activations(subscribed)._lines.object


def test_consents_that_were_told_are_listed_and_a_revocation_is_seen_with_the_news(subscribed: Room) -> None:
    told = ToldConsent(
        id=ConsentId("C-1"),
        subscription_id=SubscriptionId("S-2"),
        description_id=LOAD,
        pod_names=("DE0001",),
        processing_details="Offers",
        starts_at=NOW,
        ends_at=NOW + 30 * DAY,
        state=ConsentState.ACKNOWLEDGED,
        acknowledged_at=NOW,
    )
    subscribed.add(told)
    shown = asks(subscribed)
    assert [(row["state"], row["points"]) for row in shown._told.records] == [("acknowledged", "DE0001")]
    subscribed.change(told, state=ConsentState.REVOKED, pod_names=(), ended_at=NOW)
    shown._on_news(news.PLATFORM, None)
    assert [(row["state"], row["points"]) for row in shown._told.records] == [("revoked", "none left")]


def test_what_somebody_types_stays_when_news_come(subscribed: Room) -> None:
    shown = asks(subscribed)
    shown.service.value, shown.places.value = ("S-2", SUM), "DE/Bremen"
    shown._on_news(news.PLATFORM, None)
    assert (shown.service.value, shown.places.value) == (("S-2", SUM), "DE/Bremen")


def activation(**changes: Any) -> ServiceActivation:
    values: dict[str, Any] = {
        "id": ServiceActivationId("A-1"),
        "side": PlatformRole.PROVIDER,
        "environment": Environment.REGULATED,
        "subscription_id": SubscriptionId("S-1"),
        "description_id": LOAD,
        "requester_id": "pool",
        "pod_ids": ("DE0001", "DE0002"),
        "selection": DataSelection(quantity=Quantity.CONSUMPTION, time_step=TimeStep.MINUTES_15),
        "processing_details": ATTACK,
        "starts_at": NOW,
        "ends_at": NOW + 30 * DAY,
        "requested_at": NOW,
    }
    return ServiceActivation(**values | changes)


def agreement(**changes: Any) -> ServiceAgreement:
    values: dict[str, Any] = {
        "id": ServiceAgreementId("AGR-1"),
        "side": PlatformRole.PROVIDER,
        "activation_id": ServiceActivationId("A-1"),
        "subscription_id": SubscriptionId("S-1"),
        "description_id": LOAD,
        "pod_ids": (PodId("DE0001"),),
        "pod_names": ("DE0001",),
        "selection": DataSelection(quantity=Quantity.CONSUMPTION, time_step=TimeStep.MINUTES_15),
        "data_details": "",
        "processing_details": "Offers",
        "validated_at": NOW,
        "starts_at": NOW,
        "ends_at": NOW + 30 * DAY,
    }
    return ServiceAgreement(**values | changes)


def test_an_agreement_is_asked_for_until_a_day(subscribed: Room) -> None:
    shown = asks(subscribed)
    shown.pods.value, shown.until.value = "DE0001", date(2026, 1, 1)
    shown._on_activate(None)
    assert shown_problems(shown) == ["until"]
    shown.until.value = date(2026, 9, 30)
    shown._on_activate(None)
    (made,) = subscribed.ask("requester1", ListServiceActivations(part=REQUESTED))
    assert made.ends_at == datetime(2026, 10, 1, tzinfo=MARKET_ZONE)


def test_a_request_can_give_other_points_to_an_agreement(subscribed: Room) -> None:
    old = agreement(
        side=PlatformRole.REQUESTER,
        subscription_id=SubscriptionId("S-2"),
        pod_ids=(PodId("DE0001"),),
        pod_names=("DE0001",),
    )
    ended = replace(old, id=ServiceAgreementId("AGR-9"), state=AgreementState.ENDED)
    shown = asks(subscribed)
    assert not shown.refreshes.visible
    subscribed.add(old, ended)
    shown._on_news(news.PLATFORM, None)
    assert shown.refreshes.visible
    assert list(shown.refreshes.options.values()) == ["", old.id]
    shown.pods.value, shown.refreshes.value = "DE0001 DE0002", old.id
    shown._on_activate(None)
    (made,) = subscribed.ask("requester1", ListServiceActivations(part=REQUESTED))
    assert (made.refreshes, made.pod_ids) == (old.id, ("DE0001", "DE0002"))
    subscribed.change(old, state=AgreementState.ENDED)
    shown._on_activate(None)
    assert shown_problems(shown) == ["refreshes"]


PARTLY: dict[str, Any] = {
    "status": ActivationStatus.PARTIAL,
    "confirmed_at": NOW,
    "confirmed": ("DE0001",),
    "refused": (PodRefusal(pod_id=PodId("DE0002"), code="no_consent", sentence=f"No consent {ATTACK}."),),
    "agreement_id": ServiceAgreementId("AGR-1"),
}


def test_the_provider_sees_what_was_confirmed_and_why_not_the_rest(room: Room) -> None:
    room.add(subscription(), activation(**PARTLY), agreement())
    shown = activations(room, "provider1")
    (row,) = shown._activations.records
    assert (row["status"], row["n_asked"], row["n_confirmed"], row["n_refused"]) == ("Partial", 2, 1, 1)
    assert [row["pod"] for row in shown._refused.records] == ["DE0002"]
    assert ATTACK not in shown._lines.object
    assert [row["state"] for row in shown._agreements.records] == ["in force"]
    assert not shown.accept.visible


def test_an_agreement_ends_with_a_reason_after_the_question(room: Room) -> None:
    room.add(subscription(), activation(**PARTLY), agreement())
    shown = activations(room, "provider1", agreement="AGR-1")
    shown._on_end(None)
    assert shown.dialog.view.open
    shown.dialog._on_confirm(None)
    assert shown_problems(shown) == ["reason"], "a reason is wanted"
    shown.reason.value = "The meter was replaced."
    shown._on_end(None)
    shown.dialog._on_confirm(None)
    assert [row["state"] for row in shown._agreements.records] == [AgreementState.ENDED.value]
    assert not shown.end.visible


def test_what_waits_for_people_can_be_refused_with_a_reason(room: Room) -> None:
    room.add(subscription(), activation())
    shown = activations(room, "provider1")
    assert shown.accept.visible
    assert [row["status"] for row in shown._activations.records] == ["requested"]
    shown._on_refuse(None)
    assert shown_problems(shown) == ["reason"]
    shown.reason.value = "Not in this area."
    shown._on_refuse(None)
    assert [row["status"] for row in shown._activations.records] == ["KO"]
    assert "Not in this area." in shown._lines.object


def test_nothing_yet_says_what_comes_next_on_both_sides(room: Room) -> None:
    for who in ("provider1", "requester1"):
        shown = activations(room, who)
        assert shown._none.visible
        assert not shown._picked.visible
