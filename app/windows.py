"""From a start and a duration to quarter hours of a region's market session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from domain.errors import Finding, raise_if, refuse
from domain.flexibility.market import MarketSession
from domain.ids import RegionId
from domain.ports import UnitOfWork
from domain.time import MTU, DeliveryDay, instant_findings, market_day

MTU_S = Decimal(int(MTU.total_seconds()))
LONGEST_S = Decimal(100) * MTU_S
"""The longest day of the market's zone."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """Quarter hours `first` to `last` - 1 of a session's delivery day of `n_steps`."""

    session: MarketSession
    first: int
    last: int
    n_steps: int


def window_of(uow: UnitOfWork, region_id: RegionId, starts_at: datetime, duration_s: Decimal) -> Window:
    """The quarter hours from a start on, and the region's session of their day.

    Raises:
        Refused: `not_on_grid` for times between quarter hours or of two days, `out_of_range`, `no_session`.
    """
    raise_if([*instant_findings(starts_at, "activation_time"), *duration_findings(duration_s)])
    day = DeliveryDay(day=market_day(starts_at))
    first, last = day.step(starts_at), day.step(starts_at + timedelta(seconds=int(duration_s)))
    if first is None:
        sentence = "The market's time unit is a quarter hour; start at one."
        raise refuse("not_on_grid", "activation_time", sentence)
    if last is None:
        sentence = "It ends on another day; ask for each delivery day by itself."
        raise refuse("not_on_grid", "duration", sentence)
    found = uow.find(MarketSession, region_id=region_id, delivery_day=day.day)
    if not found:
        raise refuse("no_session", "activation_time", f"There is no market session for {day.day:%d.%m.%Y}.")
    return Window(session=found[0], first=first, last=last, n_steps=day.n_steps)


def duration_findings(duration_s: Decimal) -> list[Finding]:
    if not MTU_S <= duration_s <= LONGEST_S:
        sentence = f"A duration is {MTU_S} to {LONGEST_S} seconds."
        return [Finding(code="out_of_range", field="duration", sentence=sentence)]
    if duration_s % MTU_S:
        sentence = f"A duration is a multiple of {MTU_S} seconds, the market's time unit."
        return [Finding(code="not_on_grid", field="duration", sentence=sentence)]
    return []


def soonest(
    uow: UnitOfWork, region_id: RegionId, after: datetime, accepts: Callable[[MarketSession], bool]
) -> datetime:
    """The first quarter hour not before an instant in a session that accepts. Raises `Refused`: `no_session`."""
    for session in sorted(uow.find(MarketSession, region_id=region_id), key=lambda s: s.delivery_day):
        day = DeliveryDay(day=session.delivery_day)
        whole = day.start + -((day.start - after) // MTU) * MTU
        starts_at = max(day.start, whole)
        if accepts(session) and starts_at < day.end:
            return starts_at
    raise refuse("no_session", "activation_time", "No open session delivers after the deadline.")
