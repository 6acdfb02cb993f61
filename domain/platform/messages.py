"""What two players' platforms tell each other of consents and activations (FLEXICIENCY D2.3, section 4.2).

PoDs are named as the requester named them, or by a pseudonym; `app.platform.naming` says where. A receiver refuses
only what it cannot read or what is not the sender's: everything else is answered by a message of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.ids import (
    ConsentAskId,
    ConsentId,
    PodId,
    ServiceActivationId,
    ServiceAgreementId,
    ServiceDescriptionId,
    SubscriptionId,
)
from domain.marketplace.words import ActivationStatus, ConsentState
from domain.platform.activations import DataSelection, PodRefusal

ASK = "/b2b/v1/consents/asks"
ANSWER = "/b2b/v1/consents/answers"
ACKNOWLEDGEMENT = "/b2b/v1/consents/acknowledgements"
REVOCATION = "/b2b/v1/consents/revocations"
DSO_REQUEST = "/b2b/v1/activations/dso-requests"
DSO_CONFIRMATION = "/b2b/v1/activations/dso-confirmations"
USP_REQUEST = "/b2b/v1/activations/usp-requests"
USP_CONFIRMATION = "/b2b/v1/activations/usp-confirmations"
AGREEMENT = "/b2b/v1/agreements"
AGREEMENT_END = "/b2b/v1/agreements/ends"
CONSENT_NOTICE = "/eu-mp-notifications/v1/service/consent"
ACTIVATION_NOTICE = "/eu-mp-notifications/v1/service/activation"


@dataclass(frozen=True, kw_only=True)
class AskMessage:
    """Requester -> provider: ask the customers behind these PoDs for their consent."""

    ask_id: ConsentAskId
    subscription_id: SubscriptionId
    description_id: ServiceDescriptionId
    pod_ids: tuple[PodId, ...]
    data_details: str
    processing_details: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class AnswerMessage:
    """Provider -> requester: how many customers are asked, and for which PoDs nobody is."""

    ask_id: ConsentAskId
    subscription_id: SubscriptionId
    answered_at: datetime
    n_asked: int
    refused: tuple[PodRefusal, ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AcknowledgementMessage:
    """CUS-CON-ACK, provider -> requester: a customer gave its consent. `customer`: a pseudonym."""

    consent_id: ConsentId
    subscription_id: SubscriptionId
    description_id: ServiceDescriptionId
    customer: str
    pod_ids: tuple[str, ...]
    processing_details: str
    starts_at: datetime
    ends_at: datetime
    acknowledged_at: datetime


@dataclass(frozen=True, kw_only=True)
class RevocationMessage:
    """CUS-CON-REV, provider -> requester: for these PoDs the consent is over, revoked or expired."""

    consent_id: ConsentId
    subscription_id: SubscriptionId
    customer: str
    pod_ids: tuple[str, ...]
    state: ConsentState
    revoked_at: datetime


@dataclass(frozen=True, kw_only=True)
class RequestMessage:
    """DSO-REQ or USP-REQ, requester -> provider, with IND-DAT-SEL or AGG-DAT-SEL. `pod_ids`: of a DSO-REQ;
    `refreshes`: the agreement whose PoDs, selection and period these replace."""

    activation_id: ServiceActivationId
    subscription_id: SubscriptionId
    description_id: ServiceDescriptionId
    selection: DataSelection
    processing_details: str
    starts_at: datetime
    ends_at: datetime
    pod_ids: tuple[str, ...] = ()
    refreshes: ServiceAgreementId | None = None


@dataclass(frozen=True, kw_only=True)
class ConfirmationMessage:
    """DSO-CNF or USP-CNF, provider -> requester: the PoDs with the service, and why the others are without it."""

    activation_id: ServiceActivationId
    subscription_id: SubscriptionId
    status: ActivationStatus
    confirmed_at: datetime
    confirmed: tuple[str, ...] = ()
    refused: tuple[PodRefusal, ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AgreementMessage:
    """SRV-ACT-AGR, provider -> requester. The same id again: its PoDs were refreshed."""

    agreement_id: ServiceAgreementId
    activation_id: ServiceActivationId
    subscription_id: SubscriptionId
    description_id: ServiceDescriptionId
    pod_ids: tuple[str, ...]
    selection: DataSelection
    data_details: str
    processing_details: str
    validated_at: datetime
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class AgreementEndMessage:
    """Either side -> the other: the agreement is over before its time."""

    agreement_id: ServiceAgreementId
    subscription_id: SubscriptionId
    ended_at: datetime
    reason: str
