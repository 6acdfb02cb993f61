"""What providers' platforms told the market place of services under way: states and counts, no PoDs, no values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.ids import ConsentId, ServiceActivationId, SubscriptionId
from domain.marketplace.words import ActivationStatus, ConsentState, ServiceState


@dataclass(frozen=True, kw_only=True)
class ConsentStatus:
    """That a consent of a subscription is in a state since `at`; not whose, and not what for."""

    id: ConsentId
    subscription_id: SubscriptionId
    state: ConsentState
    at: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class ActivationStatusRow:
    """What became of an activation of a subscription. `ended_at`: before its time."""

    id: ServiceActivationId
    subscription_id: SubscriptionId
    status: ActivationStatus
    at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class InterimReport:
    """How a subscription's service ran since the report before; fields as in `InterimNotice`."""

    id: str
    subscription_id: SubscriptionId
    state: ServiceState
    at: datetime
    n_delivered: int
    n_acknowledged: int
    n_overdue: int
    in_time_share: Decimal | None = None
    last_delivery_at: datetime | None = None
    version: int = 0
