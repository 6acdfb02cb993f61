"""A provider's platform with a subscription and its PoDs' consents, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.persistence import Store
from app.platform.allowing import allowing
from domain.commands import ClockAction, MoveClock
from domain.ids import (
    ConsentId,
    PartyId,
    PodId,
    ServiceActivationId,
    ServiceAgreementId,
    ServiceDescriptionId,
    SubscriptionId,
)
from domain.marketplace.services import Player, ServiceDescription, ServiceTerms, SubscriptionContent
from domain.marketplace.words import Environment, PlatformRole, Quantity, ServiceType, TimeStep
from domain.parties import SYSTEM
from domain.platform.activations import DataSelection, ServiceAgreement
from domain.platform.consents import ConsentedPod, purpose
from domain.platform.subscriptions import PlatformSubscription
from domain.time import Interval

NOW = datetime(2016, 7, 25, 10, tzinfo=UTC)
DAY = timedelta(days=1)
SUB, OTHER_SUB = SubscriptionId("S-1"), SubscriptionId("S-2")
PROVIDER, REQUESTER, OTHER = PartyId("provider"), PartyId("requester"), PartyId("other")
SERVICE, FREE_SERVICE = ServiceDescriptionId("D-1"), ServiceDescriptionId("D-2")
READING = "Load curves for offers of flexibility."
POD_1, POD_2, POD_3 = (PodId(f"AT00{n}") for n in (1, 2, 3))


def description(**changes: Any) -> ServiceDescription:
    values: dict[str, Any] = {
        "id": SERVICE,
        "service_type": ServiceType.INDIVIDUAL_DATA,
        "short_description": "Load curves",
    }
    return ServiceDescription(**values | changes)


def subscription(**changes: Any) -> PlatformSubscription:
    content = SubscriptionContent(
        id=changes.get("id", SUB),
        environment=changes.pop("environment", Environment.REGULATED),
        provider=Player(id=PROVIDER, name="North meters"),
        requester=Player(id=REQUESTER, name="West pool"),
        validated_at=NOW - 60 * DAY,
        starts_at=changes.pop("starts_at", NOW - 60 * DAY),
        ends_at=changes.pop("ends_at", None),
        data_details="Quarter hours of consumption.",
        processing_details=READING,
        descriptions=(description(), description(id=FREE_SERVICE, consent_mandatory=False)),
        terms=ServiceTerms(),
    )
    values: dict[str, Any] = {"id": SUB, "side": PlatformRole.PROVIDER, "peer_id": REQUESTER, "content": content}
    return PlatformSubscription(**values | changes)


def agreement(**changes: Any) -> ServiceAgreement:
    values: dict[str, Any] = {
        "id": ServiceAgreementId("A-1"),
        "side": PlatformRole.PROVIDER,
        "activation_id": ServiceActivationId("Q-1"),
        "subscription_id": SUB,
        "description_id": SERVICE,
        "pod_ids": (POD_1, POD_2),
        "selection": DataSelection(quantity=Quantity.CONSUMPTION, time_step=TimeStep.MINUTES_15),
        "data_details": "Quarter hours of consumption.",
        "processing_details": READING,
        "validated_at": NOW - 40 * DAY,
        "starts_at": NOW - 40 * DAY,
        "ends_at": NOW + 40 * DAY,
    }
    values |= changes
    return ServiceAgreement(**{"pod_names": values["pod_ids"]} | values)


def consented(pod: PodId = POD_1, **changes: Any) -> ConsentedPod:
    consent_id = changes.pop("consent_id", ConsentId("C-1"))
    values: dict[str, Any] = {
        "id": f"{consent_id}/{pod}",
        "consent_id": consent_id,
        "subscription_id": SUB,
        "requester_id": REQUESTER,
        "purpose": purpose(SERVICE, READING),
        "pod_id": pod,
        "name": str(pod),
        "starts_at": NOW - 30 * DAY,
        "ends_at": NOW + 30 * DAY,
    }
    return ConsentedPod(**values | changes)


def days(first: float, last: float) -> Interval:
    """From so many days before or after now to so many."""
    return Interval(start=NOW + first * DAY, end=NOW + last * DAY)


def standing_still(store: Store, market: datetime = NOW) -> None:
    """The market clock stands at an instant."""
    with store.write(SYSTEM, MoveClock(action=ClockAction.PAUSE)) as uow:
        uow.set_clock(replace(uow.clock(), anchor_market=market, anchor_wall=uow.wall, speed=0.0, movable=True))


def put(store: Store, *entities: Any) -> None:
    with store.write(SYSTEM, MoveClock(action=ClockAction.PAUSE)) as uow:
        for entity in entities:
            uow.add(entity)


def change(store: Store, entity: Any, **changes: Any) -> None:
    with store.write(SYSTEM, MoveClock(action=ClockAction.PAUSE)) as uow:
        uow.save(replace(uow.get(type(entity), entity.id), **changes))


def allowed(store: Store, given: ServiceAgreement, **more: Any) -> Mapping[PodId, tuple[Interval, ...]]:
    with store.read() as uow:
        return allowing(uow, given, **more)
