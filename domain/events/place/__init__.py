"""What happens on the EU Market Place."""

from __future__ import annotations

from domain.events.place.base import PlaceEvent as PlaceEvent
from domain.events.place.catalogue import ServiceOfferEdited as ServiceOfferEdited
from domain.events.place.catalogue import ServiceOfferPublished as ServiceOfferPublished
from domain.events.place.catalogue import ServiceOfferWithdrawn as ServiceOfferWithdrawn
from domain.events.place.enrolment import CompanyAccepted as CompanyAccepted
from domain.events.place.enrolment import CompanyChanged as CompanyChanged
from domain.events.place.enrolment import CompanyEnrolled as CompanyEnrolled
from domain.events.place.enrolment import CompanyRefused as CompanyRefused
from domain.events.place.enrolment import ContactPointAdded as ContactPointAdded
from domain.events.place.enrolment import IntegrationTestAsked as IntegrationTestAsked
from domain.events.place.enrolment import IntegrationTested as IntegrationTested
from domain.events.place.enrolment import PlacePageEdited as PlacePageEdited
from domain.events.place.enrolment import RegistrationAccepted as RegistrationAccepted
from domain.events.place.enrolment import RegistrationAdded as RegistrationAdded
from domain.events.place.enrolment import RegistrationCertified as RegistrationCertified
from domain.events.place.enrolment import RegistrationMoved as RegistrationMoved
from domain.events.place.enrolment import RegistrationQuit as RegistrationQuit
from domain.events.place.enrolment import RegistrationRefused as RegistrationRefused
from domain.events.place.enrolment import RegistrationReinstated as RegistrationReinstated
from domain.events.place.enrolment import RegistrationSuspended as RegistrationSuspended
from domain.events.place.enrolment import ServedAreaSet as ServedAreaSet
from domain.events.place.exchange import PlatformConnected as PlatformConnected
from domain.events.place.monitoring import ServiceAlarmChanged as ServiceAlarmChanged
from domain.events.place.notifications import ActivationNotified as ActivationNotified
from domain.events.place.notifications import ConsentNotified as ConsentNotified
from domain.events.place.notifications import InterimNotified as InterimNotified
from domain.events.place.requests import GeneralAgreementAccepted as GeneralAgreementAccepted
from domain.events.place.requests import ProposalAsked as ProposalAsked
from domain.events.place.requests import ProposalDeclined as ProposalDeclined
from domain.events.place.requests import ServiceRequestWithdrawn as ServiceRequestWithdrawn
from domain.events.place.requests import ServicesRequested as ServicesRequested
from domain.events.place.requests import ServiceSubscribed as ServiceSubscribed
from domain.events.place.requests import ServiceSubscriptionCanceled as ServiceSubscriptionCanceled
from domain.events.place.requests import TermsOffered as TermsOffered
