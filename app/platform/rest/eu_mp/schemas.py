"""Bodies of the EU-MP API; fields as in `domain.marketplace`."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from app.rest.fields import Exact, Id, In, Instant, Text
from domain.marketplace import words as w

Lax = Field(strict=False)
Long = Annotated[str, StringConstraints(max_length=10_000)]
Url = Annotated[str, StringConstraints(max_length=300)]
Share = Annotated[Exact, Field(ge=0, le=1)]
_MOST_MINUTES = 366 * 24 * 60


class PlayerIn(In):
    """MPL-REG: one side of a subscription, with the address of its platform (MPL-ADD)."""

    id: Id
    name: Text
    platform_url: Url


class ServiceDescriptionIn(In):
    """MKP-SRV-DES: a service that the subscription is on."""

    model_config = ConfigDict(title="MKP-SRV-DES")

    id: Id
    service_type: Annotated[w.ServiceType, Lax]
    short_description: Long
    usage_details: Long
    aggregation_level: Annotated[w.AggregationLevel, Lax]
    aggregation_method: Annotated[w.AggregationMethod, Lax]
    quantity: Annotated[w.Quantity, Lax]
    period_start: Instant | None
    period_end: Instant | None
    localisation: Annotated[list[Text], Field(max_length=1000)]
    time_step: Annotated[w.TimeStep, Lax]
    consent_mandatory: bool
    near_real_time: bool
    offer_id: Id | None


class ServiceTermsIn(In):
    """Price (EUR a month), punctuality and reports that were agreed."""

    price_eur: Annotated[Exact, Field(ge=0)]
    max_delay_minutes: Annotated[int, Field(ge=0, le=_MOST_MINUTES)]
    availability_share: Share
    interim_hours: Annotated[int, Field(ge=1, le=24 * 366)]
    conditions: Long


class SubscriptionIn(In):
    """B2B-SRV-SUB: what one provider does for one requester."""

    model_config = ConfigDict(title="B2B-SRV-SUB")

    id: Id
    environment: Annotated[w.Environment, Lax]
    provider: PlayerIn
    requester: PlayerIn
    validated_at: Instant
    starts_at: Instant
    ends_at: Instant | None
    data_details: Long
    processing_details: Long
    descriptions: Annotated[list[ServiceDescriptionIn], Field(min_length=1, max_length=200)]
    terms: ServiceTermsIn


class ConfirmedIn(In):
    """A subscription is agreed. `introduction`: a word that the requester's platform shows the provider's."""

    subscription: SubscriptionIn
    introduction: Annotated[str, StringConstraints(pattern=r"^[!-~]{0,200}$")]


class CanceledIn(In):
    """A subscription is over."""

    subscription_id: Id
    canceled_at: Instant
    reason: Text
