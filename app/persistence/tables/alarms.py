"""Alarms and what-ifs of the control room."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from app.persistence.columns import count, day, enum, flag, instant, key, number, structure, text
from app.persistence.registry import entity
from domain.flexibility.alarms import Alarm, Priority
from domain.flexibility.assets import Direction
from domain.flexibility.what_if import TrialOffer, UnitChange, WhatIf
from domain.lifecycle import AlarmState

entity(
    Alarm,
    "alarms",
    key(),
    text("region_id", references="regions.id"),
    day("delivery_day"),
    text("element"),
    text("kind"),
    text("zone"),
    count("first_step"),
    count("last_step"),
    count("n_steps"),
    count("worst_step"),
    number("worst_value", -1e9, 1e9),
    number("limit_value", -1e9, 1e9),
    enum("priority", Priority),
    instant("raised_at"),
    flag("unmet"),
    enum("state", AlarmState),
    number("seen_value", -1e9, 1e9, nullable=True),
    text("acknowledged_by"),
    instant("acknowledged_at", nullable=True),
    text("shelved_by"),
    instant("shelved_until", nullable=True),
    text("shelve_reason"),
    instant("returned_at", nullable=True),
    unique=[["region_id", "delivery_day", "element", "kind"]],
    index=[["state"]],
)


def _plain(entries: tuple[UnitChange | TrialOffer, ...]) -> list[dict[str, Any]]:
    """Decimals as text, so that they come back exactly."""
    return [
        {key: str(value) if isinstance(value, Decimal) else value for key, value in asdict(entry).items()}
        for entry in entries
    ]


def _changes(data: list[dict[str, Any]]) -> tuple[UnitChange, ...]:
    exact = ("scale_percent", "p_mw")
    return tuple(
        UnitChange(**entry | {key: None if entry[key] is None else Decimal(entry[key]) for key in exact})
        for entry in data
    )


def _offers(data: list[dict[str, Any]]) -> tuple[TrialOffer, ...]:
    exact = ("quantity_mw", "price_eur_per_mwh")
    return tuple(
        TrialOffer(**entry | {"direction": Direction(entry["direction"])} | {k: Decimal(entry[k]) for k in exact})
        for entry in data
    )


entity(
    WhatIf,
    "what_ifs",
    key(),
    text("region_id", references="regions.id"),
    text("owner_id"),
    day("delivery_day"),
    text("session_id", nullable=True, references="sessions.id"),
    structure("lines_out", "lines_out", to_data=list, from_data=tuple),
    structure("changes", "changes", to_data=_plain, from_data=_changes),
    structure("added", "added", to_data=_plain, from_data=_offers),
    structure("removed", "removed", to_data=list, from_data=tuple),
    instant("asked_at"),
    text("asked_by"),
    text("job_id"),
    index=[["region_id"]],
)
