"""Energy service provision: offers of flexibility, acquisitions and call-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.commands.platform.base import PlatformCommand
from domain.flexibility.assets import Direction
from domain.ids import AcquisitionId, CallUpId, FlexibilityId, SubscriptionId
from domain.marketplace.words import ActivationStatus
from domain.transport import Envelope
from domain.units import Series


@dataclass(frozen=True, kw_only=True)
class OfferEnergyService(PlatformCommand):
    """Provider: flexibility for all who have an agreement on its energy service."""

    area: str
    direction: Direction
    starts_at: datetime
    power_mw: Series
    price_eur_per_mwh: Decimal
    acquire_until: datetime
    made_from: str


@dataclass(frozen=True, kw_only=True)
class WithdrawEnergyService(PlatformCommand):
    """Provider: nobody acquires it any more; what was acquired stays."""

    flexibility_id: FlexibilityId


@dataclass(frozen=True, kw_only=True)
class TellSubscribers(PlatformCommand):
    """The platform itself: open offers to those who have come to an agreement since."""


@dataclass(frozen=True, kw_only=True)
class TakeFlexibility(PlatformCommand):
    """Provider's system: its offer, or what has become of it."""

    envelope: Envelope
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
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True)
class AcquireFlexibility(PlatformCommand):
    """Requester: a constant part of an offer over its whole time, MW."""

    flexibility_id: FlexibilityId
    subscription_id: SubscriptionId
    power_mw: Decimal


@dataclass(frozen=True, kw_only=True)
class AskAcquisition(PlatformCommand):
    """Requester's system: the same, at the provider's platform."""

    envelope: Envelope
    acquisition_id: AcquisitionId
    flexibility_id: FlexibilityId
    subscription_id: SubscriptionId
    power_mw: Decimal


@dataclass(frozen=True, kw_only=True)
class TakeAcquisitionAnswer(PlatformCommand):
    """Provider's system: what it gives of what was asked for."""

    envelope: Envelope
    acquisition_id: AcquisitionId
    status: ActivationStatus
    power_mw: Decimal
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class CallUpFlexibility(PlatformCommand):
    """Requester: activate some of what was acquired."""

    acquisition_id: AcquisitionId
    starts_at: datetime
    ends_at: datetime
    power_mw: Decimal


@dataclass(frozen=True, kw_only=True)
class AskCallUp(PlatformCommand):
    """Requester's system: the same, at the provider's platform."""

    envelope: Envelope
    call_up_id: CallUpId
    acquisition_id: AcquisitionId
    starts_at: datetime
    ends_at: datetime
    power_mw: Decimal


@dataclass(frozen=True, kw_only=True)
class AnswerCallUp(PlatformCommand):
    """Provider: it delivers, or it does not and says why."""

    call_up_id: CallUpId
    delivers: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class TakeCallUpAnswer(PlatformCommand):
    """Provider's system: the same, at the requester's platform."""

    envelope: Envelope
    call_up_id: CallUpId
    delivers: bool
    reason: str = ""
