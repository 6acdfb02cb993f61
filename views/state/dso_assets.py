"""The DSO's assets as rows, and which of them are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import param

from app.queries.models import ZoneRow
from domain.errors import Finding
from domain.flexibility.assets import FlexAsset
from domain.flexibility.conditions import HOURS, Condition
from domain.lifecycle import AssetState
from views.state.dso_room import RoomState

ORDER = {
    AssetState.REGISTERED: 0,
    AssetState.CONDITIONAL: 1,
    AssetState.CONFIRMED: 2,
    AssetState.REFUSED: 3,
}
"""Those that wait for an answer come first."""


class AssetsState(RoomState):
    """Filters, each empty for all, and the asset that is looked at."""

    state = param.String(default="")
    kind = param.String(default="")
    zone = param.String(default="")
    bus = param.String(default="", doc="part of a bus's name")
    asset = param.String(default="")


LINK = {"state": "state", "kind": "kind", "zone": "zone", "bus": "bus", "asset": "asset"}


def record(asset: FlexAsset, owners: Mapping[str, str]) -> dict[str, Any]:
    """An asset as a row."""
    return {
        "state": asset.state.value,
        "name": asset.name,
        "owner": owners.get(asset.owner_id, asset.owner_id),
        "kind": asset.kind.value,
        "unit": asset.unit_id,
        "bus": asset.bus,
        "p_min_mw": asset.p_min_mw,
        "p_max_mw": asset.p_max_mw,
        "condition": asset.condition.words() if asset.condition else "",
        "reason": asset.reason,
        "id": asset.id,
    }


def filtered(assets: Iterable[FlexAsset], zones: Sequence[ZoneRow], state: AssetsState) -> tuple[FlexAsset, ...]:
    """The assets that pass every filter, in the order of `ORDER` and by name."""
    inside = next((set(row.buses) for row in zones if row.zone.id == state.zone), None)
    bus = state.bus.strip().casefold()
    kept = [
        asset
        for asset in assets
        if state.state in ("", asset.state.value)
        and state.kind in ("", asset.kind.value)
        and (inside is None or asset.bus in inside)
        and bus in asset.bus.casefold()
    ]
    return tuple(sorted(kept, key=lambda asset: (ORDER[asset.state], asset.name, asset.id)))


def read_condition(up: str, down: str, from_hour: int, to_hour: int) -> tuple[Condition, list[Finding]]:
    """A condition as it is written: numbers of MW, empty where a direction is not limited."""
    limits: dict[str, Decimal | None] = {}
    found = []
    for field, text in (("most_up_mw", up), ("most_down_mw", down)):
        try:
            limits[field] = _decimal(text)
        except InvalidOperation:
            sentence = "Write a number of MW with a decimal point, such as 0.25, or nothing."
            found.append(Finding(code="malformed", field=field, sentence=sentence))
    return Condition(**limits, from_hour=from_hour, to_hour=to_hour), found


def _decimal(text: str) -> Decimal | None:
    if len(text) > 30:
        raise InvalidOperation
    return Decimal(text.strip()) if text.strip() else None


def hour_options(last: bool) -> dict[str, int]:
    """Hours to begin with, or to end with."""
    return {f"{hour:02d}:00": hour for hour in (range(1, HOURS + 1) if last else range(HOURS))}
