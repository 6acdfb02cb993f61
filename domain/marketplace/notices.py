"""Messages between the market place and platforms (FLEXICIENCY, document 000, III.B and III.C).

Each is sent under a message id; a receiver that knows the id answers as it did the first time and does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from domain.ids import ConsentId, ServiceActivationId, SubscriptionId
from domain.marketplace.services import SubscriptionContent
from domain.marketplace.words import ActivationStatus, ConsentState, ServiceState


@dataclass(frozen=True, kw_only=True)
class ServiceConfirmed:
    """Market place -> platform, `/service-offer/confirmed/{platformRole}`. `introduction`: a random word that the
    requester's platform shows the provider's once, so that both exchange keys of their own."""

    subscription: SubscriptionContent
    introduction: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ServiceCanceled:
    """Market place -> platform, `/service-offer/canceled/{platformRole}`."""

    subscription_id: SubscriptionId
    canceled_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class ConsentNotice:
    """Provider's platform -> market place, `/service/consent`: that a consent changed its state, and not whose."""

    subscription_id: SubscriptionId
    consent_id: ConsentId
    state: ConsentState
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ActivationNotice:
    """Provider's platform -> market place, `/service/activation`. `ended_at`: before its time."""

    subscription_id: SubscriptionId
    activation_id: ServiceActivationId
    status: ActivationStatus
    at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class InterimNotice:
    """Provider's platform -> market place, `/service/interim`: counts since the one before, and no values.

    in_time_share : of the deliveries due since then, 0..1; None where none was due
    """

    subscription_id: SubscriptionId
    state: ServiceState
    at: datetime
    n_delivered: int
    n_acknowledged: int
    n_overdue: int
    in_time_share: Decimal | None = None
    last_delivery_at: datetime | None = None
