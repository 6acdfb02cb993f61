"""What-if: a region's day with something changed, computed before anything is published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.flexibility.assets import Direction
from domain.ids import JobId, OfferId, PartyId, RegionId, SessionId, WhatIfId


@dataclass(frozen=True, kw_only=True)
class UnitChange:
    """A unit's active power in the quarter hours `first_step` to `last_step`, both included.

    Either times `scale_percent` (its reactive power as well) or set to `p_mw`, injection positive.
    """

    unit_id: str
    first_step: int
    last_step: int
    scale_percent: Decimal | None = None
    p_mw: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class TrialOffer:
    """An offer that nobody made: `quantity_mw` of active power from a unit, the same in all its quarter hours."""

    unit_id: str
    direction: Direction
    first_step: int
    last_step: int
    quantity_mw: Decimal
    price_eur_per_mwh: Decimal


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """One question and its job. `session_id` names the session whose book it uses, none while that is sealed.

    lines_out : branches out of service; removed : offers of the book that are left out
    """

    id: WhatIfId
    region_id: RegionId
    owner_id: PartyId
    delivery_day: date
    session_id: SessionId | None
    lines_out: tuple[str, ...]
    changes: tuple[UnitChange, ...]
    added: tuple[TrialOffer, ...]
    removed: tuple[OfferId, ...]
    asked_at: datetime
    asked_by: str
    job_id: JobId
    version: int = 0
