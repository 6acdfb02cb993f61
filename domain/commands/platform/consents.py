"""Customers' consents: asking, giving, revoking; and what platforms tell each other of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.commands.platform.base import PlatformCommand
from domain.ids import ConsentId, PodId, ServiceDescriptionId, SubscriptionId
from domain.platform.messages import AcknowledgementMessage, AnswerMessage, AskMessage, RevocationMessage
from domain.transport import Envelope


@dataclass(frozen=True, kw_only=True)
class AskForConsents(PlatformCommand):
    """Requester: have the provider ask the customers behind these PoDs.

    data_details, processing_details : what data, and what is done with them, for customers to read; "" for the
        subscription's own
    """

    subscription_id: SubscriptionId
    description_id: ServiceDescriptionId
    pod_ids: tuple[PodId, ...]
    starts_at: datetime
    ends_at: datetime
    data_details: str = ""
    processing_details: str = ""


@dataclass(frozen=True, kw_only=True)
class TakeConsentAsk(PlatformCommand):
    """A peer, to the provider: what `AskForConsents` sent."""

    envelope: Envelope
    message: AskMessage


@dataclass(frozen=True, kw_only=True)
class TakeConsentAnswer(PlatformCommand):
    """A peer, to the requester: who is asked, and for which PoDs nobody is."""

    envelope: Envelope
    message: AnswerMessage


@dataclass(frozen=True, kw_only=True)
class MakeConsentLinks(PlatformCommand):
    """Provider: a link for each of these asks, for the letter or mail to its customer; one of before ends."""

    consent_ids: tuple[ConsentId, ...]


@dataclass(frozen=True, kw_only=True)
class GiveConsent(PlatformCommand):
    """Customer, CUS-CON-DES: in full, or for some of the PoDs and a shorter time. `pod_ids`: () for all."""

    consent_id: ConsentId
    pod_ids: tuple[PodId, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RefuseConsent(PlatformCommand):
    """Customer: no."""

    consent_id: ConsentId


@dataclass(frozen=True, kw_only=True)
class RevokeConsent(PlatformCommand):
    """Customer, CUS-CON-REV: from now on no more, for all PoDs (()) or some."""

    consent_id: ConsentId
    pod_ids: tuple[PodId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ExpireConsents(PlatformCommand):
    """The platform itself: asks that nobody answered and consents whose time is over, some hundred at once."""


@dataclass(frozen=True, kw_only=True)
class TakeConsentAcknowledgement(PlatformCommand):
    """A peer, to the requester: CUS-CON-ACK."""

    envelope: Envelope
    message: AcknowledgementMessage


@dataclass(frozen=True, kw_only=True)
class TakeConsentRevocation(PlatformCommand):
    """A peer, to the requester: CUS-CON-REV."""

    envelope: Envelope
    message: RevocationMessage
