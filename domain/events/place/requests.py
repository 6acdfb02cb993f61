"""From a request to a subscription, and out of it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.place.base import PlaceEvent
from domain.ids import CompanyId, PartyId, ProposalId, ServiceRequestId, SubscriptionId


@dataclass(frozen=True, kw_only=True)
class ServicesRequested(PlaceEvent):
    request_id: ServiceRequestId
    requester_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ServiceRequestWithdrawn(PlaceEvent):
    request_id: ServiceRequestId
    requester_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ProposalAsked(PlaceEvent):
    proposal_id: ProposalId
    requester_id: PartyId
    provider_id: PartyId


@dataclass(frozen=True, kw_only=True)
class TermsOffered(PlaceEvent):
    proposal_id: ProposalId
    requester_id: PartyId
    provider_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ProposalDeclined(PlaceEvent):
    proposal_id: ProposalId
    requester_id: PartyId
    provider_id: PartyId
    by: PartyId


@dataclass(frozen=True, kw_only=True)
class GeneralAgreementAccepted(PlaceEvent):
    company_id: CompanyId
    by: PartyId


@dataclass(frozen=True, kw_only=True)
class ServiceSubscribed(PlaceEvent):
    subscription_id: SubscriptionId
    requester_id: PartyId
    provider_id: PartyId


@dataclass(frozen=True, kw_only=True)
class ServiceSubscriptionCanceled(PlaceEvent):
    subscription_id: SubscriptionId
    requester_id: PartyId
    provider_id: PartyId
    by: PartyId
