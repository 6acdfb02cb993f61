"""Which point of delivery each asset of a region has on a day, and whether the day's forecast is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.queries.models import ListAssets, ListForecasts, ListParties, ListPods, PodRow
from domain.commands import MapPod
from domain.errors import Finding, Refused
from domain.flexibility.assets import FlexAsset
from domain.flexibility.metering import PodMapping, mapped
from domain.ids import AssetId, PodId, RegionId
from domain.lifecycle import AssetState
from views.state.common import MISSING
from views.state.door import Door

NONE = "No asset is registered in this region."


@dataclass(frozen=True, kw_only=True)
class PodFacts:
    """Assets that can be metered, those without a point of delivery first; mappings by asset, the one in force on
    the day or else the next to come."""

    day: date
    assets: tuple[FlexAsset, ...]
    mappings: Mapping[AssetId, PodMapping]
    forecasts: frozenset[AssetId]
    owners: Mapping[str, str]

    def chosen(self, asset_id: str) -> FlexAsset | None:
        """The asset of this id, else the first."""
        return next((a for a in self.assets if a.id == asset_id), self.assets[0] if self.assets else None)


def pod_facts(door: Door, region_id: RegionId, day: date) -> PodFacts:
    standing = mappings_of(door.ask(ListPods(region_id=region_id)), day)
    assets = [a for a in door.ask(ListAssets(region_id=region_id)) if a.state is not AssetState.REFUSED]
    return PodFacts(
        day=day,
        assets=tuple(sorted(assets, key=lambda a: (a.id in standing, a.name, a.id))),
        mappings=standing,
        forecasts=frozenset(one.asset_id for one in door.ask(ListForecasts(delivery_day=day))),
        owners={party.id: party.name for party in door.ask(ListParties())},
    )


def mappings_of(rows: tuple[PodRow, ...], day: date) -> dict[AssetId, PodMapping]:
    """By asset, the mapping in force on a day; where there is none, the first that comes after it."""
    mappings = [row.mapping for row in rows]
    coming = sorted((m for m in mappings if m.valid_from > day), key=lambda m: m.valid_from, reverse=True)
    return {m.asset_id: m for m in (*coming, *mapped(mappings, day).values())}


def pod_record(asset: FlexAsset, facts: PodFacts) -> dict[str, Any]:
    mapping = facts.mappings.get(asset.id)
    return {
        "pod": mapping.pod_id if mapping else "none",
        "valid_from": f"{mapping.valid_from:%d %b %Y}" if mapping else "",
        "name": asset.name,
        "owner": facts.owners.get(asset.owner_id, asset.owner_id),
        "bus": asset.bus,
        "forecast": "uploaded" if asset.id in facts.forecasts else MISSING,
        "asset_id": asset.id,
    }


def pod_words(asset: FlexAsset, mapping: PodMapping | None) -> str:
    if mapping is None:
        return f"{asset.name} has no point of delivery: nothing can be metered for it."
    return f"{asset.name}: {mapping.pod_id} from {mapping.valid_from:%d %b %Y}."


def map_command(asset: FlexAsset, code: str, valid_from: date | None) -> MapPod:
    """Raises `Refused` without a day."""
    if valid_from is None:
        sentence = "Choose the day from which it stands for the asset."
        raise Refused([Finding(code="missing", field="valid_from", sentence=sentence)])
    return MapPod(pod_id=PodId(code.strip()), asset_id=asset.id, valid_from=valid_from)
