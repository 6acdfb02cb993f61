"""Offers that may be called directly, and who has none to offer."""

from __future__ import annotations

from app.persistence.columns import MW, enum, exact, flag, instant, key
from app.persistence.columns import text as text_
from app.persistence.registry import entity
from domain.flexibility.calls import CallTerms, Decline
from domain.flexibility.commodity import Commodity

entity(
    CallTerms,
    "call_terms",
    key(references="offers.id"),
    text_("session_id", references="sessions.id"),
    text_("region_id", references="regions.id"),
    text_("party_id", references="parties.id"),
    text_("place"),
    instant("until"),
    exact("granularity_mw", MW),
    text_("flex_type"),
    flag("ended"),
    index=[["session_id"], ["ended"]],
)

entity(
    Decline,
    "declines",
    key(),
    text_("party_id", references="parties.id"),
    text_("session_id", references="sessions.id"),
    text_("region_id", references="regions.id"),
    text_("place"),
    enum("commodity", Commodity),
    instant("starts_at"),
    instant("ends_at"),
    instant("until"),
    instant("declined_at"),
    text_("flex_type"),
    index=[["session_id"], ["party_id"]],
)
