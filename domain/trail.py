"""The audit trail as it is read: what was done, by whom, for whom and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """What was done: row `sequence` (from 1), both clocks (UTC), who, for whom, and the command as JSON text."""

    sequence: int
    wall_at: datetime
    market_at: datetime
    account: str
    party_id: str
    role: str
    command: str
    body: str
    previous: str
    hash: str = ""


class Sight(StrEnum):
    """How much of a row somebody may see."""

    WHOLE = "whole"
    TOLD = "told"
    """Who did what and when, without the command's fields."""
    HASH = "hash"
    """That there is a row."""


@dataclass(frozen=True, kw_only=True)
class TrailLine:
    """A row as somebody sees it. `account` and `body` (the command as JSON text): None where it is only `TOLD`.
    `party_name` is what the party is called now: no part of the row."""

    sequence: int
    wall_at: datetime
    market_at: datetime
    party_id: str
    role: str
    command: str
    account: str | None
    body: str | None
    party_name: str | None = None
