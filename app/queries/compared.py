"""The figures that two clearings are compared by: one row each, the same functions for both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from operator import attrgetter

from app.bridge.figures import ClearingFigures
from app.queries.models.clearings import ClearingRow, ComparedFigure
from domain.flexibility.assets import AssetKind, Direction
from domain.flexibility.commodity import Commodity
from domain.ids import AssetId
from domain.units import total

RENEWABLE = (AssetKind.PV, AssetKind.WIND, AssetKind.HYDRO, AssetKind.BIOMASS)


@dataclass(frozen=True, kw_only=True)
class Side:
    """One clearing; `renewable`: the assets whose energy counts as curtailed when it is lowered."""

    row: ClearingRow
    figures: ClearingFigures
    renewable: frozenset[AssetId]


@dataclass(frozen=True, kw_only=True)
class _Figure:
    key: str
    group: str
    label: str
    unit: str
    value: Callable[[Side], object]


def compared(left: Side, right: Side) -> Iterable[ComparedFigure]:
    """Every figure of both sides."""
    for figure in _FIGURES:
        yield ComparedFigure(
            key=figure.key,
            group=figure.group,
            label=figure.label,
            unit=figure.unit,
            left=_exact(figure.value(left)),
            right=_exact(figure.value(right)),
        )


def _exact(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _operator_pays_eur(side: Side) -> Decimal | None:
    amount = side.figures.facts.payments_eur.get(side.row.region.dso_id)
    return None if amount is None else -amount


def _curtailed_mwh(side: Side) -> Decimal:
    """Energy that renewable units inject less because of accepted offers down."""
    lowered = [line for line in side.figures.lines if (line.commodity, line.direction) == ("P", "down")]
    return total([line.accepted for line in lowered if line.asset_id in side.renewable])


def _volume(commodity: Commodity, direction: Direction, side: Side) -> Decimal:
    kind = (commodity.value, direction.value)
    return total([line.accepted for line in side.figures.lines if (line.commodity, line.direction) == kind])


def _price(commodity: str, part: str, side: Side) -> float | None:
    return getattr(getattr(side.figures, commodity), part, None)


def _proof(name: str, side: Side) -> float | None:
    return getattr(side.figures.facts.proof, name, None)


def _clean(side: Side) -> int | None:
    proof = side.figures.facts.proof
    return None if proof is None else int(proof.clean)


def _volumes() -> Iterable[_Figure]:
    for commodity in Commodity:
        for direction in Direction:
            unit = commodity.units.energy
            yield _Figure(
                key=f"{commodity.value.lower()}_{direction.value}_{unit.lower()}",
                group="volume",
                label=f"Accepted, {commodity.value} {direction.value}",
                unit=unit,
                value=partial(_volume, commodity, direction),
            )


def _prices() -> Iterable[_Figure]:
    for commodity, name in ((Commodity.P, "d-LMP"), (Commodity.Q, "Q-LMP")):
        for part, word in (("low", "lowest"), ("mean", "mean"), ("high", "highest")):
            yield _Figure(
                key=f"{name.lower().replace('-', '_')}_{part}",
                group="price",
                label=f"{name}, {word}",
                unit=commodity.units.price,
                value=partial(_price, commodity.value.lower(), part),
            )


_ROWS: tuple[tuple[str, str, str, str, Callable[[Side], object]], ...] = (
    ("welfare_eur", "result", "Welfare", "EUR", attrgetter("figures.facts.welfare_eur")),
    ("objective_eur", "result", "Objective", "EUR", attrgetter("figures.facts.objective_eur")),
    ("operator_pays_eur", "result", "Cost to the DSO", "EUR", _operator_pays_eur),
    ("curtailed_mwh", "result", "Renewables curtailed", "MWh", _curtailed_mwh),
    ("n_unmet", "result", "Unmet needs", "", lambda side: len(side.figures.facts.unmet)),
    ("unmet_mwh", "result", "Change that no offer made", "MWh", attrgetter("figures.unmet_mwh")),
)
_PROOF: tuple[tuple[str, str, str, str, Callable[[Side], object]], ...] = (
    ("clean", "proof", "Proof: 1 clean, 0 violated", "", _clean),
    ("vm_min_pu", "proof", "Lowest voltage", "pu", partial(_proof, "vm_min_pu")),
    ("vm_max_pu", "proof", "Highest voltage", "pu", partial(_proof, "vm_max_pu")),
    ("max_loading_percent", "proof", "Highest loading", "%", partial(_proof, "max_loading_percent")),
    ("solve_seconds", "proof", "Solved in", "s", attrgetter("figures.facts.solve_seconds")),
)


def _made(rows: Iterable[tuple[str, str, str, str, Callable[[Side], object]]]) -> Iterable[_Figure]:
    for key, group, label, unit, value in rows:
        yield _Figure(key=key, group=group, label=label, unit=unit, value=value)


_FIGURES = (*_made(_ROWS), *_volumes(), *_prices(), *_made(_PROOF))
