"""What platforms send each other of energy services; `domain.commands.platform.energy_service` takes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.flexibility.assets import Direction
from domain.ids import AcquisitionId, CallUpId, FlexibilityId, SubscriptionId
from domain.marketplace.words import ActivationStatus
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class FlexibilityNotice:
    """Provider -> requester: an offer, or that it was withdrawn."""

    flexibility_id: FlexibilityId
    subscription_id: SubscriptionId
    area: str
    direction: Direction
    starts_at: datetime
    power_mw: Series
    price_eur_per_mwh: Decimal
    acquire_until: datetime
    made_from: str
    offered_at: datetime
    withdrawn: bool


@dataclass(frozen=True, kw_only=True)
class AcquisitionRequest:
    """Requester -> provider."""

    acquisition_id: AcquisitionId
    flexibility_id: FlexibilityId
    subscription_id: SubscriptionId
    power_mw: Decimal


@dataclass(frozen=True, kw_only=True)
class AcquisitionAnswer:
    """Provider -> requester."""

    acquisition_id: AcquisitionId
    status: ActivationStatus
    power_mw: Decimal
    reason: str


@dataclass(frozen=True, kw_only=True)
class CallUpRequest:
    """Requester -> provider."""

    call_up_id: CallUpId
    acquisition_id: AcquisitionId
    starts_at: datetime
    ends_at: datetime
    power_mw: Decimal


@dataclass(frozen=True, kw_only=True)
class CallUpAnswer:
    """Provider -> requester."""

    call_up_id: CallUpId
    delivers: bool
    reason: str
