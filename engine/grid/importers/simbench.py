"""SimBench grids and their year of quarter-hour profiles, cached after the first load.

The data set's rows are uniform quarter hours of local time with daylight saving (row 0 is 2015-12-31T23:00Z).
Profiles are stored once per distinct series with a factor per unit, so a day is read in milliseconds.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.canonical import canonical_json
from engine.grid.importers.cache import cached_json, read_rows, write_array
from engine.grid.importers.pandapower import grid_from_pandapower
from engine.grid.importers.planned_work import with_planned_work
from engine.reading import Floats
from engine.status import Finding, InvalidInput

CODE = re.compile(r"[0-9A-Za-z_.]+(?:--?[0-9A-Za-z_.]+)*")
LAYOUT = 2
PROFILE_SUFFIX = {("load", "p_mw"): "_pload", ("load", "q_mvar"): "_qload"}
PROFILED = (("load", "p_mw"), ("load", "q_mvar"), ("sgen", "p_mw"), ("gen", "p_mw"), ("storage", "p_mw"))


@dataclass(frozen=True, slots=True, eq=False)
class Schedules:
    """Schedules of all units of a SimBench grid. p_mw, q_mvar : [n_units, n_steps].

    Generators and loads are positive in their own sense, storages positive when they inject.
    """

    unit_ids: tuple[str, ...]
    p_mw: Floats
    q_mvar: Floats


def simbench_grid(
    code: str, cache_dir: Path, lines_out: Sequence[str] = (), switches_closed: Sequence[str] = ()
) -> dict[str, Any]:
    """The grid document of a SimBench code, with planned work applied.

    Raises InvalidInput for an unknown code, unknown names, or customers left without supply.
    """
    key = [_version_key(code), sorted(lines_out), sorted(switches_closed)]

    def make() -> dict[str, Any]:
        net = _load(code)
        cached_json(
            _profiles(code, cache_dir, ".json"), lambda: _store_profiles(net, _profiles(code, cache_dir, ".npy"))
        )
        return grid_from_pandapower(with_planned_work(net, lines_out, switches_closed)).document

    document: dict[str, Any] = cached_json(_folder(code, cache_dir) / f"grid-{_digest(key)}.json", make)
    return document


def simbench_schedules(code: str, cache_dir: Path, first_row: int, n_steps: int) -> Schedules:
    """Schedules of rows first_row .. first_row + n_steps - 1. Raises InvalidInput beyond the data set's year."""
    array = _profiles(code, cache_dir, ".npy")
    table = cached_json(_profiles(code, cache_dir, ".json"), lambda: _store_profiles(_load(code), array))
    if first_row < 0 or n_steps < 1 or first_row + n_steps > table["n_rows"]:
        sentence = f"Rows {first_row} to {first_row + n_steps - 1} are not within 0 to {table['n_rows'] - 1}."
        raise InvalidInput((Finding("baseline.first_row", "out_of_range", sentence),))
    series = read_rows(array, first_row, n_steps).T
    p, q = (series[table[f"{x}_series"]] * np.array(table[f"{x}_factor"])[:, None] for x in ("p", "q"))
    return Schedules(tuple(table["units"]), p, q)


def baseline_units(grid_document: dict[str, Any], schedules: Schedules) -> list[dict[str, Any]]:
    """Units of a case's baseline: the grid document's units with their schedules."""
    row = {unit: i for i, unit in enumerate(schedules.unit_ids)}
    return [
        {
            "id": unit["id"],
            "bus": unit["bus"],
            "kind": unit["kind"],
            "p_mw": schedules.p_mw[row[unit["id"]]].tolist(),
            "q_mvar": schedules.q_mvar[row[unit["id"]]].tolist(),
        }
        for unit in grid_document["units"]
    ]


def _version_key(code: str) -> list[Any]:
    return [code, LAYOUT, importlib.metadata.version("simbench"), importlib.metadata.version("pandapower")]


def _digest(key: Any) -> str:
    return hashlib.sha256(canonical_json(key)).hexdigest()[:16]


def _folder(code: str, cache_dir: Path) -> Path:
    if not CODE.fullmatch(code) or ".." in code:
        raise InvalidInput((Finding("grid.source", "unknown_source", f"'{code[:80]}' is no SimBench code."),))
    return cache_dir / "simbench" / code


def _profiles(code: str, cache_dir: Path, suffix: str) -> Path:
    return _folder(code, cache_dir) / f"profiles-{_digest(_version_key(code))}{suffix}"


def _load(code: str) -> Any:
    import simbench

    if code not in simbench.collect_all_simbench_codes():
        raise InvalidInput((Finding("grid.source", "unknown_source", f"SimBench has no grid '{code}'."),))
    return simbench.get_simbench_net(code)


def _store_profiles(net: Any, path: Path) -> dict[str, Any]:
    """Write the distinct series to `path` and return each unit's series and factor for P and Q."""
    columns: list[Floats] = []
    places: dict[tuple[str, str], int] = {}

    def series(table: str, profile: str) -> int:
        group = ("renewables", "powerplants") if table in ("sgen", "gen") else (table,)
        if (table, profile) not in places:
            frame = next(net.profiles[g] for g in group if profile in net.profiles[g].columns)
            columns.append(frame[profile].to_numpy(dtype=np.float64))
            places[table, profile] = len(columns) - 1
        return places[table, profile]

    units = grid_from_pandapower(net).unit_of
    columns.append(np.ones(len(next(iter(net.profiles.values())))))
    index: dict[str, Any] = {"units": list(units.values()), "n_rows": len(columns[0])}
    for letter, column in (("p", "p_mw"), ("q", "q_mvar")):
        pairs = []
        for table, i in units:
            sense = -1.0 if table == "storage" else 1.0
            profiled = (table, column) in PROFILED
            profile = f"{net[table]['profile'].at[i]}{PROFILE_SUFFIX.get((table, column), '')}"
            size = float(net[table][column].at[i]) if column in net[table] else 0.0
            pairs.append((series(table, profile) if profiled else 0, sense * size))
        index |= {f"{letter}_series": [s for s, _ in pairs], f"{letter}_factor": [f for _, f in pairs]}
    write_array(path, np.column_stack(columns))
    return index
