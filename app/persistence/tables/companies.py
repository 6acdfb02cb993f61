"""A platform's company and its registrations."""

from __future__ import annotations

from app.persistence.columns import enum, key
from app.persistence.columns import text as text_
from app.persistence.registry import entity, platform_metadata
from domain.marketplace.words import PlayerRole
from domain.platform.company import Company, OwnRegistration

entity(
    Company,
    "company",
    key(),
    text_("name"),
    text_("country"),
    text_("market_place_url"),
    of=platform_metadata,
)

entity(
    OwnRegistration,
    "own_registrations",
    key(references="parties.id"),
    enum("player_role", PlayerRole),
    of=platform_metadata,
)
