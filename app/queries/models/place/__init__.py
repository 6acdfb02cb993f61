"""Queries and read models of the EU Market Place."""

from __future__ import annotations

from app.queries.models.place.base import PlaceQuery as PlaceQuery
from app.queries.models.place.catalogue import CompareServices as CompareServices
from app.queries.models.place.catalogue import ComparisonLine as ComparisonLine
from app.queries.models.place.catalogue import GetServiceOffer as GetServiceOffer
from app.queries.models.place.catalogue import SearchServices as SearchServices
from app.queries.models.place.catalogue import ServiceComparison as ServiceComparison
from app.queries.models.place.catalogue import ServiceOfferRow as ServiceOfferRow
from app.queries.models.place.enrolment import CompanyRow as CompanyRow
from app.queries.models.place.enrolment import GetOwnCompany as GetOwnCompany
from app.queries.models.place.enrolment import GetPlacePage as GetPlacePage
from app.queries.models.place.enrolment import GetServedArea as GetServedArea
from app.queries.models.place.enrolment import ListCompanies as ListCompanies
from app.queries.models.place.enrolment import ListRegistrations as ListRegistrations
from app.queries.models.place.enrolment import Localisation as Localisation
from app.queries.models.place.enrolment import Located as Located
from app.queries.models.place.enrolment import LocateProviders as LocateProviders
from app.queries.models.place.enrolment import Match as Match
from app.queries.models.place.enrolment import RegistrationRow as RegistrationRow
from app.queries.models.place.monitoring import GetServiceHistory as GetServiceHistory
from app.queries.models.place.monitoring import ListServiceAlarms as ListServiceAlarms
from app.queries.models.place.monitoring import ListServiceStatus as ListServiceStatus
from app.queries.models.place.monitoring import ServiceHistory as ServiceHistory
from app.queries.models.place.monitoring import ServiceStatus as ServiceStatus
from app.queries.models.place.requests import Agreement as Agreement
from app.queries.models.place.requests import AgreementFile as AgreementFile
from app.queries.models.place.requests import GetAgreement as GetAgreement
from app.queries.models.place.requests import GetAgreementFile as GetAgreementFile
from app.queries.models.place.requests import GetServiceRequest as GetServiceRequest
from app.queries.models.place.requests import ListMatches as ListMatches
from app.queries.models.place.requests import ListProposals as ListProposals
from app.queries.models.place.requests import ListServiceRequests as ListServiceRequests
from app.queries.models.place.requests import ListSubscriptions as ListSubscriptions
from app.queries.models.place.requests import Matches as Matches
from app.queries.models.place.requests import MatchingProvider as MatchingProvider
from app.queries.models.place.requests import ProposalRow as ProposalRow
from app.queries.models.place.requests import ServiceRequestRow as ServiceRequestRow
from app.queries.models.place.requests import SubscriptionRow as SubscriptionRow
from app.queries.models.place.requests import WishMatch as WishMatch
from app.queries.models.place.requests import WishRow as WishRow
from app.queries.models.place.trail import ExportPlaceTrail as ExportPlaceTrail
from app.queries.models.place.trail import ListPlaceTrail as ListPlaceTrail
