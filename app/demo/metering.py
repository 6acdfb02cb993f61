"""The demo's meters: points of delivery, contracts, readings of earlier days, and a file for the delivery day.

Every draw is seeded by the scenario's seed and what it is for, so that the files are the same at every load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.bridge import metering
from app.bridge.metering import Metered
from app.demo.portfolio import Lot
from app.queries.models import GetDelivery, GetResult, ListPods, Query
from domain.commands import AgreeContract
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.contracts import DeliveryRule
from domain.flexibility.metering import PodMapping
from domain.flexibility.reference import N_COMPARABLE, BaselineMethod
from domain.ids import AssetId, PartyId, PodId, RegionId, SessionId
from domain.units import WATT, Series

ZERO = Decimal(0)
MAPPED_DAYS_AHEAD = timedelta(days=60)
METERED_LABEL = "Wind park"
"""Assets of this label have readings of earlier days, so that comparable days can be shown."""
SHORT = (1, 5)
"""Of every five called assets, from the largest call on, the second delivers less than it was called for."""

CONTRACTS: Mapping[str, tuple[DeliveryRule, str, str]] = {
    "esp1": (DeliveryRule.PENALTY, "0.10", "60.00"),
    "esp2": (DeliveryRule.PAY_DELIVERED, "0.05", "0"),
    "agg1": (DeliveryRule.ALL_OR_NOTHING, "0.20", "0"),
}
"""Rule, tolerance and penalty price by party; whoever is not here has the standard terms."""


def contracts(region_id: RegionId, day: date) -> Iterator[AgreeContract]:
    """The terms that the market operator has agreed on in a region."""
    for party, (rule, tolerance, penalty) in CONTRACTS.items():
        yield AgreeContract(
            region_id=region_id,
            party_id=PartyId(party),
            valid_from=day,
            baseline=BaselineMethod.NOMINATION,
            rule=rule,
            tolerance_share=Decimal(tolerance),
            penalty_eur_per_mwh=Decimal(penalty),
        )


def pods(region_id: RegionId, assets: Iterable[AssetId], day: date) -> tuple[PodMapping, ...]:
    """A point of delivery for every asset, numbered in their order."""
    since = day - MAPPED_DAYS_AHEAD
    return tuple(
        PodMapping(id=f"{pod}@{since.isoformat()}", pod_id=PodId(pod), asset_id=asset_id, valid_from=since)
        for number, asset_id in enumerate(assets, start=1)
        for pod in (f"DE-{region_id.upper()}-{number:04d}",)
    )


def earlier_days(day: date) -> tuple[date, ...]:
    """The most recent days before, of the same type, that comparable days need; oldest first."""
    weekend = day.weekday() >= 5
    back = (day - timedelta(days=n) for n in range(1, 45))
    alike = [earlier for earlier in back if (earlier.weekday() >= 5) is weekend]
    return tuple(reversed(alike[:N_COMPARABLE]))


def earlier_readings(
    seed: int,
    lots: Iterable[Lot],
    pod_of: Mapping[str, PodId],
    scheduled_p_mw: Mapping[str, Series],
    day: date,
) -> str:
    """A metering file of an earlier day: the delivery day's schedule, weather and all, times a drawn factor.

    pod_of, scheduled_p_mw : by unit id; the earlier day has as many quarter hours as the delivery day
    """
    readings = {}
    for lot in lots:
        unit = lot.unit.unit_id
        if lot.rule.label == METERED_LABEL:
            factor = _part(_lot(seed, "earlier", day.isoformat(), unit), 0.90, 1.05)
            values = tuple((value * factor).quantize(WATT) for value in scheduled_p_mw[unit])
            readings[pod_of[unit]] = Metered(p_mw=_within(values, lot.command.p_min_mw, lot.command.p_max_mw))
    return metering.document_of(day, readings)


@dataclass(frozen=True, kw_only=True)
class MeterPoint:
    """An asset with calls: its baseline and the sum of its calls, [n_steps] MW, up positive."""

    pod_id: PodId
    baseline_p_mw: Series
    called_p_mw: Series
    p_min_mw: Decimal
    p_max_mw: Decimal


def demo_metering(seed: int, day: date, points: Sequence[MeterPoint]) -> str:
    """A plausible metering file of the delivery day: most assets do what they were called for or a little more, a
    few deliver only 40 to 85 % of it."""
    readings = {}
    first, every = SHORT
    by_size = sorted(points, key=lambda point: (-sum(map(abs, point.called_p_mw)), point.pod_id))
    for number, point in enumerate(by_size):
        draw = _lot(seed, "delivered", day.isoformat(), point.pod_id)
        part = _part(draw, 0.40, 0.85) if number % every == first else _part(draw, 1.00, 1.03)
        values = tuple(
            (baseline + part * called).quantize(WATT)
            for baseline, called in zip(point.baseline_p_mw, point.called_p_mw, strict=True)
        )
        readings[point.pod_id] = Metered(p_mw=_within(values, point.p_min_mw, point.p_max_mw))
    return metering.document_of(day, readings)


def meter_points(ask: Callable[[Query[Any]], Any], session_id: SessionId) -> tuple[MeterPoint, ...]:
    """The assets that a published session calls for active power, by what the market operator may `ask`."""
    pod_of = {row.asset.id: row.mapping.pod_id for row in ask(ListPods())}
    called: dict[AssetId, MeterPoint] = {}
    for row in ask(GetResult(session_id=session_id)).awards:
        award = row.award
        if award.commodity is not Commodity.P or award.asset_id not in pod_of:
            continue
        sign = 1 if award.direction is Direction.UP else -1
        change = tuple(sign * value for value in award.accepted_mw)
        before = called.get(award.asset_id)
        baseline = before.baseline_p_mw if before else ask(GetDelivery(award_id=award.id)).measured.reference.p_mw
        if baseline is None:
            continue
        called[award.asset_id] = MeterPoint(
            pod_id=pod_of[award.asset_id],
            baseline_p_mw=baseline,
            called_p_mw=_sum(before.called_p_mw, change) if before else change,
            p_min_mw=row.asset.p_min_mw,
            p_max_mw=row.asset.p_max_mw,
        )
    return tuple(called.values())


def _sum(first: Series, second: Series) -> Series:
    return tuple(a + b for a, b in zip(first, second, strict=True))


def _within(values: Series, low: Decimal, high: Decimal) -> Series:
    return tuple(min(max(value, low), high) for value in values)


def _part(draw: Random, low: float, high: float) -> Decimal:
    return Decimal(repr(round(draw.uniform(low, high), 4)))


def _lot(seed: int, *names: str) -> Random:
    return Random("/".join((str(seed), *names)))  # noqa: S311 - a reproducible draw, no secret
