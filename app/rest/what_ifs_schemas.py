"""Bodies and answers about what-ifs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.rest.fields import Day, Exact, Id, In, Instant, Out
from app.rest.grid_schemas import NeedOut
from app.rest.schemas import Direction, Paging

Step = Annotated[int, Field(ge=0, le=99)]


class UnitChangeIn(In):
    """A unit's power in the quarter hours `first_step` to `last_step`: `scale_percent`, or `p_mw` (injection)."""

    unit_id: Id
    first_step: Step
    last_step: Step
    scale_percent: Exact | None = None
    p_mw: Exact | None = None


class TrialOfferIn(In):
    """An offer that nobody made, the same in all its quarter hours."""

    unit_id: Id
    direction: Direction
    first_step: Step
    last_step: Step
    quantity_mw: Exact
    price_eur_per_mwh: Exact


class WhatIfIn(In):
    """What to change on a region's day. One branch in `lines_out` and nothing else is the N-1 question."""

    region_id: Id
    delivery_day: Day
    lines_out: Annotated[list[Id], Field(default_factory=list, max_length=200)]
    changes: Annotated[list[UnitChangeIn], Field(default_factory=list, max_length=200)]
    added: Annotated[list[TrialOfferIn], Field(default_factory=list, max_length=200)]
    removed: Annotated[list[Id], Field(default_factory=list, max_length=200)]


class WhatIfFilter(Paging):
    region_id: Id
    delivery_day: Day


class OutcomeOut(Out):
    """`status` is `assessed` without offers; else the clearing's, with its cost and what it took of each offer."""

    status: str
    reason: str
    cost_eur: float | None
    accepted_mwh: dict[str, float]


class FoundOut(Out):
    """Needs of the day as it is and changed, and the buses that would lose supply."""

    needs_as_is: list[NeedOut]
    needs_changed: list[NeedOut]
    dark_buses: list[str]
    as_is: OutcomeOut
    changed: OutcomeOut


class WhatIfOut(Out):
    """`found` is there once the job is done."""

    id: str
    region_id: str
    delivery_day: Day
    asked_at: Instant
    asked_by: str
    job_id: str
    job_state: Literal["queued", "running", "done", "failed", "cancelled"]
    stage: str
    progress: float
    error: str
    outdated: bool
    found: FoundOut | None
