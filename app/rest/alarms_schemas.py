"""Bodies and answers about alarms."""

from __future__ import annotations

from app.rest.fields import Day, Id, In, Instant, Out, Text
from app.rest.schemas import Paging


class AlarmOut(Out):
    """`worst_value` and `limit_value` in pu of `voltage`, percent of `loading`; steps count from 0."""

    id: str
    region_id: str
    delivery_day: Day
    element: str
    kind: str
    zone: str
    first_step: int
    last_step: int
    n_steps: int
    worst_step: int
    worst_value: float
    limit_value: float
    priority: str
    unmet: bool
    state: str
    raised_at: Instant
    acknowledged_by: str
    acknowledged_at: Instant | None
    shelved_by: str
    shelved_until: Instant | None
    shelve_reason: str
    returned_at: Instant | None


class AlarmFilter(Paging):
    region_id: Id | None = None
    delivery_day: Day | None = None
    with_cleared: bool = False


class ShelveIn(In):
    """Until when, on the market clock, and why."""

    until: Instant
    reason: Text
