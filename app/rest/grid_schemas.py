"""Answers of regions and needs."""

from __future__ import annotations

from app.rest.fields import Day, Id, In, Out
from app.rest.schemas import Paging


class RegionOut(Out):
    id: str
    name: str
    dso_id: str
    tso_id: str


class NeedOut(Out):
    """One element's need of the day; `value` and `limit` in pu (`voltage`) or percent (`loading`)."""

    element: str
    kind: str
    zone: str
    first_step: int
    last_step: int
    n_steps: int
    worst_step: int
    worst_value: float
    limit: float


class NeedsIn(In):
    """The day whose needs are computed."""

    region_id: Id
    delivery_day: Day


class NeedFilter(Paging):
    region_id: Id
    delivery_day: Day
