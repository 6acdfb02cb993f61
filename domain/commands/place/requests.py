"""From a request to a subscription (documents 001 and 003, section 2.3), and out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.commands.place.base import PlaceCommand
from domain.ids import ProposalId, ServiceRequestId, SubscriptionId
from domain.marketplace.requests import ProposalLine
from domain.marketplace.services import ServiceDescription, ServiceTerms
from domain.marketplace.words import Environment


@dataclass(frozen=True, kw_only=True)
class RequestServices(PlaceCommand):
    """Requester: a wish list (MKP-SRV-SUB). Wishes (MKP-SRV-DES) get their ids from the market place."""

    environment: Environment
    title: str
    data_details: str
    processing_details: str
    wishes: tuple[ServiceDescription, ...]


@dataclass(frozen=True, kw_only=True)
class WithdrawServiceRequest(PlaceCommand):
    request_id: ServiceRequestId


@dataclass(frozen=True, kw_only=True)
class AskForProposal(PlaceCommand):
    """Requester: asks the one provider of the named descriptions for its terms until a deadline."""

    request_id: ServiceRequestId
    lines: tuple[ProposalLine, ...]
    terms: ServiceTerms
    starts_at: datetime
    ends_at: datetime | None
    deadline: datetime


@dataclass(frozen=True, kw_only=True)
class OfferTerms(PlaceCommand):
    """Provider: its terms, which may be those that were asked for."""

    proposal_id: ProposalId
    terms: ServiceTerms


@dataclass(frozen=True, kw_only=True)
class DeclineProposal(PlaceCommand):
    """Either side."""

    proposal_id: ProposalId
    reason: str


@dataclass(frozen=True, kw_only=True)
class AcceptProposal(PlaceCommand):
    """Requester: the subscription (B2B-SRV-SUB) stands, and both platforms are told. `version`: of the proposal
    that was read; without it whatever it says now is accepted."""

    proposal_id: ProposalId
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class AcceptGeneralAgreement(PlaceCommand):
    """A registration, for its company. `version`: the one that was read."""

    version: str


@dataclass(frozen=True, kw_only=True)
class CancelSubscription(PlaceCommand):
    """Either side, at any time, with its reason; both platforms are told."""

    subscription_id: SubscriptionId
    reason: str
