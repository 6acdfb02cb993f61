"""The domain's tables: one entry per entity class, field by field, each field beside its translation.

Column names tell the stored unit: `p_min_mw` becomes `p_min_w`, `due_at` becomes `due_at_us`.
"""

from __future__ import annotations

from app.persistence.registry import ENTITIES, metadata, platform_metadata
from app.persistence.tables import (
    access,
    alarms,
    companies,
    deliveries,
    energy_service,
    grid,
    guide,
    negotiation,
    operation,
    parties,
    peers,
    place_catalogue,
    place_enrolment,
    place_requests,
    platform_activations,
    platform_consents,
    platform_tokens,
    service_alarms,
    settlement,
    subscribed,
    trade,
    trading,
    transport,
    validations,
    values,
    zones,
)
from app.persistence.tables.parties import notifications

__all__ = [
    "ENTITIES",
    "access",
    "alarms",
    "companies",
    "deliveries",
    "energy_service",
    "grid",
    "guide",
    "metadata",
    "negotiation",
    "notifications",
    "operation",
    "parties",
    "peers",
    "place_catalogue",
    "place_enrolment",
    "place_requests",
    "platform_activations",
    "platform_consents",
    "platform_metadata",
    "platform_tokens",
    "service_alarms",
    "settlement",
    "subscribed",
    "trade",
    "trading",
    "transport",
    "validations",
    "values",
    "zones",
]
