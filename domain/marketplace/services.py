"""What a service is (MKP-SRV-DES) and the subscription that two players have (B2B-SRV-SUB)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.ids import PartyId, ServiceDescriptionId, ServiceOfferId, SubscriptionId
from domain.marketplace.words import (
    AggregationLevel,
    AggregationMethod,
    Environment,
    Quantity,
    ServiceType,
    TimeStep,
)


@dataclass(frozen=True, kw_only=True)
class ServiceDescription:
    """MKP-SRV-DES: one service of an offer, a request or a subscription (D2.3, section 2.3).

    period_start, period_end : the time covered by the data, None where it is open
    localisation : country codes (ISO 3166-1 alpha-2) or places in them, never PoDs
    near_real_time : values are pushed as they come, not only afterwards
    """

    id: ServiceDescriptionId
    service_type: ServiceType
    short_description: str
    usage_details: str = ""
    aggregation_level: AggregationLevel = AggregationLevel.NONE
    aggregation_method: AggregationMethod = AggregationMethod.NONE
    quantity: Quantity = Quantity.CONSUMPTION
    period_start: datetime | None = None
    period_end: datetime | None = None
    localisation: tuple[str, ...] = ()
    time_step: TimeStep = TimeStep.MINUTES_15
    consent_mandatory: bool = True
    near_real_time: bool = False
    offer_id: ServiceOfferId | None = None


@dataclass(frozen=True, kw_only=True)
class ServiceTerms:
    """What a provider asks and promises (document 001, table 1: duration, options, prices).

    price_eur : per month and subscription
    max_delay_minutes : from the end of a delivery's period to its sending
    availability_share : of deliveries that come in time, 0..1
    interim_hours : how often the provider reports that the service runs
    """

    price_eur: Decimal = Decimal(0)
    max_delay_minutes: int = 1440
    availability_share: Decimal = Decimal("0.95")
    interim_hours: int = 24
    conditions: str = ""


@dataclass(frozen=True, kw_only=True)
class Player:
    """A registration (MPL-REG) as the other side of a subscription knows it. `platform_url`: MPL-ADD."""

    id: PartyId
    name: str
    platform_url: str = ""


@dataclass(frozen=True, kw_only=True)
class SubscriptionContent:
    """B2B-SRV-SUB as both platforms get it: what one provider does for one requester."""

    id: SubscriptionId
    environment: Environment
    provider: Player
    requester: Player
    validated_at: datetime
    starts_at: datetime
    ends_at: datetime | None
    data_details: str
    processing_details: str
    descriptions: tuple[ServiceDescription, ...]
    terms: ServiceTerms
