"""Queries on requests to activate a service, and on the agreements made of them."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.base import Part
from app.queries.models.platform.base import PlatformQuery
from domain.ids import SubscriptionId
from domain.marketplace.words import ActivationStatus
from domain.paging import Slice
from domain.platform.activations import AgreementState, ServiceActivation, ServiceAgreement


@dataclass(frozen=True, kw_only=True)
class ListServiceActivations(PlatformQuery[Part[ServiceActivation]]):
    """DSO-REQ and USP-REQ of the own registration's subscriptions, with what was confirmed."""

    part: Slice
    subscription_id: SubscriptionId | None = None
    status: ActivationStatus | None = None


@dataclass(frozen=True, kw_only=True)
class ListAgreements(PlatformQuery[Part[ServiceAgreement]]):
    """SRV-ACT-AGR of the own registration's subscriptions."""

    part: Slice
    subscription_id: SubscriptionId | None = None
    state: AgreementState | None = None
