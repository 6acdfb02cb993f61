"""Requests, what matches them, proposals, subscriptions and agreements."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.place.base import PlaceQuery
from domain.ids import PartyId, ProposalId, ServiceDescriptionId, ServiceRequestId, SubscriptionId
from domain.marketplace.agreements import Document
from domain.marketplace.offers import ServiceOffer
from domain.marketplace.requests import Proposal, ServiceRequest, ServiceRequestState, Subscription
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import PlatformRole


@dataclass(frozen=True, kw_only=True)
class ServiceRequestRow:
    """A request (MKP-SRV-SUB) with its requester's name, how many proposals stand on it and how many subscriptions
    came of it."""

    request: ServiceRequest
    requester_name: str
    own: bool
    n_proposals: int
    n_subscriptions: int


@dataclass(frozen=True, kw_only=True)
class ListServiceRequests(PlaceQuery[tuple[ServiceRequestRow, ...]]):
    """The newest first: a requester's own; for a provider the open ones that an offer of its meets; the operator
    sees all."""

    state: ServiceRequestState | None = None


@dataclass(frozen=True, kw_only=True)
class GetServiceRequest(PlaceQuery[ServiceRequestRow]):
    request_id: ServiceRequestId


@dataclass(frozen=True, kw_only=True)
class WishMatch:
    """A description that meets a wish, with its offer and provider."""

    offer: ServiceOffer
    description: ServiceDescription
    provider_name: str


@dataclass(frozen=True, kw_only=True)
class WishRow:
    """A wish with all that meets it, the cheapest first."""

    wish: ServiceDescription
    matches: tuple[WishMatch, ...]


@dataclass(frozen=True, kw_only=True)
class MatchingProvider:
    """A provider that meets wishes. `wish_ids`: those that it meets; `proposal_id`: that stands with it now."""

    provider_id: PartyId
    provider_name: str
    wish_ids: tuple[ServiceDescriptionId, ...]
    proposal_id: ProposalId | None


@dataclass(frozen=True, kw_only=True)
class Matches:
    """`unmet`: wishes that nobody meets; `providers`: those that meet most wishes first."""

    request: ServiceRequest
    wishes: tuple[WishRow, ...]
    providers: tuple[MatchingProvider, ...]
    unmet: tuple[ServiceDescriptionId, ...]


@dataclass(frozen=True, kw_only=True)
class ListMatches(PlaceQuery[Matches]):
    """What meets an own request. `provider_ids`: only of these, such as those that a localisation found; all
    where it is empty."""

    request_id: ServiceRequestId
    provider_ids: tuple[PartyId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProposalRow:
    """A proposal with names. `services`: the short descriptions it is about; `expired`: its deadline has passed;
    `turn`: whether the asker is to answer now."""

    proposal: Proposal
    request_title: str
    provider_name: str
    requester_name: str
    services: tuple[str, ...]
    expired: bool
    turn: bool


@dataclass(frozen=True, kw_only=True)
class ListProposals(PlaceQuery[tuple[ProposalRow, ...]]):
    """Own proposals of either side, the newest first; the operator sees all."""

    request_id: ServiceRequestId | None = None
    standing: bool = False


@dataclass(frozen=True, kw_only=True)
class SubscriptionRow:
    """A subscription (B2B-SRV-SUB). `side`: the asker's, None for the operator; `ended`: cancelled, or over."""

    subscription: Subscription
    provider_name: str
    requester_name: str
    side: PlatformRole | None
    ended: bool


@dataclass(frozen=True, kw_only=True)
class ListSubscriptions(PlaceQuery[tuple[SubscriptionRow, ...]]):
    """Own subscriptions of either side, the newest first; the operator sees all. `active`: only those that
    stand now."""

    active: bool = False


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """`version`: of the general agreement; `accepted`: the asker's company accepted this version."""

    document: Document
    version: str
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class GetAgreement(PlaceQuery[Agreement]):
    """The general agreement, or the service agreement of a subscription of one's own."""

    subscription_id: SubscriptionId | None = None


@dataclass(frozen=True, kw_only=True)
class AgreementFile:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class GetAgreementFile(PlaceQuery[AgreementFile]):
    """The same as a file; `form`: `txt` or `pdf`."""

    subscription_id: SubscriptionId | None = None
    form: str = "pdf"
