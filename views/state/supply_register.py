"""Registering an asset: which units are free, and what a unit suggests for the form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.queries.models import UnitRow
from domain.flexibility.assets import AssetKind
from domain.lifecycle import AssetState
from domain.units import WATT

KINDS_OF_UNIT: dict[str, tuple[AssetKind, ...]] = {
    "generator": (AssetKind.PV, AssetKind.WIND, AssetKind.HYDRO, AssetKind.BIOMASS),
    "storage": (AssetKind.STORAGE,),
    "load": (AssetKind.LOAD,),
}
KIND_WORDS = {
    AssetKind.PV: "Photovoltaics",
    AssetKind.WIND: "Wind",
    AssetKind.HYDRO: "Hydro",
    AssetKind.BIOMASS: "Biomass",
    AssetKind.STORAGE: "Storage",
    AssetKind.LOAD: "Flexible load",
}
_SIGNS = {"generator": (0, 1), "storage": (-1, 1), "load": (-1, 0)}


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """What the form starts with for a unit, as text."""

    name: str
    kinds: tuple[AssetKind, ...]
    kind: AssetKind
    p_min_mw: str
    p_max_mw: str
    s_max_mva: str
    flexible_share: str


def free_units(units: Sequence[UnitRow]) -> list[UnitRow]:
    """Units without an asset, or whose asset was refused."""
    return [u for u in units if u.asset is None or u.asset.state is AssetState.REFUSED]


def unit_label(unit: UnitRow) -> str:
    return f"{unit.unit_id} ({unit.type or unit.kind}, {unit.p_max_mw:.3f} MW, {unit.bus})"


def suggestion(unit: UnitRow) -> Suggestion:
    kinds = KINDS_OF_UNIT[unit.kind]
    kind = next((k for k in kinds if k.value in unit.type.lower()), kinds[0])
    rated = Decimal(repr(float(unit.p_max_mw)))
    low, high = _SIGNS[unit.kind]
    return Suggestion(
        name=unit.unit_id,
        kinds=kinds,
        kind=kind,
        p_min_mw=_plain(low * rated),
        p_max_mw=_plain(high * rated),
        s_max_mva="" if unit.s_max_mva is None else _plain(Decimal(repr(float(unit.s_max_mva)))),
        flexible_share="1",
    )


def _plain(value: Decimal) -> str:
    """Whole watts, cut towards zero so that the limit is never passed, without trailing zeros."""
    cut = value.quantize(WATT, rounding="ROUND_DOWN")
    text = f"{cut:f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0", "-") else text
