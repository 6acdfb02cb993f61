"""Day-ahead and balancing prices of the demo day: a merit order over the residual load of all regions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from app.bridge.schedules import ScheduleFacts
from app.demo.portfolio import draw
from app.demo.scenario import PriceRule, Scenario
from domain.units import CENT, Series

STEPS_PER_HOUR = 4


def residual_load_mw(schedules: Iterable[ScheduleFacts]) -> Series:
    """[n_steps] MW, what all units of all regions together draw; negative where they feed in."""
    injections = [values for schedule in schedules for values in schedule.p_mw.values()]
    return tuple(-sum(step, Decimal(0)) for step in zip(*injections, strict=True))


def merit_order_price(rule: PriceRule, load_mw: Decimal) -> Decimal:
    """EUR/MWh of the last MW that serves a load; below the first block its lowest price, above all the highest."""
    left = load_mw
    for block in rule.blocks:
        if left <= block.mw:
            part = max(left, Decimal(0)) / block.mw
            return block.from_eur_per_mwh + part * (block.to_eur_per_mwh - block.from_eur_per_mwh)
        left -= block.mw
    return rule.blocks[-1].to_eur_per_mwh


def day_ahead(scenario: Scenario, residual_mw: Sequence[Decimal]) -> Series:
    """[n_steps] EUR/MWh, one price for each hour: its mean residual load on the merit order."""
    rule = scenario.prices
    prices: list[Decimal] = []
    for start in range(0, len(residual_mw), STEPS_PER_HOUR):
        hour = residual_mw[start : start + STEPS_PER_HOUR]
        mean = sum(hour, Decimal(0)) / len(hour)
        prices += [merit_order_price(rule, rule.further_demand_mw + mean).quantize(CENT)] * len(hour)
    return tuple(prices)


def balancing(scenario: Scenario, residual_mw: Sequence[Decimal]) -> Series:
    """[n_steps] EUR/MWh: the merit order at the quarter hour's load and a drawn imbalance, with a markup."""
    rule = scenario.prices
    lot = draw(scenario, "balancing")
    prices = []
    for load_mw in residual_mw:
        imbalance = rule.imbalance_mw * Decimal(repr(round(lot.uniform(-1.0, 1.0), 4)))
        price = merit_order_price(rule, rule.further_demand_mw + load_mw + imbalance)
        markup = rule.balancing_markup_eur_per_mwh.copy_sign(imbalance)
        prices.append((price + markup).quantize(CENT))
    return tuple(prices)
