"""What happens on a player's platform."""

from __future__ import annotations

from domain.events.platform.base import PlatformEvent as PlatformEvent
from domain.events.platform.company import CustomerAdded as CustomerAdded
from domain.events.platform.company import PlatformFounded as PlatformFounded
from domain.events.platform.company import StaffAdded as StaffAdded
from domain.events.platform.peers import PeerEnded as PeerEnded
from domain.events.platform.peers import PeerMet as PeerMet
from domain.events.platform.services import SubscriptionCanceled as SubscriptionCanceled
from domain.events.platform.services import SubscriptionEntered as SubscriptionEntered
from domain.events.platform.validation import TechnicalValidationChanged as TechnicalValidationChanged
from domain.events.platform.validation import ValidationFilesChanged as ValidationFilesChanged
from domain.events.platform.validation import ValidationSchedulesDropped as ValidationSchedulesDropped
from domain.events.platform.values import PodsRegistered as PodsRegistered
