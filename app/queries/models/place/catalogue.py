"""The catalogue of service offers: searched, looked at, compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.queries.models.place.base import PlaceQuery
from domain.ids import PartyId, ServiceDescriptionId, ServiceOfferId, ServiceRequestId
from domain.marketplace.offers import ServiceOffer
from domain.marketplace.words import (
    AggregationLevel,
    AggregationMethod,
    Environment,
    PlayerRole,
    Quantity,
    ServiceType,
    TimeStep,
)


@dataclass(frozen=True, kw_only=True)
class ServiceOfferRow:
    """An offer (MKP-SRV-OFF) with its provider's name. `visible`: others see it, too; `fitting`: its descriptions
    that were searched for; `asked_by`: the requests (MKP-SRV-SUB) by which the reader, or somebody of the reader,
    asked for a description."""

    offer: ServiceOffer
    provider_name: str
    player_role: PlayerRole
    countries: tuple[str, ...]
    own: bool
    visible: bool
    fitting: tuple[ServiceDescriptionId, ...]
    asked_by: Mapping[ServiceDescriptionId, tuple[ServiceRequestId, ...]]


@dataclass(frozen=True, kw_only=True)
class SearchServices(PlaceQuery[tuple[ServiceOfferRow, ...]]):
    """Published offers of certified providers, the last changed first; `own` adds the asker's own in any state.
    The operator sees all. A description has to fit all filters about data at once. `text`: words, all of which
    occur in the offer or its provider's name."""

    text: str = ""
    service_type: ServiceType | None = None
    environment: Environment | None = None
    quantity: Quantity | None = None
    aggregation_level: AggregationLevel | None = None
    aggregation_method: AggregationMethod | None = None
    time_step: TimeStep | None = None
    country: str | None = None
    consent_mandatory: bool | None = None
    near_real_time: bool | None = None
    most_price_eur: Decimal | None = None
    provider_id: PartyId | None = None
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class GetServiceOffer(PlaceQuery[ServiceOfferRow]):
    """One offer that others see, or an own one."""

    offer_id: ServiceOfferId


@dataclass(frozen=True, kw_only=True)
class ComparisonLine:
    """What offers say to one point, in their order. `differs`: not all the same."""

    name: str
    values: tuple[str, ...]
    differs: bool


@dataclass(frozen=True, kw_only=True)
class ServiceComparison:
    offers: tuple[ServiceOfferRow, ...]
    lines: tuple[ComparisonLine, ...]


@dataclass(frozen=True, kw_only=True)
class CompareServices(PlaceQuery[ServiceComparison]):
    """Two to six offers, point by point."""

    offer_ids: tuple[ServiceOfferId, ...]
