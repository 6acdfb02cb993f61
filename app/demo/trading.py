"""The demo's continuous session: its day's schedules, and an offer of each owner, so that there is a book."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import cast

from app.bridge import schedules, simbench
from app.demo import portfolio
from app.demo.scenario import DemoRegion, Scenario
from domain.commands import Command, PlanSession, SubmitOffer, UploadSchedules
from domain.flexibility.assets import Direction
from domain.flexibility.market import MarketSession, OfferLine
from domain.flexibility.rules import ClearingMode, PaymentRule
from domain.ids import AssetId, PartyId
from domain.units import WATT, Series

Do = Callable[[PartyId, Command], object]
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
    offers = sorted(first.values(), key=lambda plan: plan.price_eur_per_mwh)
    return TradingDay(day=day, schedule=schedule, offers=tuple(offers))


def plan_session(do: Do, fmo: PartyId, scenario: Scenario, demo: DemoRegion, trading: TradingDay) -> MarketSession:
    """Upload the day's schedules and plan its continuous session."""
    region = demo.region
    upload = UploadSchedules(region_id=region.id, delivery_day=trading.day, document=trading.schedule)
    do(region.dso_id, upload)
    times: Mapping[str, datetime] = scenario.times
    command = PlanSession(
        region_id=region.id,
        delivery_day=trading.day,
        opens_at=times["opens"],
        gate_closes_at=times["trading_closes"],
        publishes_at=times["trading_publishes"],
        clearing=ClearingMode.CONTINUOUS,
        payment=PaymentRule.NODAL,
    )
    return cast(MarketSession, do(fmo, command))


def place_offers(
    do: Do, scenario: Scenario, trading: TradingDay, session: MarketSession, assets: Mapping[str, AssetId]
) -> None:
    """The offers of the owners. Requests are left for the DSO: the first one it places trades at once."""
    for plan in trading.offers:
        lines = tuple(
            OfferLine(asset_id=assets[unit], quantity_mw=_in_hours(scenario, values))
            for unit, values in plan.quantity_mw.items()
        )
        lines = tuple(line for line in lines if any(line.quantity_mw))
        if lines:
            price = (plan.price_eur_per_mwh,) * len(lines[0].quantity_mw)
            offer = SubmitOffer(
                session_id=session.id, direction=plan.direction, lines=lines, price_eur_per_mwh=price
            )
            do(plan.owner_id, offer)


def _in_hours(scenario: Scenario, values: Series) -> Series:
    """The offered part of a quantity, within the hours of trading only."""
    rule = scenario.trading
    last = rule.first_step + rule.steps
    return tuple(
        (value * rule.share).quantize(WATT, rounding=ROUND_DOWN) if rule.first_step <= k < last else ZERO
        for k, value in enumerate(values)
    )
