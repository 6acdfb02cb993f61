"""Provision of values to requesters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from domain.commands.platform.base import PlatformCommand
from domain.ids import DeliveryId, ServiceAgreementId
from domain.platform.deliveries import AcknowledgedMessage, AgainMessage, ValuesMessage
from domain.transport import Envelope


@dataclass(frozen=True, kw_only=True)
class MakeDelivery(PlatformCommand):
    """The platform itself: send the values of an agreement's period, or a revision of them."""

    agreement_id: ServiceAgreementId
    period_start: datetime
    period_end: datetime


@dataclass(frozen=True, kw_only=True)
class TakeValues(PlatformCommand):
    """Provider's platform: a part of a delivery (IND-DAT-VAL, AGG-DAT-VAL)."""

    envelope: Envelope
    message: ValuesMessage = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class TakeAcknowledgement(PlatformCommand):
    """Requester's platform: what became of a part (IND-DAT-ACK, AGG-DAT-ACK)."""

    envelope: Envelope
    message: AcknowledgedMessage


@dataclass(frozen=True, kw_only=True)
class TakeAgain(PlatformCommand):
    """Requester's platform: a delivery is wanted again."""

    envelope: Envelope
    message: AgainMessage


@dataclass(frozen=True, kw_only=True)
class AskAgain(PlatformCommand):
    """Requester: ask the provider to send a delivery's period again."""

    delivery_id: DeliveryId


@dataclass(frozen=True, kw_only=True)
class SendAgain(PlatformCommand):
    """Provider: send a delivery's period again as it stands now."""

    delivery_id: DeliveryId
