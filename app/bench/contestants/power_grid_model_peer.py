"""power-grid-model: a batch of power flows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from power_grid_model import (
    CalculationMethod,
    ComponentType,
    DatasetType,
    LoadGenType,
    PowerGridModel,
    initialize_array,
)

from app.bench.contestants.flat_grid import FlatGrid, flat_grid
from app.bench.contestants.protocol import serve

TOLERANCE_PU = 1e-8
STIFF_VA = 1e20
OUTPUT = {ComponentType.node: {"u_pu"}, ComponentType.generic_branch: {"i_from", "i_to"}}


def batch(case: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
    """Power flow of all steps with voltages and currents; the seconds are those of the batch calculation."""
    grid = flat_grid(case["grid"])
    used = np.flatnonzero((case["p_mw"] != 0).any(axis=0) | (case["q_mvar"] != 0).any(axis=0))
    model = PowerGridModel(_components(grid, used), system_frequency=50.0)
    update = {
        "id": np.broadcast_to(_unit_ids(grid, used), (len(case["p_mw"]), len(used))).copy(),
        "p_specified": np.ascontiguousarray(case["p_mw"][:, used] * 1e6),
        "q_specified": np.ascontiguousarray(case["q_mvar"][:, used] * 1e6),
    }
    since = time.perf_counter()
    result = model.calculate_power_flow(
        update_data={ComponentType.sym_gen: update},
        error_tolerance=TOLERANCE_PU,
        calculation_method=CalculationMethod[settings["method"]],
        threading=-1,
        output_component_types=OUTPUT,
    )
    seconds = time.perf_counter() - since
    vm_pu = result[ComponentType.node]["u_pu"]
    return seconds, {"vm_pu": vm_pu[settings["first"] : settings["first"] + settings["watched"]].tolist()}


def _unit_ids(grid: FlatGrid, used: Any) -> Any:
    return (10 * len(grid.index) + len(grid.from_bus) + used).astype(np.int32)


def _components(grid: FlatGrid, used: Any) -> dict[Any, Any]:
    """The input data set. Branch parameters of power-grid-model are referred to the `to` side."""
    n_bus, n_branch = len(grid.index), len(grid.from_bus)
    node = initialize_array(DatasetType.input, ComponentType.node, n_bus)
    node["id"], node["u_rated"] = np.arange(n_bus), grid.vn_kv * 1e3
    branch = initialize_array(DatasetType.input, ComponentType.generic_branch, n_branch)
    to_ohm = grid.vn_kv[grid.to_bus] ** 2
    z, y = to_ohm / grid.series, grid.charging / to_ohm
    columns = {
        "id": n_bus + np.arange(n_branch),
        "from_node": grid.from_bus,
        "to_node": grid.to_bus,
        "from_status": 1,
        "to_status": 1,
        "r1": z.real,
        "x1": z.imag,
        "g1": y.real,
        "b1": y.imag,
        "k": np.abs(grid.tap),
        "theta": np.angle(grid.tap),
        "sn": 1e6,
    }
    for name, values in columns.items():
        branch[name] = values
    source = initialize_array(DatasetType.input, ComponentType.source, 1)
    source["id"], source["node"], source["status"] = n_bus + n_branch, grid.coupling, 1
    source["u_ref"], source["sk"] = grid.vm_coupling_pu, STIFF_VA
    unit = initialize_array(DatasetType.input, ComponentType.sym_gen, len(used))
    unit["id"], unit["node"], unit["status"] = _unit_ids(grid, used), used, 1
    unit["type"], unit["p_specified"], unit["q_specified"] = LoadGenType.const_power, 0.0, 0.0
    taken = np.flatnonzero(grid.shunt)
    shunt = initialize_array(DatasetType.input, ComponentType.shunt, len(taken))
    shunt["id"], shunt["node"], shunt["status"] = 5 * n_bus + n_branch + taken, taken, 1
    siemens = grid.shunt[taken] / grid.vn_kv[taken] ** 2
    shunt["g1"], shunt["b1"] = siemens.real, siemens.imag
    parts = {ComponentType.node: node, ComponentType.generic_branch: branch, ComponentType.source: source}
    return parts | {ComponentType.sym_gen: unit} | ({ComponentType.shunt: shunt} if len(taken) else {})


if __name__ == "__main__":
    serve({"batch": batch})
