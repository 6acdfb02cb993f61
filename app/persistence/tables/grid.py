"""Networks, schedules, prices, assets and computed states."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Index, text

from app.persistence.columns import (
    EUR_PER_MWH,
    MVA,
    MW,
    SHARE,
    blob,
    day,
    enum,
    exact,
    from_whole,
    instant,
    key,
    number,
    series,
    structure,
    to_whole,
)
from app.persistence.columns import text as text_
from app.persistence.registry import entity
from domain.flexibility.assets import AssetBaseline, AssetKind, FlexAsset
from domain.flexibility.conditions import Condition
from domain.flexibility.grids import GridState, Job, Network, Schedule
from domain.flexibility.market import (
    PriceKind,
    PriceSeries,
)
from domain.lifecycle import (
    AssetState,
    JobState,
)


def _condition_to(condition: Condition | None) -> dict[str, Any] | None:
    if condition is None:
        return None
    return {
        "most_up_w": _watts(condition.most_up_mw, "condition.most_up_mw"),
        "most_down_w": _watts(condition.most_down_mw, "condition.most_down_mw"),
        "from_hour": condition.from_hour,
        "to_hour": condition.to_hour,
    }


def _watts(value: Decimal | None, field: str) -> int | None:
    return None if value is None else to_whole(value, MW.places, field)


def _condition_from(data: dict[str, Any] | None) -> Condition | None:
    if data is None:
        return None
    return Condition(
        most_up_mw=_mw(data["most_up_w"]),
        most_down_mw=_mw(data["most_down_w"]),
        from_hour=data["from_hour"],
        to_hour=data["to_hour"],
    )


def _mw(watts: int | None) -> Decimal | None:
    return None if watts is None else from_whole(watts, MW.places)


entity(
    Network,
    "networks",
    key(references="regions.id"),
    text_("document"),
    text_("sha256"),
    instant("uploaded_at"),
)

entity(
    Schedule,
    "schedules",
    key(),
    text_("region_id", references="regions.id"),
    day("delivery_day"),
    text_("document"),
    text_("network_document"),
    text_("sha256"),
    instant("uploaded_at"),
    unique=[["region_id", "delivery_day"]],
)

entity(
    PriceSeries,
    "prices",
    key(),
    enum("kind", PriceKind),
    day("delivery_day"),
    series("price_eur_per_mwh", EUR_PER_MWH),
    text_("source"),
    unique=[["kind", "delivery_day"]],
)

_assets = entity(
    FlexAsset,
    "assets",
    key(),
    text_("owner_id", references="parties.id"),
    text_("region_id", references="regions.id"),
    text_("unit_id"),
    text_("bus"),
    text_("name"),
    enum("kind", AssetKind),
    exact("p_min_mw", MW),
    exact("p_max_mw", MW),
    exact("flexible_share", SHARE),
    exact("s_max_mva", MVA, nullable=True),
    text_("brp_id", nullable=True, references="parties.id"),
    text_("customer_id", nullable=True),
    enum("state", AssetState),
    text_("reason"),
    structure("condition", "condition", to_data=_condition_to, from_data=_condition_from),
    index=[["owner_id"], ["region_id"], ["brp_id"], ["customer_id"]],
)
_STANDING = text(f"state <> '{AssetState.REFUSED.value}'")
Index(
    "uq_assets_standing_unit",
    _assets.c.region_id,
    _assets.c.unit_id,
    unique=True,
    sqlite_where=_STANDING,
    postgresql_where=_STANDING,
)

entity(
    AssetBaseline,
    "baselines",
    key(),
    text_("asset_id", references="assets.id"),
    day("delivery_day"),
    series("p_mw", MW),
    unique=[["asset_id", "delivery_day"]],
)

_grid_states = entity(
    GridState,
    "grid_states",
    key(),
    text_("region_id", references="regions.id"),
    day("delivery_day"),
    text_("session_id", nullable=True, references="sessions.id"),
    blob("payload"),
    text_("network_sha256"),
    text_("schedule_sha256"),
)
Index(
    "uq_grid_states_region_day_session",
    _grid_states.c.region_id,
    _grid_states.c.delivery_day,
    text("coalesce(session_id, '')"),
    unique=True,
)

entity(
    Job,
    "jobs",
    key(),
    text_("kind"),
    text_("owner_id"),
    text_("region_id", references="regions.id"),
    day("delivery_day"),
    text_("session_id", nullable=True, references="sessions.id"),
    instant("submitted_at"),
    blob("inputs"),
    enum("state", JobState),
    text_("stage"),
    number("progress", 0.0, 1.0),
    blob("result"),
    text_("error"),
    index=[["state"], ["session_id"], ["region_id"], ["owner_id"]],
)
