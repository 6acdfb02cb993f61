"""Clearings that are only tried, and who answers for the machinery (FLEXGRID 004, section 3.5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.flexibility.rules import ClearingMode, ClearingRules, EnergyPricing, PaymentRule
from domain.ids import JobId, PartyId, RegionId, SessionId, TryId

_WORDS = {
    "needs": "Needs identification",
    "clearing": "Clearing",
    "try": "Clearing by other rules",
    "what_if": "What-if",
    "matching": "Matching of continuous sessions",
}


def toolkit_words(toolkit: str) -> str:
    """The name of a kind of work for people."""
    return _WORDS.get(toolkit, toolkit.replace("_", " ").capitalize())


class BookState(StrEnum):
    """Which book was cleared: the one that the gate closed, or what stood in it while it was open."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class ClearingTry:
    """A session's book cleared by other rules; the job holds the inputs and the result, the market takes over
    nothing. `asked_at` is market time."""

    id: TryId
    session_id: SessionId
    region_id: RegionId
    delivery_day: date
    job_id: JobId
    asked_at: datetime
    book: BookState
    clearing: ClearingMode
    payment: PaymentRule
    energy: EnergyPricing
    version: int = 0

    @property
    def rules(self) -> ClearingRules:
        """Mode, payment rule and energy as one."""
        return ClearingRules(clearing=self.clearing, payment=self.payment, energy=self.energy)


@dataclass(frozen=True, kw_only=True)
class ToolkitWatch:
    """Who is told when a toolkit (a kind of job, the `id`) fails: a participant, and a note for its people."""

    id: str
    party_id: PartyId
    note: str
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class JobRun:
    """When a job was taken by the worker the last time and when it ended, wall time; its `id` is the job's."""

    id: JobId
    started_at: datetime
    finished_at: datetime | None = None
    version: int = 0
