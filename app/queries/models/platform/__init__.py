"""Queries and read models of a player's platform."""

from __future__ import annotations

from app.queries.models.platform.activations import ListAgreements as ListAgreements
from app.queries.models.platform.activations import ListServiceActivations as ListServiceActivations
from app.queries.models.platform.base import PlatformQuery as PlatformQuery
from app.queries.models.platform.company import CompanyView as CompanyView
from app.queries.models.platform.company import GetCompany as GetCompany
from app.queries.models.platform.company import RegistrationView as RegistrationView
from app.queries.models.platform.consents import ConsentView as ConsentView
from app.queries.models.platform.consents import ListConsentAsks as ListConsentAsks
from app.queries.models.platform.consents import ListConsents as ListConsents
from app.queries.models.platform.consents import ListToldConsents as ListToldConsents
from app.queries.models.platform.deliveries import DeliveryView as DeliveryView
from app.queries.models.platform.deliveries import GetDelivery as GetDelivery
from app.queries.models.platform.deliveries import ListDeliveries as ListDeliveries
from app.queries.models.platform.deliveries import ListReceived as ListReceived
from app.queries.models.platform.deliveries import Pulled as Pulled
from app.queries.models.platform.deliveries import PullValues as PullValues
from app.queries.models.platform.energy_service import AcquisitionRow as AcquisitionRow
from app.queries.models.platform.energy_service import CallUpRow as CallUpRow
from app.queries.models.platform.energy_service import FlexibilityRow as FlexibilityRow
from app.queries.models.platform.energy_service import ListAcquisitions as ListAcquisitions
from app.queries.models.platform.energy_service import ListCallUps as ListCallUps
from app.queries.models.platform.energy_service import ListFlexibilities as ListFlexibilities
from app.queries.models.platform.monitoring import ListOwnAlarms as ListOwnAlarms
from app.queries.models.platform.peers import GetCommonSubscription as GetCommonSubscription
from app.queries.models.platform.pods import GetPod as GetPod
from app.queries.models.platform.pods import ListPods as ListPods
from app.queries.models.platform.subscriptions import ListSubscriptions as ListSubscriptions
from app.queries.models.platform.subscriptions import SubscriptionView as SubscriptionView
from app.queries.models.platform.tokens import AuthorizationAsked as AuthorizationAsked
from app.queries.models.platform.tokens import GetAuthorization as GetAuthorization
from app.queries.models.platform.tokens import GetLinkedConsent as GetLinkedConsent
from app.queries.models.platform.tokens import GetTokenConsent as GetTokenConsent
from app.queries.models.platform.tokens import TokenConsent as TokenConsent
from app.queries.models.platform.trail import ExportTrail as ExportTrail
from app.queries.models.platform.trail import ListTrail as ListTrail
from app.queries.models.platform.validations import GetTechnicalValidation as GetTechnicalValidation
from app.queries.models.platform.validations import GetValidationFiles as GetValidationFiles
from app.queries.models.platform.validations import ListTechnicalValidations as ListTechnicalValidations
from app.queries.models.platform.validations import ValidationFiles as ValidationFiles
from app.queries.models.platform.values import AggregateValues as AggregateValues
from app.queries.models.platform.values import GetLeastPods as GetLeastPods
from app.queries.models.platform.values import KnownPods as KnownPods
from app.queries.models.platform.values import ListKnownPods as ListKnownPods
from app.queries.models.platform.values import ListValues as ListValues
