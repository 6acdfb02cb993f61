"""Activation of services: asked for, confirmed, agreed, ended (FLEXICIENCY D2.3, section 2.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.commands.platform.base import PlatformCommand
from domain.ids import ServiceActivationId, ServiceAgreementId, ServiceDescriptionId, SubscriptionId
from domain.marketplace.words import Environment
from domain.platform.activations import DataSelection
from domain.platform.messages import (
    AgreementEndMessage,
    AgreementMessage,
    ConfirmationMessage,
    RequestMessage,
)
from domain.transport import Envelope


@dataclass(frozen=True, kw_only=True)
class RequestActivation(PlatformCommand):
    """Requester: DSO-REQ or USP-REQ, as the subscription's environment has it, with IND-DAT-SEL or AGG-DAT-SEL.

    pod_ids : as the provider named them, or we did
    starts_at, ends_at : of the agreement; None for from now on and as long as the subscription, or a year
    refreshes : the agreement whose PoDs, selection and validity this replaces
    """

    subscription_id: SubscriptionId
    description_id: ServiceDescriptionId
    selection: DataSelection
    pod_ids: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    processing_details: str = ""
    refreshes: ServiceAgreementId | None = None


@dataclass(frozen=True, kw_only=True)
class TakeActivationRequest(PlatformCommand):
    """A peer, to the provider: DSO-REQ where `environment` is regulated, else USP-REQ."""

    envelope: Envelope
    environment: Environment
    message: RequestMessage


@dataclass(frozen=True, kw_only=True)
class DecideActivation(PlatformCommand):
    """Provider: yes or no to a request for a service that people decide on. `reason`: of a no."""

    activation_id: ServiceActivationId
    accept: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class TakeActivationConfirmation(PlatformCommand):
    """A peer, to the requester: DSO-CNF where `environment` is regulated, else USP-CNF."""

    envelope: Envelope
    environment: Environment
    message: ConfirmationMessage


@dataclass(frozen=True, kw_only=True)
class TakeAgreement(PlatformCommand):
    """A peer, to the requester: SRV-ACT-AGR, new or refreshed."""

    envelope: Envelope
    message: AgreementMessage


@dataclass(frozen=True, kw_only=True)
class EndAgreement(PlatformCommand):
    """Either side: the agreement is over before its time."""

    agreement_id: ServiceAgreementId
    reason: str


@dataclass(frozen=True, kw_only=True)
class TakeAgreementEnd(PlatformCommand):
    """A peer: what `EndAgreement` sent."""

    envelope: Envelope
    message: AgreementEndMessage


@dataclass(frozen=True, kw_only=True)
class ExpireAgreements(PlatformCommand):
    """The platform itself: agreements whose time is over, some hundred at once."""
