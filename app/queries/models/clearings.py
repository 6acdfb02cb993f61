"""Clearings to compare: the market's own and those only tried; and what relief costs by each offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from app.bridge.outcomes import NodalPrices
from app.bridge.relief import Relief
from app.bridge.states import DayState, GridMap
from app.queries.models.base import Query
from domain.flexibility.grids import Job
from domain.flexibility.operation import BookState
from domain.flexibility.rules import ClearingRules
from domain.ids import PartyId, RegionId, SessionId
from domain.parties import Region


class ClearingKind(StrEnum):
    MARKET = "market"
    TRY = "try"


@dataclass(frozen=True, kw_only=True)
class ClearingRow:
    """A clearing of a session's book. `id` is the session's of the market's own, else the try's; `asked_at` is
    market time; `job` comes without inputs and result."""

    id: str
    kind: ClearingKind
    session_id: SessionId
    region: Region
    delivery_day: date
    rules: ClearingRules
    book: BookState
    asked_at: datetime
    job: Job


@dataclass(frozen=True, kw_only=True)
class ListClearings(Query[tuple[ClearingRow, ...]]):
    """Newest delivery day first, then by region, the market's own before its tries."""

    delivery_day: date | None = None
    region_id: RegionId | None = None
    session_id: SessionId | None = None


@dataclass(frozen=True, kw_only=True)
class ComparedFigure:
    """One figure of both clearings; `difference` is right less left where both are numbers.

    `group`: what it belongs to (`result`, `volume`, `price`, `proof`).
    """

    key: str
    group: str
    label: str
    unit: str
    left: Decimal | None
    right: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        return None if self.left is None or self.right is None else self.right - self.left


@dataclass(frozen=True, kw_only=True)
class ComparedPayment:
    """What a participant gets (positive) or pays in both clearings, EUR; None where it is in none of its books."""

    party_id: PartyId
    name: str
    left_eur: Decimal | None
    right_eur: Decimal | None

    @property
    def difference_eur(self) -> Decimal:
        """Who is not in a clearing gets nothing from it."""
        return (self.right_eur or Decimal(0)) - (self.left_eur or Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two clearings side by side; `notes` say what makes them differ beside the rules."""

    left: ClearingRow
    right: ClearingRow
    notes: tuple[str, ...]
    figures: tuple[ComparedFigure, ...]
    payments: tuple[ComparedPayment, ...]


@dataclass(frozen=True, kw_only=True)
class CompareClearings(Query[Comparison]):
    """Of clearings that are done; ids as `ListClearings` tells them."""

    left: str
    right: str


@dataclass(frozen=True, kw_only=True, eq=False)
class ClearingDay:
    """A clearing's grid before and after, and its prices; None where it gave none."""

    row: ClearingRow
    grid: GridMap
    before: DayState
    after: DayState | None
    prices: NodalPrices | None


@dataclass(frozen=True, kw_only=True)
class GetClearingDay(Query[ClearingDay]):
    id: str


@dataclass(frozen=True, kw_only=True, eq=False)
class ReliefView:
    """Cost of relief of every limit that the schedules pass, by every line of the book."""

    relief: Relief


@dataclass(frozen=True, kw_only=True)
class GetRelief(Query[ReliefView]):
    """By the book as it stands, from the gate on as it was cleared; the FMO's, since it tells of every offer."""

    session_id: SessionId
