"""Things on a platform for tests of its pages, with hostile text in all that others wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from platform_room import ATTACK, NOW, Room

from domain.commands.platform import TakeConsentAsk
from domain.ids import ConsentAskId, PartyId, PodId, ServiceDescriptionId, SubscriptionId
from domain.marketplace.services import Player, ServiceDescription, ServiceTerms, SubscriptionContent
from domain.marketplace.words import (
    AggregationLevel,
    AggregationMethod,
    Environment,
    PlatformRole,
    ServiceType,
)
from domain.platform.messages import AskMessage
from domain.platform.pods import Pod
from domain.platform.subscriptions import PlatformSubscription
from domain.time import MARKET_ZONE

DAY = timedelta(days=1)
LOAD, SUM = ServiceDescriptionId("D-1"), ServiceDescriptionId("D-2")


def services() -> tuple[ServiceDescription, ...]:
    load = ServiceDescription(
        id=LOAD, service_type=ServiceType.INDIVIDUAL_DATA, short_description=f"Load curves {ATTACK}"
    )
    total = ServiceDescription(
        id=SUM,
        service_type=ServiceType.AGGREGATED_DATA,
        short_description="Sums of cities",
        aggregation_level=AggregationLevel.CITY,
        aggregation_method=AggregationMethod.SUM,
        consent_mandatory=False,
        localisation=("DE/Kiel",),
    )
    return load, total


def subscription(
    id: str = "S-1", side: PlatformRole = PlatformRole.PROVIDER, **content: Any
) -> PlatformSubscription:
    """Of provider1 or requester1, with the party `pool` at the other side."""
    own, peer = PartyId("provider1"), PartyId("pool")
    if side is PlatformRole.REQUESTER:
        provider, requester = (
            Player(id=peer, name=f"Other meters {ATTACK}"),
            Player(id=PartyId("requester1"), name="Pool"),
        )
    else:
        provider, requester = Player(id=own, name="Meters"), Player(id=peer, name=f"Other pool {ATTACK}")
    terms = ServiceTerms(conditions=ATTACK)
    told = SubscriptionContent(
        id=SubscriptionId(id),
        environment=Environment.REGULATED,
        provider=provider,
        requester=requester,
        validated_at=NOW - 60 * DAY,
        starts_at=NOW - 60 * DAY,
        ends_at=None,
        data_details=f"Quarter hours {ATTACK}",
        processing_details=f"Offers of flexibility {ATTACK}",
        descriptions=services(),
        terms=terms,
    )
    return PlatformSubscription(
        id=SubscriptionId(id), side=side, peer_id=peer, content=replace(told, **content), introduction="secret"
    )


def house_pods() -> tuple[Pod, ...]:
    """Two of customer1."""
    place = {"country": "DE", "postcode": "24103", "city": "Kiel", "customer_id": PartyId("customer1")}
    return tuple(Pod(id=PodId(f"DE000{n}"), street=f"Lange Reihe {n}", **place) for n in (1, 2))


def asked(room: Room, **changes: Any) -> None:
    """The party `pool` asks customer1 for a year of both."""
    values: dict[str, Any] = {
        "ask_id": ConsentAskId("CA-1"),
        "subscription_id": SubscriptionId("S-1"),
        "description_id": LOAD,
        "pod_ids": (PodId("DE0001"), PodId("DE0002")),
        "data_details": f"Quarter hours of consumption {ATTACK}",
        "processing_details": f"Offers of flexibility {ATTACK}",
        "starts_at": datetime(2026, 7, 1, tzinfo=MARKET_ZONE),
        "ends_at": datetime(2027, 7, 1, tzinfo=MARKET_ZONE),
    }
    room.do("pool", TakeConsentAsk(message=AskMessage(**values | changes)))
