"""Queries on energy services and what they answer, for either side."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.queries.models.platform.base import PlatformQuery
from domain.ids import SubscriptionId
from domain.platform.energy_service import Acquisition, CallUp, Flexibility


@dataclass(frozen=True, kw_only=True)
class FlexibilityRow:
    """An offer. `own`: of the registration that asks; `acquired_mw`: by all who are known of, `free_mw`: what the
    provider can still give, None for a requester, who does not know."""

    flexibility: Flexibility
    provider: str
    own: bool
    subscription_ids: tuple[SubscriptionId, ...]
    acquired_mw: Decimal
    free_mw: Decimal | None


@dataclass(frozen=True, kw_only=True)
class AcquisitionRow:
    acquisition: Acquisition
    flexibility: Flexibility
    peer: str


@dataclass(frozen=True, kw_only=True)
class CallUpRow:
    call_up: CallUp
    flexibility: Flexibility
    peer: str


@dataclass(frozen=True, kw_only=True)
class ListFlexibilities(PlatformQuery[tuple[FlexibilityRow, ...]]):
    """A provider's own offers, or those that a requester was told of; the latest to be delivered first."""


@dataclass(frozen=True, kw_only=True)
class ListAcquisitions(PlatformQuery[tuple[AcquisitionRow, ...]]):
    """The latest first."""


@dataclass(frozen=True, kw_only=True)
class ListCallUps(PlatformQuery[tuple[CallUpRow, ...]]):
    """The latest to be delivered first."""
