"""Queries on technical validations and what they answer."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.base import Part
from app.queries.models.platform.base import PlatformQuery
from domain.ids import SubscriptionId
from domain.paging import Slice
from domain.platform.validations import (
    CouplingPoint,
    TechnicalValidation,
    ValidationNetwork,
    ValidationSchedules,
    ValidationState,
)


@dataclass(frozen=True, kw_only=True)
class ListTechnicalValidations(PlatformQuery[Part[TechnicalValidation]]):
    """Those of the asking registration; for a peer those with its own. `inputs` come empty."""

    part: Slice
    subscription_id: SubscriptionId | None = None
    state: ValidationState | None = None


@dataclass(frozen=True, kw_only=True)
class GetTechnicalValidation(PlatformQuery[TechnicalValidation]):
    """One of them, by its own id or by that of its request. Refused (`not_found`) when it is not the asker's."""

    validation_id: str


@dataclass(frozen=True, kw_only=True)
class ValidationFiles:
    """What a DSO's technical validations are made on, as far as it is there; schedules by day."""

    network: ValidationNetwork | None
    schedules: tuple[ValidationSchedules, ...]
    coupling: CouplingPoint | None


@dataclass(frozen=True, kw_only=True)
class GetValidationFiles(PlatformQuery[ValidationFiles]):
    """Of the asking DSO."""
