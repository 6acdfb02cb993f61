"""Queries on deliveries and received values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.queries.models.base import Part
from app.queries.models.platform.base import PlatformQuery
from domain.ids import DeliveryId, ServiceAgreementId, SubscriptionId
from domain.marketplace.words import Quantity, TimeStep
from domain.paging import Slice
from domain.platform.deliveries import Delivery, DeliveryPart, ReceivedSeries, SentSeries


@dataclass(frozen=True, kw_only=True)
class ListDeliveries(PlatformQuery[Part[Delivery]]):
    """Deliveries of own subscriptions; for a peer those that it takes part in."""

    part: Slice
    subscription_id: SubscriptionId | None = None
    agreement_id: ServiceAgreementId | None = None


@dataclass(frozen=True, kw_only=True)
class DeliveryView:
    """A delivery with its parts and the status of each series in them."""

    delivery: Delivery
    parts: tuple[DeliveryPart, ...]


@dataclass(frozen=True, kw_only=True)
class GetDelivery(PlatformQuery[DeliveryView]):
    """One of them. Refused (`not_found`)."""

    delivery_id: DeliveryId


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """Series of a delivery with the same `starts` [n]; `cursor` is for the next ones, None at the end."""

    delivery_id: DeliveryId
    quantity: Quantity
    time_step: TimeStep
    starts: tuple[datetime, ...]
    series: tuple[SentSeries, ...]
    cursor: int | None


@dataclass(frozen=True, kw_only=True)
class PullValues(PlatformQuery[Pulled]):
    """Requester's platform: the values of a delivery's period as they may be given at this moment, a part of them.
    `cursor`: of the part before; a revocation between the two moves nothing else.

    Refused: `not_found`; `too_few_pods` where the PoDs behind an aggregate are others by now.
    """

    delivery_id: DeliveryId
    cursor: int = 0


@dataclass(frozen=True, kw_only=True)
class ListReceived(PlatformQuery[Part[ReceivedSeries]]):
    """Requester: what was received, the newest revision of each series and period."""

    part: Slice
    agreement_id: ServiceAgreementId | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class ExportReceived(PlatformQuery[str]):
    """Requester: what `ListReceived` answers at this moment as an IEC 62325 market document; `series_id`: of one
    series only."""

    part: Slice
    series_id: str | None = None
