"""Bodies and answers of FlexAssets. Series have one value per quarter hour of the delivery day."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from app.rest.fields import Day, Exact, Id, In, Out, Text
from app.rest.schemas import AssetOut, SeriesIn

Kind = Literal["pv", "wind", "hydro", "biomass", "storage", "load"]


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
