"""Offers of flexibility, who acquired what of them, and call-ups, on both sides' platforms."""

from __future__ import annotations

from app.persistence.columns import EUR_PER_MWH, MW, enum, exact, instant, key, series
from app.persistence.columns import text as text_
from app.persistence.registry import entity, platform_metadata
from domain.flexibility.assets import Direction
from domain.marketplace.words import ActivationStatus, PlatformRole
from domain.platform.energy_service import (
    Acquisition,
    CallUp,
    CallUpState,
    Flexibility,
    FlexibilityState,
    Told,
)

entity(
    Flexibility,
    "flexibilities",
    key(),
    text_("provider_id", references="parties.id"),
    text_("area"),
    enum("direction", Direction),
    instant("starts_at"),
    series("power_mw", MW),
    exact("price_eur_per_mwh", EUR_PER_MWH),
    instant("acquire_until"),
    text_("made_from"),
    instant("offered_at"),
    enum("state", FlexibilityState),
    index=[["provider_id"], ["state"]],
    of=platform_metadata,
)

entity(
    Told,
    "told_flexibilities",
    key(),
    text_("flexibility_id"),
    text_("subscription_id"),
    index=[["flexibility_id"], ["subscription_id"]],
    of=platform_metadata,
)

entity(
    Acquisition,
    "acquisitions",
    key(),
    text_("flexibility_id"),
    text_("subscription_id"),
    enum("side", PlatformRole),
    text_("peer_id"),
    exact("power_mw", MW),
    instant("asked_at"),
    enum("status", ActivationStatus, nullable=True),
    text_("reason"),
    index=[["flexibility_id"], ["subscription_id"]],
    of=platform_metadata,
)

entity(
    CallUp,
    "call_ups",
    key(),
    text_("acquisition_id"),
    text_("flexibility_id"),
    text_("subscription_id"),
    enum("side", PlatformRole),
    text_("peer_id"),
    instant("starts_at"),
    instant("ends_at"),
    exact("power_mw", MW),
    instant("asked_at"),
    enum("state", CallUpState),
    text_("reason"),
    instant("answered_at", nullable=True),
    index=[["acquisition_id"], ["flexibility_id"]],
    of=platform_metadata,
)
