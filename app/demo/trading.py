"""The demo's continuous session: its day's schedules, and an offer of each owner, so that there is a book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

from app.bridge import schedules, simbench
from app.demo import portfolio
from app.demo.scenario import DemoRegion, Scenario
from domain.flexibility.assets import Direction
from domain.ids import PartyId
from domain.units import WATT, Series

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class TradingDay:
    """The session to be planned and the offers to stand in it, the cheapest first."""

    day: date
    schedule: str
    offers: tuple[portfolio.OfferPlan, ...]


def trading_day(
    scenario: Scenario, demo: DemoRegion, cache_dir: Path, lots: Sequence[portfolio.Lot], silent: frozenset[str]
) -> TradingDay:
    """The day after the demo day, and one offer down for each owner: its first by the demo's own rule."""
    day = scenario.delivery_day + timedelta(days=1)
    document, schedule = simbench.region_files(demo.grid, day, cache_dir, demo.outage)
    read = schedules.read(document, schedule, day)
    first: dict[PartyId, portfolio.OfferPlan] = {}
    for plan in portfolio.offers(scenario, demo.region.id, read, lots, silent):
        if plan.direction is Direction.DOWN:
            first.setdefault(plan.owner_id, plan)
    cut = [_in_hours(scenario, plan) for plan in first.values()]
    offers = sorted((plan for plan in cut if plan.quantity_mw), key=lambda plan: plan.price_eur_per_mwh)
    return TradingDay(day=day, schedule=schedule, offers=tuple(offers))


def _in_hours(scenario: Scenario, plan: portfolio.OfferPlan) -> portfolio.OfferPlan:
    """The offered part of its quantities, within the hours of trading only."""
    rule = scenario.trading
    last = rule.first_step + rule.steps

    def part(values: Series) -> Series:
        return tuple(
            (value * rule.share).quantize(WATT, rounding=ROUND_DOWN) if rule.first_step <= k < last else ZERO
            for k, value in enumerate(values)
        )

    parts = {unit: part(values) for unit, values in plan.quantity_mw.items()}
    return replace(plan, quantity_mw={unit: values for unit, values in parts.items() if any(values)})
