"""Tried clearings, when jobs ran, and who answers for which toolkit."""

from __future__ import annotations

from app.persistence.columns import day, enum, instant, key, text
from app.persistence.registry import entity
from domain.flexibility.operation import BookState, ClearingTry, JobRun, ToolkitWatch
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule

entity(
    ClearingTry,
    "clearing_tries",
    key(),
    text("session_id", references="sessions.id"),
    text("region_id", references="regions.id"),
    day("delivery_day"),
    text("job_id"),
    instant("asked_at"),
    enum("book", BookState),
    enum("clearing", ClearingMode),
    enum("payment", PaymentRule),
    enum("energy", EnergyPricing),
    index=[["session_id"], ["delivery_day"]],
)

entity(
    ToolkitWatch,
    "toolkit_watches",
    key(),
    text("party_id", references="parties.id"),
    text("note"),
)

entity(
    JobRun,
    "job_runs",
    key(),
    instant("started_at"),
    instant("finished_at", nullable=True),
)
