"""Participants, regions and notifications."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey

from app.persistence.columns import (
    WHOLE,
    enum,
    flag,
    instant,
    key,
)
from app.persistence.columns import text as text_
from app.persistence.ledgers import outbox
from app.persistence.registry import entity
from domain.lifecycle import ApplicationState
from domain.notifications import Notification
from domain.parties import Application, Party, Region, Role

parties = entity(
    Party,
    "parties",
    key(),
    text_("name"),
    enum("role", Role),
    flag("independent"),
    text_("brp_id", nullable=True, references="parties.id"),
    flag("active"),
    text_("reason"),
    index=[["role"]],
)

entity(
    Region,
    "regions",
    key(),
    text_("name"),
    text_("dso_id", references="parties.id"),
    text_("tso_id", references="parties.id"),
    index=[["dso_id"], ["tso_id"]],
)

entity(
    Application,
    "applications",
    key(),
    text_("company"),
    text_("contact"),
    text_("email"),
    enum("role", Role),
    flag("independent"),
    text_("account"),
    instant("applied_at"),
    enum("state", ApplicationState),
    text_("reason"),
    text_("party_id", nullable=True, references="parties.id"),
    index=[["state"]],
)

notifications = entity(
    Notification,
    "notifications",
    key(),
    text_("party_id", references="parties.id"),
    text_("event"),
    text_("sentence"),
    text_("link"),
    instant("market_at"),
    flag("read"),
    unique=[["outbox_id", "party_id"]],
    index=[["party_id", "read"]],
    more=[Column("outbox_id", WHOLE, ForeignKey(outbox.c.id), nullable=True)],
)
