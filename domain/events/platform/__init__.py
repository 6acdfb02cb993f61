"""What happens on a player's platform."""

from __future__ import annotations

from domain.events.platform.activations import ActivationConfirmed as ActivationConfirmed
from domain.events.platform.activations import ActivationRequested as ActivationRequested
from domain.events.platform.activations import AgreementEnded as AgreementEnded
from domain.events.platform.activations import AgreementMade as AgreementMade
from domain.events.platform.base import PlatformEvent as PlatformEvent
from domain.events.platform.company import CustomerAdded as CustomerAdded
from domain.events.platform.company import MarketPlaceEntered as MarketPlaceEntered
from domain.events.platform.company import PlatformFounded as PlatformFounded
from domain.events.platform.company import StaffAdded as StaffAdded
from domain.events.platform.consents import ConsentAskAnswered as ConsentAskAnswered
from domain.events.platform.consents import ConsentAsked as ConsentAsked
from domain.events.platform.consents import ConsentExpired as ConsentExpired
from domain.events.platform.consents import ConsentGiven as ConsentGiven
from domain.events.platform.consents import ConsentRefused as ConsentRefused
from domain.events.platform.consents import ConsentRevoked as ConsentRevoked
from domain.events.platform.consents import ConsentsAskedFor as ConsentsAskedFor
from domain.events.platform.consents import ConsentTold as ConsentTold
from domain.events.platform.energy_service import FlexibilityAcquired as FlexibilityAcquired
from domain.events.platform.energy_service import FlexibilityCalledUp as FlexibilityCalledUp
from domain.events.platform.energy_service import FlexibilityOffered as FlexibilityOffered
from domain.events.platform.energy_service import FlexibilityWithdrawn as FlexibilityWithdrawn
from domain.events.platform.monitoring import OwnAlarmChanged as OwnAlarmChanged
from domain.events.platform.peers import PeerEnded as PeerEnded
from domain.events.platform.peers import PeerMet as PeerMet
from domain.events.platform.services import SubscriptionCanceled as SubscriptionCanceled
from domain.events.platform.services import SubscriptionEntered as SubscriptionEntered
from domain.events.platform.validation import TechnicalValidationChanged as TechnicalValidationChanged
from domain.events.platform.validation import ValidationFilesChanged as ValidationFilesChanged
from domain.events.platform.validation import ValidationSchedulesDropped as ValidationSchedulesDropped
from domain.events.platform.values import DeliveryChanged as DeliveryChanged
from domain.events.platform.values import PodsRegistered as PodsRegistered
from domain.events.platform.values import ValuesStored as ValuesStored
