"""What a provider's platform tells the market place (EU-MP notifications API)."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.place.base import PlaceCommand
from domain.marketplace.notices import ActivationNotice, ConsentNotice, InterimNotice
from domain.transport import Envelope


@dataclass(frozen=True, kw_only=True)
class NotifyConsent(PlaceCommand):
    """Provider: a consent for a subscription of its own changed its state."""

    envelope: Envelope
    notice: ConsentNotice


@dataclass(frozen=True, kw_only=True)
class NotifyActivation(PlaceCommand):
    """Provider: an activation for a subscription of its own changed its state."""

    envelope: Envelope
    notice: ActivationNotice


@dataclass(frozen=True, kw_only=True)
class NotifyInterim(PlaceCommand):
    """Provider: how a subscription of its own goes."""

    envelope: Envelope
    notice: InterimNotice
