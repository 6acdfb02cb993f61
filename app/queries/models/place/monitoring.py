"""Queries on services under way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.queries.models.place.base import PlaceQuery
from domain.ids import SubscriptionId
from domain.marketplace.requests import Subscription
from domain.marketplace.service_alarms import ServiceAlarm
from domain.marketplace.told import ActivationStatusRow, ConsentStatus, InterimReport


@dataclass(frozen=True, kw_only=True)
class ServiceStatus:
    """A subscription with what the market place was told of it. `consents`, `activations`: how many are in each
    state; `alarms`: those that stand, the most urgent first."""

    subscription: Subscription
    consents: Mapping[str, int]
    activations: Mapping[str, int]
    report: InterimReport | None
    alarms: tuple[ServiceAlarm, ...]


@dataclass(frozen=True, kw_only=True)
class ServiceHistory:
    """What was told of a subscription, the newest of each kind; by time."""

    status: ServiceStatus
    consents: tuple[ConsentStatus, ...]
    activations: tuple[ActivationStatusRow, ...]
    reports: tuple[InterimReport, ...]


@dataclass(frozen=True, kw_only=True)
class ListServiceStatus(PlaceQuery[tuple[ServiceStatus, ...]]):
    """Operator: of every subscription; a player: of its own."""


@dataclass(frozen=True, kw_only=True)
class GetServiceHistory(PlaceQuery[ServiceHistory]):
    """Of one of them, at most `most` consents, activations and reports. Refused (`not_found`) when it is not the
    asker's."""

    subscription_id: SubscriptionId
    most: int = 10_000


@dataclass(frozen=True, kw_only=True)
class ListServiceAlarms(PlaceQuery[tuple[ServiceAlarm, ...]]):
    """Operator: all alarms; a player: those about its own subscriptions. What asks for an answer comes first."""

    with_cleared: bool = False
