"""Live books of continuous sessions and what was withdrawn from them."""

from __future__ import annotations

from app.persistence.columns import blob, count, instant, key, text
from app.persistence.registry import entity
from domain.flexibility.trading import LiveBook, Withdrawal

entity(
    LiveBook,
    "live_books",
    key(references="sessions.id"),
    text("region_id", references="regions.id"),
    blob("payload"),
    count("n_trades"),
    instant("matched_at"),
)

entity(
    Withdrawal,
    "withdrawals",
    key(),
    text("session_id", references="sessions.id"),
    instant("at"),
    index=[["session_id"]],
)
