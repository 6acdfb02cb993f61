"""What-ifs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.bridge.states import DayState, GridMap, ProposedRequest
from app.bridge.what_if import Answer
from app.queries.models.base import Query
from domain.flexibility.grids import Job
from domain.flexibility.what_if import WhatIf
from domain.ids import RegionId, WhatIfId


@dataclass(frozen=True, kw_only=True)
class WhatIfSolved:
    """Both states of a finished what-if on the axes of `grid`, NaN at what is out of service or without supply;
    `proposed` would cure the changed day where it was asked without offers, else is what trial offers were called
    for."""

    grid: GridMap
    as_is: DayState
    changed: DayState
    proposed: tuple[ProposedRequest, ...]
    answer: Answer


@dataclass(frozen=True, kw_only=True)
class WhatIfView:
    """A what-if, its job without inputs and result, and what it found. `outdated`: network or schedules have been
    replaced since."""

    what_if: WhatIf
    job: Job
    solved: WhatIfSolved | None
    outdated: bool


@dataclass(frozen=True, kw_only=True)
class GetWhatIf(Query[WhatIfView]):
    """DSO of the region, FMO."""

    what_if_id: WhatIfId


@dataclass(frozen=True, kw_only=True)
class ListWhatIfs(Query[tuple[WhatIfView, ...]]):
    """Of a region's day, newest first, without what they found."""

    region_id: RegionId
    delivery_day: date
