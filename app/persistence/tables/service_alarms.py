"""Alarms about services, on the market place and on platforms; what the market place is told of services."""

from __future__ import annotations

from app.persistence.columns import SHARE, count, enum, exact, instant, key, text
from app.persistence.registry import entity, platform_metadata
from domain.flexibility.alarms import Priority
from domain.lifecycle import AlarmState
from domain.marketplace.service_alarms import ServiceAlarm, ServiceAlarmKind
from domain.marketplace.told import ActivationStatusRow, ConsentStatus, InterimReport
from domain.marketplace.words import ActivationStatus, ConsentState, ServiceState
from domain.platform.interim import InterimMark

service_alarms = entity(
    ServiceAlarm,
    "service_alarms",
    key(),
    enum("kind", ServiceAlarmKind),
    text("subject"),
    text("provider_id"),
    text("requester_id", nullable=True),
    enum("priority", Priority),
    text("detail"),
    instant("raised_at"),
    enum("state", AlarmState),
    enum("seen", Priority),
    text("acknowledged_by"),
    instant("acknowledged_at", nullable=True),
    text("shelved_by"),
    instant("shelved_until", nullable=True),
    text("shelve_reason"),
    instant("returned_at", nullable=True),
    unique=[["kind", "subject", "provider_id"]],
    index=[["provider_id"], ["requester_id"]],
)

entity(
    ConsentStatus,
    "consent_statuses",
    key(),
    text("subscription_id"),
    enum("state", ConsentState),
    instant("at"),
    index=[["subscription_id"]],
)

entity(
    ActivationStatusRow,
    "activation_statuses",
    key(),
    text("subscription_id"),
    enum("status", ActivationStatus),
    instant("at"),
    instant("starts_at", nullable=True),
    instant("ends_at", nullable=True),
    instant("ended_at", nullable=True),
    index=[["subscription_id"]],
)

entity(
    InterimReport,
    "interim_reports",
    key(),
    text("subscription_id"),
    enum("state", ServiceState),
    instant("at"),
    count("n_delivered"),
    count("n_acknowledged"),
    count("n_overdue"),
    exact("in_time_share", SHARE, nullable=True),
    instant("last_delivery_at", nullable=True),
    index=[["subscription_id", "at_us"]],
)

entity(InterimMark, "interim_marks", key(), instant("at"), of=platform_metadata)
