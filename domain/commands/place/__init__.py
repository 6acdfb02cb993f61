"""Commands of the EU Market Place. None has a field for a PoD or a value: what it is told stays in its trail."""

from __future__ import annotations

from domain.commands.place.base import PlaceCommand as PlaceCommand
from domain.commands.place.catalogue import EditServiceOffer as EditServiceOffer
from domain.commands.place.catalogue import PublishServiceOffer as PublishServiceOffer
from domain.commands.place.catalogue import WithdrawServiceOffer as WithdrawServiceOffer
from domain.commands.place.enrolment import AcceptCompany as AcceptCompany
from domain.commands.place.enrolment import AcceptRegistration as AcceptRegistration
from domain.commands.place.enrolment import AddContactPoint as AddContactPoint
from domain.commands.place.enrolment import AddRegistration as AddRegistration
from domain.commands.place.enrolment import CertifyRegistration as CertifyRegistration
from domain.commands.place.enrolment import ChangeCompany as ChangeCompany
from domain.commands.place.enrolment import EditPlacePage as EditPlacePage
from domain.commands.place.enrolment import EnrolCompany as EnrolCompany
from domain.commands.place.enrolment import QuitMarketPlace as QuitMarketPlace
from domain.commands.place.enrolment import RecordIntegrationTest as RecordIntegrationTest
from domain.commands.place.enrolment import RefuseCompany as RefuseCompany
from domain.commands.place.enrolment import RefuseRegistration as RefuseRegistration
from domain.commands.place.enrolment import ReinstateRegistration as ReinstateRegistration
from domain.commands.place.enrolment import SetPlatformAddress as SetPlatformAddress
from domain.commands.place.enrolment import SetServedArea as SetServedArea
from domain.commands.place.enrolment import SuspendRegistration as SuspendRegistration
from domain.commands.place.enrolment import TestIntegration as TestIntegration
from domain.commands.place.exchange import EnterPlatformKey as EnterPlatformKey
from domain.commands.place.messages import DropMessage as DropMessage
from domain.commands.place.messages import ReplayMessage as ReplayMessage
from domain.commands.place.monitoring import AcknowledgeServiceAlarm as AcknowledgeServiceAlarm
from domain.commands.place.monitoring import FollowServices as FollowServices
from domain.commands.place.monitoring import ShelveServiceAlarm as ShelveServiceAlarm
from domain.commands.place.monitoring import UnshelveServiceAlarm as UnshelveServiceAlarm
from domain.commands.place.notifications import NotifyActivation as NotifyActivation
from domain.commands.place.notifications import NotifyConsent as NotifyConsent
from domain.commands.place.notifications import NotifyInterim as NotifyInterim
from domain.commands.place.requests import AcceptGeneralAgreement as AcceptGeneralAgreement
from domain.commands.place.requests import AcceptProposal as AcceptProposal
from domain.commands.place.requests import AskForProposal as AskForProposal
from domain.commands.place.requests import CancelSubscription as CancelSubscription
from domain.commands.place.requests import DeclineProposal as DeclineProposal
from domain.commands.place.requests import OfferTerms as OfferTerms
from domain.commands.place.requests import RequestServices as RequestServices
from domain.commands.place.requests import WithdrawServiceRequest as WithdrawServiceRequest
