"""A platform's technical validations, and what a DSO keeps for them."""

from __future__ import annotations

from typing import Any

from app.codec import from_data, to_data
from app.persistence.columns import Spec, blob, day, enum, instant, key, structure, text
from app.persistence.registry import entity, platform_metadata
from domain.marketplace.words import PlatformRole
from domain.platform.validation import CouplingLimits, TechnicalValidationRequest, TechnicalValidationResponse
from domain.platform.validations import (
    CouplingPoint,
    TechnicalValidation,
    ValidationNetwork,
    ValidationRefusal,
    ValidationSchedules,
    ValidationState,
)


def _record(field: str, kind: type[Any]) -> Spec:
    """A dataclass as JSON; null where there is none."""
    return structure(
        field,
        field,
        to_data=lambda value: None if value is None else to_data(value),
        from_data=lambda data: None if data is None else from_data(kind, data),
    )


def _records(field: str, kind: type[Any]) -> Spec:
    """A tuple of dataclasses as a JSON list."""
    return structure(
        field,
        field,
        to_data=lambda values: [to_data(value) for value in values],
        from_data=lambda listed: tuple(from_data(kind, data) for data in listed),
    )


entity(
    ValidationNetwork,
    "validation_networks",
    key(references="parties.id"),
    text("document"),
    text("sha256"),
    instant("uploaded_at"),
    of=platform_metadata,
)

entity(
    ValidationSchedules,
    "validation_schedules",
    key(),
    text("party_id", references="parties.id"),
    day("delivery_day"),
    text("document"),
    text("sha256"),
    text("network_sha256"),
    instant("uploaded_at"),
    unique=[["party_id", "delivery_day"]],
    of=platform_metadata,
)

entity(
    CouplingPoint,
    "coupling_points",
    key(references="parties.id"),
    _record("limits", CouplingLimits),
    text("source"),
    instant("set_at"),
    of=platform_metadata,
)

entity(
    TechnicalValidation,
    "technical_validations",
    key(),
    enum("side", PlatformRole),
    text("request_id"),
    text("subscription_id"),
    text("party_id"),
    text("peer_id"),
    _record("request", TechnicalValidationRequest),
    instant("asked_at"),
    enum("state", ValidationState),
    blob("inputs"),
    text("network_sha256"),
    text("schedule_sha256"),
    _record("response", TechnicalValidationResponse),
    instant("answered_at", nullable=True),
    _records("refusals", ValidationRefusal),
    unique=[["side", "peer_id", "request_id"]],
    index=[["state"], ["party_id"]],
    of=platform_metadata,
)
