"""The domain's tables: one entry per entity class, field by field, each field beside its translation.

Column names tell the stored unit: `p_min_mw` becomes `p_min_w`, `due_at` becomes `due_at_us`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, text

from app.persistence.columns import (
    EUR,
    EUR_PER_MWH,
    MVA,
    MW,
    SHARE,
    WHOLE,
    blob,
    day,
    decimals,
    enum,
    exact,
    flag,
    from_whole,
    instant,
    key,
    number,
    series,
    structure,
    to_whole,
    wholes,
)
from app.persistence.columns import text as text_
from app.persistence.ledgers import outbox
from app.persistence.registry import ENTITIES, entity, metadata
from domain.flexibility.assets import AssetBaseline, AssetKind, Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.explanation import Explanation
from domain.flexibility.grids import GridState, Job, Network, Schedule
from domain.flexibility.market import (
    Activation,
    Award,
    FlexOffer,
    FlexRequest,
    Gate,
    GateKind,
    MarketSession,
    OfferLine,
    PriceKind,
    PriceSeries,
)
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.ids import AssetId
from domain.lifecycle import (
    ActivationState,
    AssetState,
    AwardState,
    JobState,
    OfferState,
    RequestState,
    SessionState,
)
from domain.notifications import Notification
from domain.parties import Party, Region, Role

__all__ = ["ENTITIES", "metadata", "notifications"]


def _lines_to(lines: tuple[OfferLine, ...]) -> list[dict[str, Any]]:
    return [
        {"asset_id": line.asset_id, "quantity_w": wholes(line.quantity_mw, MW, f"lines[{i}].quantity_mw")}
        for i, line in enumerate(lines)
    ]


def _lines_from(data: list[dict[str, Any]]) -> tuple[OfferLine, ...]:
    return tuple(
        OfferLine(asset_id=AssetId(line["asset_id"]), quantity_mw=decimals(line["quantity_w"], MW))
        for line in data
    )


def _explanations_to(explanations: tuple[Explanation, ...]) -> list[dict[str, Any]]:
    return [
        {
            "asset_id": entry.asset_id,
            "kind": entry.kind,
            "element": entry.element,
            "step": entry.step,
            "local_price_cents_per_mwh": _cents(entry.local_price_eur_per_mwh),
            "accepted_if_cents_per_mwh": _cents(entry.accepted_if_eur_per_mwh),
            "exact": entry.exact,
        }
        for entry in explanations
    ]


def _cents(price: Decimal | None) -> int | None:
    return None if price is None else to_whole(price, EUR_PER_MWH.places, "explanations")


def _explanations_from(data: list[dict[str, Any]]) -> tuple[Explanation, ...]:
    return tuple(
        Explanation(
            asset_id=AssetId(entry["asset_id"]),
            kind=entry["kind"],
            element=entry["element"],
            step=entry["step"],
            local_price_eur_per_mwh=_eur(entry["local_price_cents_per_mwh"]),
            accepted_if_eur_per_mwh=_eur(entry["accepted_if_cents_per_mwh"]),
            exact=entry["exact"],
        )
        for entry in data
    )


def _eur(cents: int | None) -> Decimal | None:
    return None if cents is None else from_whole(cents, EUR_PER_MWH.places)


entity(
    Party,
    "parties",
    key(),
    text_("name"),
    enum("role", Role),
    flag("independent"),
    text_("brp_id", nullable=True, references="parties.id"),
    flag("active"),
    index=[["role"]],
)

entity(
    Region,
    "regions",
    key(),
    text_("name"),
    text_("dso_id", references="parties.id"),
    text_("tso_id", references="parties.id"),
    index=[["dso_id"], ["tso_id"]],
)

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
    enum("state", AssetState),
    text_("reason"),
    index=[["owner_id"], ["region_id"], ["brp_id"]],
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

entity(
    MarketSession,
    "sessions",
    key(),
    text_("region_id", references="regions.id"),
    day("delivery_day"),
    instant("opens_at"),
    instant("gate_closes_at"),
    instant("publishes_at"),
    enum("clearing", ClearingMode),
    enum("payment", PaymentRule),
    enum("energy", EnergyPricing),
    enum("state", SessionState),
    text_("job_id", nullable=True),
    text_("reason"),
    index=[["region_id", "delivery_day"], ["delivery_day"], ["state"]],
)

entity(
    Gate,
    "gates",
    key(),
    text_("session_id", references="sessions.id"),
    enum("kind", GateKind),
    instant("due_at"),
    flag("done"),
    unique=[["session_id", "kind", "due_at_us"]],
    index=[["done", "due_at_us"]],
)

entity(
    FlexRequest,
    "requests",
    key(),
    text_("dso_id", references="parties.id"),
    text_("region_id", references="regions.id"),
    text_("session_id", references="sessions.id"),
    text_("congestion_point"),
    structure("buses", "buses", to_data=list, from_data=tuple),
    enum("direction", Direction),
    series("quantity_mw", MW),
    exact("price_cap_eur_per_mwh", EUR_PER_MWH),
    instant("deadline"),
    instant("published_at"),
    enum("commodity", Commodity),
    enum("state", RequestState),
    series("unmet_mw", MW),
    index=[["session_id"], ["region_id"], ["dso_id"]],
)

entity(
    FlexOffer,
    "offers",
    key(),
    text_("party_id", references="parties.id"),
    text_("session_id", references="sessions.id"),
    text_("region_id", references="regions.id"),
    enum("direction", Direction),
    structure("lines", "lines", to_data=_lines_to, from_data=_lines_from),
    series("price_eur_per_mwh", EUR_PER_MWH),
    instant("submitted_at"),
    enum("commodity", Commodity),
    structure("explanations", "explanations", to_data=_explanations_to, from_data=_explanations_from),
    enum("state", OfferState),
    index=[["session_id"], ["party_id"], ["region_id"]],
)

entity(
    Award,
    "awards",
    key(),
    text_("session_id", references="sessions.id"),
    text_("region_id", references="regions.id"),
    text_("offer_id", references="offers.id"),
    text_("asset_id", references="assets.id"),
    text_("party_id", references="parties.id"),
    enum("direction", Direction),
    series("accepted_mw", MW),
    series("price_eur_per_mwh", EUR_PER_MWH),
    exact("payment_eur", EUR),
    enum("commodity", Commodity),
    exact("make_whole_eur", EUR),
    enum("state", AwardState),
    index=[["session_id"], ["party_id"], ["offer_id"]],
)

entity(
    Activation,
    "activations",
    key(),
    text_("award_id", references="awards.id"),
    text_("session_id", references="sessions.id"),
    text_("region_id", references="regions.id"),
    text_("party_id", references="parties.id"),
    text_("asset_id", references="assets.id"),
    series("p_mw", MW),
    enum("commodity", Commodity),
    enum("state", ActivationState),
    text_("reason"),
    unique=[["award_id"]],
    index=[["session_id"], ["party_id"]],
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

notifications = entity(
    Notification,
    "notifications",
    key(),
    text_("party_id", references="parties.id"),
    text_("event"),
    text_("sentence"),
    text_("link"),
    instant("market_at"),
    flag("read"),
    unique=[["outbox_id", "party_id"]],
    index=[["party_id", "read"]],
    more=[Column("outbox_id", WHOLE, ForeignKey(outbox.c.id), nullable=True)],
)
