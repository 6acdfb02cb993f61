"""Queries on consents: as a customer and its provider see them, and as a requester was told."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.base import Part
from app.queries.models.platform.base import PlatformQuery
from domain.ids import PodId, SubscriptionId
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import ConsentState
from domain.paging import Slice
from domain.platform.consents import Consent, ConsentAsk, ToldConsent


@dataclass(frozen=True, kw_only=True)
class ConsentView:
    """CUS-CON-DES with what it is about.

    requester : its name; customer : its name
    service : None where the subscription is not known any more
    standing : points of delivery for which it stands now
    """

    consent: Consent
    requester: str
    customer: str
    service: ServiceDescription | None
    standing: tuple[PodId, ...]


@dataclass(frozen=True, kw_only=True)
class ListConsents(PlatformQuery[Part[ConsentView]]):
    """Customer: its own; provider: those of its customers."""

    part: Slice
    state: ConsentState | None = None
    subscription_id: SubscriptionId | None = None


@dataclass(frozen=True, kw_only=True)
class ListConsentAsks(PlatformQuery[Part[ConsentAsk]]):
    """Requester: what it asked for."""

    part: Slice
    subscription_id: SubscriptionId | None = None


@dataclass(frozen=True, kw_only=True)
class ListToldConsents(PlatformQuery[Part[ToldConsent]]):
    """Requester: the consents that it was told of by CUS-CON-ACK and CUS-CON-REV."""

    part: Slice
    subscription_id: SubscriptionId | None = None
    state: ConsentState | None = None
