"""Activation of services."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.platform.base import PlatformEvent
from domain.ids import PartyId, ServiceActivationId, ServiceAgreementId
from domain.marketplace.words import ActivationStatus


@dataclass(frozen=True, kw_only=True)
class ActivationRequested(PlatformEvent):
    """`party_id`: our registration, whichever side it is on; `waits`: for people of the provider to decide."""

    activation_id: ServiceActivationId
    party_id: PartyId
    waits: bool


@dataclass(frozen=True, kw_only=True)
class ActivationConfirmed(PlatformEvent):
    activation_id: ServiceActivationId
    party_id: PartyId
    status: ActivationStatus


@dataclass(frozen=True, kw_only=True)
class AgreementMade(PlatformEvent):
    """New, or its PoDs were refreshed."""

    agreement_id: ServiceAgreementId
    party_id: PartyId


@dataclass(frozen=True, kw_only=True)
class AgreementEnded(PlatformEvent):
    agreement_id: ServiceAgreementId
    party_id: PartyId
