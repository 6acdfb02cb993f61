"""Bodies and answers of FlexAssets. Series have one value per quarter hour of the delivery day."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from app.rest.fields import Day, Exact, Id, In, Out, Text
from app.rest.schemas import SeriesIn

Kind = Literal["pv", "wind", "hydro", "biomass", "storage", "load"]


class ConditionOut(Out):
    """The most that may be offered of an asset, MW (null: not limited), in these hours of the local day."""

    most_up_mw: Exact | None
    most_down_mw: Exact | None
    from_hour: int
    to_hour: int


class AssetOut(Out):
    id: str
    owner_id: str
    region_id: str
    unit_id: str
    bus: str
    name: str
    kind: str
    p_min_mw: Exact
    p_max_mw: Exact
    flexible_share: Exact
    s_max_mva: Exact | None
    brp_id: str | None
    customer_id: str | None
    state: str
    reason: str
    condition: ConditionOut | None


class UnitOut(Out):
    """A unit of a network: `p_max_mw` its rated power, `asset` what is registered behind it."""

    unit_id: str
    bus: str
    kind: str
    type: str
    p_max_mw: float
    s_max_mva: float | None
    asset: AssetOut | None


class AssetIn(In):
    """An asset behind a unit: `p_min_mw`, `p_max_mw` bound its injection, `flexible_share` is the part of a load
    that can move, `s_max_mva` the inverter's rating, `customer_id` the customer behind it."""

    region_id: Id
    unit_id: Text
    name: Text
    kind: Kind
    p_min_mw: Exact
    p_max_mw: Exact
    flexible_share: Exact = Decimal(1)
    s_max_mva: Exact | None = None
    brp_id: Id | None = None
    customer_id: Id | None = None


class HeadroomOut(Out):
    """What an asset can change per quarter hour, never negative."""

    up_mw: list[Exact]
    down_mw: list[Exact]
    up_mvar: list[Exact]
    down_mvar: list[Exact]


class AssetDayOut(Out):
    asset: AssetOut
    schedule_p_mw: list[Exact]
    baseline_p_mw: list[Exact] | None
    headroom: HeadroomOut
    offered: HeadroomOut


class BaselineIn(In):
    """Injection [n_steps], MW, up positive."""

    p_mw: SeriesIn


class BaselineOut(Out):
    asset_id: str
    delivery_day: Day
    p_mw: list[Exact]
    version: int
