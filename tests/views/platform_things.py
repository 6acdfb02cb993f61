"""Things on a platform for tests of its pages, with hostile text in all that others wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from domain.events.platform import ConsentAsked
from domain.ids import (
    ConsentAskId,
    ConsentId,
    PartyId,
    PodId,
    ServiceDescriptionId,
    SubscriptionId,
    TechnicalValidationId,
)
from domain.marketplace.services import Player, ServiceDescription, ServiceTerms, SubscriptionContent
from domain.marketplace.words import (
    AggregationLevel,
    AggregationMethod,
    Environment,
    PlatformRole,
    ServiceType,
)
from domain.parties import SYSTEM
from domain.platform.consents import Consent, ConsentWay
from domain.platform.pods import Pod
from domain.platform.subscriptions import PlatformSubscription
from domain.platform.validation import (
    AreaPart,
    BindingLimit,
    LimitKind,
    PowerPoint,
    SystemOperator,
    TechnicalValidationRequest,
    TechnicalValidationResponse,
)
from domain.platform.validations import TechnicalValidation, ValidationState
from domain.time import MARKET_ZONE, DeliveryDay
from tests.views.platform_room import ATTACK, NOW, Room

EXAMPLES = Path(__file__).parents[2] / "assets" / "demo" / "examples"

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
        "id": ConsentId("C-1"),
        "ask_id": ConsentAskId("CA-1"),
        "way": ConsentWay.LIST,
        "subscription_id": SubscriptionId("S-1"),
        "description_id": LOAD,
        "provider_id": PartyId("provider1"),
        "requester_id": PartyId("pool"),
        "customer_id": PartyId("customer1"),
        "pod_ids": (PodId("DE0001"), PodId("DE0002")),
        "data_details": f"Quarter hours of consumption {ATTACK}",
        "processing_details": f"Offers of flexibility {ATTACK}",
        "starts_at": datetime(2026, 7, 1, tzinfo=MARKET_ZONE),
        "ends_at": datetime(2027, 7, 1, tzinfo=MARKET_ZONE),
        "asked_at": NOW,
        "answer_until": NOW + 30 * DAY,
    }
    consent = Consent(**values | changes)
    with room.platform.store.write(SYSTEM, consent) as uow:
        uow.add(consent)
        uow.record(ConsentAsked(consent_id=consent.id, customer_id=consent.customer_id))


def answered() -> TechnicalValidation:
    """requester1 asked for 2 MW in an hour of the next day; 62.5 % of it may be delivered."""
    start = DeliveryDay(day=date(2026, 7, 2)).instant(40)
    request = TechnicalValidationRequest(
        id=TechnicalValidationId("TFR-1"),
        start=start,
        end=start + timedelta(hours=1),
        curve=(PowerPoint(at=start, power_mw=Decimal(2)),),
        load_area=(AreaPart(name=f"Feeder {ATTACK}"),),
    )
    binding = BindingLimit(
        operator=SystemOperator.DSO,
        element=f"Line {ATTACK}",
        kind=LimitKind.LOADING,
        at=start,
        limit=Decimal(100),
        base=Decimal("81.2"),
        value=Decimal(100),
        whole=Decimal(133),
    )
    response = TechnicalValidationResponse(
        request_id=request.id,
        share=Decimal("0.625"),
        dso_share=Decimal("0.625"),
        tso_share=Decimal(1),
        binding=binding,
        dso_binding=binding,
        tso_binding=None,
    )
    return TechnicalValidation(
        id="TV-1",
        side=PlatformRole.REQUESTER,
        request_id=request.id,
        subscription_id=SubscriptionId("S-2"),
        party_id=PartyId("requester1"),
        peer_id=PartyId("pool"),
        request=request,
        asked_at=NOW,
        state=ValidationState.ANSWERED,
        response=response,
        answered_at=NOW,
    )
