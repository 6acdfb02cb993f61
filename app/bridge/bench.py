"""What the benchmark asks of the engine: data sets as arrays, needs of a year, clearings."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.bridge.simbench import N_ROWS
from app.bridge.states import Floats
from engine import clear, compile_network, find_needs, power_flow, read_case, read_grid
from engine.grid.importers.pandapower import grid_from_pandapower
from engine.grid.importers.simbench import simbench_grid, simbench_schedules


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """A network with schedules per bus: `grid` document; consumption and feed-in [n_rows, n_bus] in the order of
    its buses, positive in their own sense. A network without a year has one row."""

    grid: dict[str, Any]
    load_mw: Floats
    load_mvar: Floats
    feed_mw: Floats
    feed_mvar: Floats


@dataclass(frozen=True, kw_only=True)
class YearNeeds:
    """`vm_pu` [n_steps, n_buses]; `seconds` for compiling, power flow and search for needs."""

    vm_pu: Floats
    n_needs: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Cleared:
    """A `flexdesk.result/1`, or the findings against the case."""

    result: dict[str, Any] | None
    findings: tuple[str, ...] = ()


def simbench_year(
    code: str, cache_dir: Path, lines_out: Sequence[str] = (), switches_closed: Sequence[str] = ()
) -> DataSet:
    """A SimBench network with its year of quarter hours, storages counted as feed-in."""
    grid = simbench_grid(code, cache_dir, lines_out, switches_closed)
    year = simbench_schedules(code, cache_dir, 0, N_ROWS)
    kind = {unit["id"]: (unit["bus"], unit["kind"] == "load") for unit in grid["units"]}
    place = [kind[unit] for unit in year.unit_ids]
    bus = [where for where, _ in place]
    load = np.array([is_load for _, is_load in place])
    return _data_set(grid, bus, load, year.p_mw, year.q_mvar)


def case33bw(vm_min_pu: float, vm_max_pu: float) -> DataSet:
    """The 33-bus feeder with its loads, and with a voltage band that its publication does not give."""
    import pandapower.networks

    net = pandapower.networks.case33bw()
    imported = grid_from_pandapower(net)
    band = {"vm_min_pu": vm_min_pu, "vm_max_pu": vm_max_pu}
    grid = imported.document | {"buses": [bus | band for bus in imported.document["buses"]]}
    bus = [imported.bus_of[int(i)] for i in net.load["bus"]]
    p_mw, q_mvar = (net.load[column].to_numpy(dtype=np.float64)[:, None] for column in ("p_mw", "q_mvar"))
    return _data_set(grid, bus, np.ones(len(bus), dtype=np.bool_), p_mw, q_mvar)


def _data_set(grid: dict[str, Any], bus: list[str], load: Any, p_mw: Floats, q_mvar: Floats) -> DataSet:
    """Sum units [n_units, n_rows] to buses."""
    index = {entry["id"]: i for i, entry in enumerate(grid["buses"])}
    at = np.array([index[name] for name in bus])

    def summed(values: Floats, chosen: Any) -> Floats:
        total = np.zeros((len(index), values.shape[1]))
        np.add.at(total, at[chosen], values[chosen])
        return np.ascontiguousarray(total.T)

    return DataSet(
        grid={name: block for name, block in grid.items() if name != "units"},
        load_mw=summed(p_mw, load),
        load_mvar=summed(q_mvar, load),
        feed_mw=summed(p_mw, ~load),
        feed_mvar=summed(q_mvar, ~load),
    )


def needs_of(grid: Mapping[str, Any], p_mw: Floats, q_mvar: Floats) -> YearNeeds:
    """Needs of injections p_mw, q_mvar [n_steps, n_buses].

    Raises:
        ValueError: the grid document has findings.
    """
    read, findings = read_grid(grid)
    if read is None:
        raise ValueError("; ".join(f"{f.path}: {f.sentence}" for f in findings))
    since = time.perf_counter()
    network = compile_network(read)
    flow = power_flow(network, p_mw, q_mvar)
    needs = find_needs(network, flow)
    return YearNeeds(vm_pu=flow.vm_pu, n_needs=len(needs), seconds=time.perf_counter() - since)


def clear_document(document: Mapping[str, Any]) -> Cleared:
    """Clear a case document whose sources are expanded."""
    case, findings = read_case(document)
    if case is None:
        return Cleared(result=None, findings=tuple(f"{f.path}: {f.sentence}" for f in findings))
    return Cleared(result=clear(case).result)
