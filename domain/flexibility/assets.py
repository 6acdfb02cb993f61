"""FlexAssets and what they can change in a quarter hour (FLEXGRID 004, sections 3.5.2 and 7.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.flexibility.commodity import Commodity
from domain.flexibility.conditions import Condition, within
from domain.ids import AssetId, BaselineId, PartyId, RegionId
from domain.lifecycle import MAY_OFFER, AssetState
from domain.time import DeliveryDay
from domain.units import Series

ZERO = Decimal(0)


class AssetKind(StrEnum):
    PV = "pv"
    WIND = "wind"
    HYDRO = "hydro"
    BIOMASS = "biomass"
    STORAGE = "storage"
    LOAD = "load"


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, kw_only=True)
class FlexAsset:
    """A unit of a DSO's grid whose injection its owner can change.

    `unit_id` and `bus` name it in the DSO's network; `p_min_mw`, `p_max_mw` bound its injection (a storage's
    charging is negative); `flexible_share` is the part of a load that can move; `s_max_mva` the inverter's rating;
    `customer_id` the end customer behind it, who is told what is asked of the asset.
    """

    id: AssetId
    owner_id: PartyId
    region_id: RegionId
    unit_id: str
    bus: str
    name: str
    kind: AssetKind
    p_min_mw: Decimal
    p_max_mw: Decimal
    flexible_share: Decimal = Decimal(1)
    s_max_mva: Decimal | None = None
    brp_id: PartyId | None = None
    customer_id: PartyId | None = None
    state: AssetState = AssetState.REGISTERED
    reason: str = ""
    condition: Condition | None = None
    version: int = 0

    @property
    def may_offer(self) -> bool:
        """The DSO has confirmed it, with or without a condition."""
        return self.state in MAY_OFFER


@dataclass(frozen=True, kw_only=True)
class AssetBaseline:
    """The owner's baseline of an asset: injection `p_mw` [n_steps], MW, up positive."""

    id: BaselineId
    asset_id: AssetId
    delivery_day: date
    p_mw: Series
    version: int = 0


class SeriesKind(StrEnum):
    """What an owner tells of its assets' day: what it plans to inject, or what it expects."""

    BASELINE = "baseline"
    FORECAST = "forecast"


@dataclass(frozen=True, kw_only=True)
class AssetSeries:
    """One asset's part of a portfolio's baselines or forecasts: injection `p_mw` [n_steps], MW, up positive."""

    asset_id: AssetId
    p_mw: Series


@dataclass(frozen=True, kw_only=True)
class Headroom:
    """What an asset can change per quarter hour, [n_steps], all >= 0: P in MW, Q in Mvar."""

    up_mw: Series
    down_mw: Series
    up_mvar: Series
    down_mvar: Series

    def of(self, direction: Direction, commodity: Commodity = Commodity.P) -> Series:
        series: Series = getattr(self, _FIELDS[commodity, direction])
        return series


_FIELDS = {
    (commodity, direction): f"{direction.value}_{unit}"
    for commodity, unit in ((Commodity.P, "mw"), (Commodity.Q, "mvar"))
    for direction in Direction
}


def _generator(asset: FlexAsset, p_mw: Decimal) -> tuple[Decimal, Decimal]:
    return ZERO, p_mw - asset.p_min_mw


def _dispatchable(asset: FlexAsset, p_mw: Decimal) -> tuple[Decimal, Decimal]:
    return asset.p_max_mw - p_mw, p_mw - asset.p_min_mw


def _load(asset: FlexAsset, p_mw: Decimal) -> tuple[Decimal, Decimal]:
    return -p_mw * asset.flexible_share, (p_mw - asset.p_min_mw) * asset.flexible_share


_RULES: Mapping[AssetKind, Callable[[FlexAsset, Decimal], tuple[Decimal, Decimal]]] = {
    AssetKind.PV: _generator,
    AssetKind.WIND: _generator,
    AssetKind.HYDRO: _dispatchable,
    AssetKind.BIOMASS: _dispatchable,
    AssetKind.STORAGE: _dispatchable,
    AssetKind.LOAD: _load,
}


def headroom(
    asset: FlexAsset, *baselines_p_mw: Series, q_mvar: Series = (), day: DeliveryDay | None = None
) -> Headroom:
    """What the asset can change around each baseline; where several count (the DSO's schedule and the owner's
    own), the stricter. PV and wind can only be lowered: weather sets their most. Q is what the rating leaves
    beside the baseline's P, on both sides of the scheduled Q; none without a rating. Rounded down to whole watts.
    The DSO's condition cuts P; its hours are those of `day`, and without one it holds throughout.

    q_mvar : scheduled injection of Q [n_steps], zero where it is empty
    """
    rule = _RULES[asset.kind]
    scheduled_q = q_mvar or (ZERO,) * len(baselines_p_mw[0])
    series: list[list[Decimal]] = [[], [], [], []]
    for q, *values in zip(scheduled_q, *baselines_p_mw, strict=True):
        rooms = [(*rule(asset, p), *_reactive(asset, p, q)) for p in values]
        for kept, of_baselines in zip(series, zip(*rooms, strict=True), strict=True):
            kept.append(_whole_watts(min(of_baselines)))
    up, down, q_up, q_down = (tuple(kept) for kept in series)
    if asset.condition is not None:
        up = within(up, asset.condition.most_up_mw, asset.condition, day)
        down = within(down, asset.condition.most_down_mw, asset.condition, day)
    return Headroom(up_mw=up, down_mw=down, up_mvar=q_up, down_mvar=q_down)


def _reactive(asset: FlexAsset, p_mw: Decimal, q_mvar: Decimal) -> tuple[Decimal, Decimal]:
    """Room up and down on the circle of the rating: |Q| <= sqrt(S^2 - P^2)."""
    if asset.s_max_mva is None:
        return ZERO, ZERO
    most = max(ZERO, asset.s_max_mva**2 - p_mw**2).sqrt()
    return most - q_mvar, most + q_mvar


def _whole_watts(value: Decimal) -> Decimal:
    return max(ZERO, value).quantize(Decimal("0.000001"), rounding="ROUND_DOWN")
