"""The demo's settings file, `assets/demo/demo.toml`, as frozen values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.bridge.simbench import PlannedWork
from domain.flexibility.assets import AssetKind, Direction
from domain.ids import PartyId, RegionId
from domain.parties import Party, Region, Role
from domain.time import MARKET_ZONE

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "demo"

SCENARIOS: Mapping[str, frozenset[str]] = {"full": frozenset(), "without-esp1": frozenset({"esp1"})}
"""Name of a scenario and the participants that offer nothing in it."""


@dataclass(frozen=True, kw_only=True)
class DemoRegion:
    """A region with its SimBench code and planned work; `cap` is None where the DSO publishes by hand."""

    region: Region
    grid: str
    outage: PlannedWork | None
    cap_eur_per_mwh: Decimal | None


@dataclass(frozen=True, kw_only=True)
class KindRule:
    """How units of some types become assets and offers; demo.toml says what each field does."""

    kind: AssetKind
    label: str
    types: tuple[str, ...]
    share: float
    flexible_share: Decimal
    owners: Mapping[PartyId, int]
    directions: tuple[Direction, ...]
    offered: Decimal
    price: Decimal
    spread: Decimal
    hours: tuple[time, time] | None
    own_baseline: bool


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block of the merit order: its price rises evenly over its power."""

    name: str
    mw: Decimal
    from_eur_per_mwh: Decimal
    to_eur_per_mwh: Decimal


@dataclass(frozen=True, kw_only=True)
class PriceRule:
    """The merit order and the imbalances of the balancing price."""

    further_demand_mw: Decimal
    imbalance_mw: Decimal
    balancing_markup_eur_per_mwh: Decimal
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class TradingRule:
    """The orders of the continuous session; demo.toml says what each field does."""

    region_id: RegionId
    first_step: int
    steps: int
    share: Decimal


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """The whole file. `times` are instants on the day before delivery, by their name in the file; `application` is
    a company that waits to be accepted, `customer` who stands behind which asset."""

    seed: int
    delivery_day: date
    times: Mapping[str, datetime]
    parties: tuple[Party, ...]
    regions: tuple[DemoRegion, ...]
    kinds: tuple[KindRule, ...]
    trading: TradingRule
    application: Mapping[str, Any]
    customer: Mapping[str, str]
    pending_owner: PartyId
    n_pending: int
    prices: PriceRule


def read_scenario(path: Path = FOLDER / "demo.toml") -> Scenario:
    """The settings file. Raises KeyError, ValueError or tomllib.TOMLDecodeError when it is broken."""
    with path.open("rb") as file:
        content: dict[str, Any] = tomllib.load(file)
    day: date = content["delivery_day"]
    eve = day - timedelta(days=1)
    return Scenario(
        seed=content["seed"],
        delivery_day=day,
        times={
            name: datetime.combine(eve, time.fromisoformat(at), MARKET_ZONE).astimezone(UTC)
            for name, at in content["times"].items()
        },
        parties=tuple(_party(entry) for entry in content["participants"]),
        regions=tuple(_region(entry) for entry in content["regions"]),
        kinds=tuple(_kind(entry) for entry in content["kinds"]),
        trading=_trading(content["trading"]),
        application=content["application"],
        customer=content["customer"],
        pending_owner=PartyId(content["pending"]["owner"]),
        n_pending=content["pending"]["count"],
        prices=_prices(content["prices"]),
    )


def _party(entry: Mapping[str, Any]) -> Party:
    return Party(
        id=PartyId(entry["id"]),
        name=entry["name"],
        role=Role(entry["role"]),
        independent=entry.get("independent", False),
        brp_id=PartyId(entry["brp"]) if "brp" in entry else None,
    )


def _region(entry: Mapping[str, Any]) -> DemoRegion:
    ids = {key: PartyId(entry[key]) for key in ("dso", "tso")}
    work = entry.get("outage")
    return DemoRegion(
        region=Region(id=RegionId(entry["id"]), name=entry["name"], dso_id=ids["dso"], tso_id=ids["tso"]),
        grid=entry["grid"],
        outage=PlannedWork(
            lines_out=tuple(work["lines_out"]), switches_closed=tuple(work["switches_closed"]), note=work["note"]
        )
        if work
        else None,
        cap_eur_per_mwh=Decimal(entry["price_cap_eur_per_mwh"]) if entry["publish_requests"] else None,
    )


def _kind(entry: Mapping[str, Any]) -> KindRule:
    hours = [time.fromisoformat(text) for text in entry.get("hours", ())]
    return KindRule(
        kind=AssetKind(entry["kind"]),
        label=entry["label"],
        types=tuple(entry["types"]),
        share=entry["share"],
        flexible_share=Decimal(entry.get("flexible_share", "1")),
        owners={PartyId(owner): weight for owner, weight in entry["owners"].items()},
        directions=tuple(Direction(word) for word in entry["directions"]),
        offered=Decimal(entry["offered"]),
        price=Decimal(entry["price"]),
        spread=Decimal(entry["spread"]),
        hours=(hours[0], hours[1]) if hours else None,
        own_baseline=entry.get("own_baseline", False),
    )


def _trading(entry: Mapping[str, Any]) -> TradingRule:
    return TradingRule(
        region_id=RegionId(entry["region"]),
        first_step=entry["first_step"],
        steps=entry["steps"],
        share=Decimal(entry["share"]),
    )


def _prices(entry: Mapping[str, Any]) -> PriceRule:
    numbers = {key: Decimal(entry[key]) for key in entry if key != "blocks"}
    blocks = tuple(
        Block(name=b["name"], **{key: Decimal(b[key]) for key in b if key != "name"}) for b in entry["blocks"]
    )
    return PriceRule(blocks=blocks, **numbers)
