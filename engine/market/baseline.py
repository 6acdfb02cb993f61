"""The baseline of a case: schedules of units or net series per bus, summed to injections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.grid.case import UNIT_KINDS, UNITS_MAX, read_bus
from engine.reading import Floats, Reader

POWER_MAX_MW = 1e5


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """Baseline schedule of one unit; generators and loads positive in their own sense, storages as injection."""

    id: str
    bus: str
    kind: str
    p_mw: Floats
    q_mvar: Floats

    @property
    def sense(self) -> float:
        """What turns its values into injection."""
        return -1.0 if self.kind == "load" else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Net injections p_mw, q_mvar : [n_steps, n_bus], and the units among them by id."""

    p_mw: Floats
    q_mvar: Floats
    units: Mapping[str, Unit]


def read_baseline(reader: Reader, value: Any, known: Mapping[str, int], n: int) -> Baseline:
    """A baseline block from units, series per bus, or both."""
    p, q = np.zeros((n, len(known))), np.zeros((n, len(known)))
    if isinstance(value, Mapping) and "source" in value:
        reader.add("baseline.source", "not_expanded", "A source must be expanded before the case is read.")
        return Baseline(p, q, {})
    entry = reader.mapping(value, "baseline", ("units", "p_mw", "q_mvar"))
    units = read_units(reader, entry.get("units", ()), "baseline.units", known, n)
    for unit in units:
        if unit.bus in known:
            p[:, known[unit.bus]] += unit.sense * unit.p_mw
            q[:, known[unit.bus]] += unit.sense * unit.q_mvar
    for field, target in (("p_mw", p), ("q_mvar", q)):
        series = entry.get(field, {})
        for bus in reader.mapping(series, f"baseline.{field}", series if isinstance(series, Mapping) else ()):
            path = f"baseline.{field}.{str(bus)[:200]}"
            values = reader.series(series[bus], path, n, -POWER_MAX_MW, POWER_MAX_MW)
            if read_bus(reader, bus, path, known) in known:
                target[:, known[bus]] += values
    return Baseline(p, q, {unit.id: unit for unit in units})


def read_units(reader: Reader, value: Any, path: str, known: Mapping[str, Any], n: int) -> tuple[Unit, ...]:
    """Schedules of generators, loads and storages at known buses."""
    units = []
    for i, item in enumerate(reader.items(value, path, UNITS_MAX)):
        at = f"{path}[{i}]"
        entry = reader.mapping(item, at, ("id", "bus", "kind", "p_mw", "q_mvar"))
        units.append(
            Unit(
                id=reader.text(entry.get("id"), f"{at}.id"),
                bus=read_bus(reader, entry.get("bus"), f"{at}.bus", known),
                kind=reader.choice(entry.get("kind"), f"{at}.kind", UNIT_KINDS),
                p_mw=reader.series(entry.get("p_mw", 0.0), f"{at}.p_mw", n, -POWER_MAX_MW, POWER_MAX_MW),
                q_mvar=reader.series(entry.get("q_mvar", 0.0), f"{at}.q_mvar", n, -POWER_MAX_MW, POWER_MAX_MW),
            )
        )
    reader.unique((unit.id for unit in units), path)
    return tuple(units)
