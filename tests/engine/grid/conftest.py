"""Networks for the grid tests: a small ring with a transformer, and pandapower nets at their own point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from engine import Grid, Network, compile_network, read_grid
from engine.grid.importers.pandapower import GridImport, grid_from_pandapower


@dataclass(frozen=True)
class Imported:
    """A net with everything made of it; p_mw, q_mvar : [1, n_bus] at the net's own operating point."""

    ids: GridImport
    grid: Grid
    network: Network
    p_mw: np.ndarray
    q_mvar: np.ndarray


def injections(network: Network, units: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Net injections of a baseline's units, [1, n_bus]."""
    p, q = np.zeros((2, 1, len(network.bus_ids)))
    for unit in units:
        sense = -1.0 if unit["kind"] == "load" else 1.0
        p[0, network.bus_index[unit["bus"]]] += sense * unit["p_mw"]
        q[0, network.bus_index[unit["bus"]]] += sense * unit["q_mvar"]
    return p, q


@pytest.fixture(scope="session")
def at_own_point() -> Callable[[Network, list[dict[str, Any]]], tuple[np.ndarray, np.ndarray]]:
    return injections


@pytest.fixture(scope="session")
def imported() -> Callable[[Any], Imported]:
    """Import a pandapower net and compile it."""

    def make(net: Any) -> Imported:
        ids = grid_from_pandapower(net)
        grid, findings = read_grid(ids.document)
        assert findings == ()
        assert grid is not None
        network = compile_network(grid)
        return Imported(ids, grid, network, *injections(network, ids.baseline))

    return make


@pytest.fixture
def ring() -> Callable[..., dict[str, Any]]:
    """Coupling HV, transformer to 0, ring 0-1-2-3-4-5-0 at 20 kV; bus positions 0 (HV) to 6."""

    def make(controls: Any = (), **fields: Any) -> dict[str, Any]:
        band = {"vm_min_pu": 0.9, "vm_max_pu": 1.1}
        buses = [{"id": "HV", "vn_kv": 110.0}, *({"id": str(i), "vn_kv": 20.0, **band} for i in range(6))]
        trafo = {"id": "T", "from": "HV", "to": "0", "r_ohm": 2.0, "x_ohm": 60.0, "g_us": 1.0, "b_us": -5.0}
        line = {"r_ohm": 2.0, "x_ohm": 1.5, "b_us": 50.0, "max_i_ka": 0.3}
        lines = [{"id": f"L{i}", "from": str(i), "to": str((i + 1) % 6), **line} for i in range(6)]
        return {
            "buses": buses,
            "branches": [trafo | {"shift_degree": 150.0, "tap_ratio": 0.98}, *lines],
            "controls": list(controls),
            "coupling": {"bus": "HV", "vm_pu": 1.01},
            **fields,
        }

    return make
