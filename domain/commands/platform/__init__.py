"""Commands of a player's platform."""

from __future__ import annotations

from domain.commands.platform.base import PlatformCommand as PlatformCommand
from domain.commands.platform.company import AddCustomer as AddCustomer
from domain.commands.platform.company import AddStaff as AddStaff
from domain.commands.platform.company import EnterMarketPlace as EnterMarketPlace
from domain.commands.platform.company import FoundPlatform as FoundPlatform
from domain.commands.platform.company import IssueMarketPlaceKey as IssueMarketPlaceKey
from domain.commands.platform.consents import AskForConsents as AskForConsents
from domain.commands.platform.consents import ExpireConsents as ExpireConsents
from domain.commands.platform.consents import GiveConsent as GiveConsent
from domain.commands.platform.consents import MakeConsentLinks as MakeConsentLinks
from domain.commands.platform.consents import RefuseConsent as RefuseConsent
from domain.commands.platform.consents import RevokeConsent as RevokeConsent
from domain.commands.platform.consents import TakeConsentAcknowledgement as TakeConsentAcknowledgement
from domain.commands.platform.consents import TakeConsentAnswer as TakeConsentAnswer
from domain.commands.platform.consents import TakeConsentAsk as TakeConsentAsk
from domain.commands.platform.consents import TakeConsentRevocation as TakeConsentRevocation
from domain.commands.platform.peers import AcceptIntroduction as AcceptIntroduction
from domain.commands.platform.peers import BeginIntroduction as BeginIntroduction
from domain.commands.platform.peers import DelayIntroduction as DelayIntroduction
from domain.commands.platform.peers import EndPeer as EndPeer
from domain.commands.platform.peers import ExpectPeer as ExpectPeer
from domain.commands.platform.peers import FinishIntroduction as FinishIntroduction
from domain.commands.platform.pods import ChangePod as ChangePod
from domain.commands.platform.pods import RegisterPod as RegisterPod
from domain.commands.platform.pods import UploadPods as UploadPods
from domain.commands.platform.services import CancelService as CancelService
from domain.commands.platform.services import ConfirmService as ConfirmService
from domain.commands.platform.validation import ApplyTechnicalValidation as ApplyTechnicalValidation
from domain.commands.platform.validation import AskTechnicalValidation as AskTechnicalValidation
from domain.commands.platform.validation import RequeueTechnicalValidation as RequeueTechnicalValidation
from domain.commands.platform.validation import SetCouplingLimits as SetCouplingLimits
from domain.commands.platform.validation import StartTechnicalValidation as StartTechnicalValidation
from domain.commands.platform.validation import TakeTechnicalRequest as TakeTechnicalRequest
from domain.commands.platform.validation import TakeTechnicalResponse as TakeTechnicalResponse
from domain.commands.platform.validation import UploadValidationNetwork as UploadValidationNetwork
from domain.commands.platform.validation import UploadValidationSchedules as UploadValidationSchedules
from domain.commands.platform.values import SetLeastPods as SetLeastPods
from domain.commands.platform.values import StoreValues as StoreValues
