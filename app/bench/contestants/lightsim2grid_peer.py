"""lightsim2grid: a time series of power flows in C++."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from lightsim2grid.lightsim2grid_cpp import TimeSeriesCPP
from lightsim2grid.network import init_from_powermodels

from app.bench.contestants.flat_grid import FlatGrid, flat_grid
from app.bench.contestants.protocol import RefusedError, serve

TOLERANCE = 1e-8
ITERATIONS_MAX = 20


def batch(case: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
    """Power flow of all steps with voltages and currents; the seconds are those of the computation."""
    grid = flat_grid(case["grid"])
    used = np.flatnonzero((case["p_mw"] != 0).any(axis=0) | (case["q_mvar"] != 0).any(axis=0))
    model = init_from_powermodels(_powermodels(grid, used))
    load_p, load_q = (np.ascontiguousarray(-case[name][:, used]) for name in ("p_mw", "q_mvar"))
    no_sgens, slack_p = np.zeros((len(load_p), 0)), np.zeros((len(load_p), 1))
    series = TimeSeriesCPP(model)
    since = time.perf_counter()
    solved = series.compute_Vs(slack_p, no_sgens, load_p, load_q, grid.no_load.copy(), ITERATIONS_MAX, TOLERANCE)
    if solved != 1:
        raise RefusedError("some steps did not converge")
    series.compute_flows()
    seconds = time.perf_counter() - since
    vm_pu = np.abs(series.get_voltages())
    return seconds, {"vm_pu": vm_pu[settings["first"] : settings["first"] + settings["watched"]].tolist()}


def _powermodels(grid: FlatGrid, used: Any) -> dict[str, Any]:
    """The grid in PowerModels' form, a load at every bus used; its buses count from 1."""
    z = 1.0 / grid.series
    bus_type = np.where(np.arange(len(grid.index)) == grid.coupling, 3, 1)
    keep = {"qmin": -1e6, "qmax": 1e6, "pmin": -1e6, "pmax": 1e6}
    return {
        "baseMVA": 1.0,
        "per_unit": True,
        "bus": _numbered(
            {"bus_i": i + 1, "bus_type": int(kind), "vm": 1.0, "va": 0.0, "base_kv": float(vn), "index": i + 1}
            for i, (kind, vn) in enumerate(zip(bus_type, grid.vn_kv, strict=True))
        ),
        "branch": _numbered(
            {
                "f_bus": int(grid.from_bus[k]) + 1,
                "t_bus": int(grid.to_bus[k]) + 1,
                "br_status": 1,
                "br_r": float(z[k].real),
                "br_x": float(z[k].imag),
                "transformer": bool(grid.tap[k] != 1),
                **{f"g_{end}": float(grid.charging[k].real) / 2 for end in ("fr", "to")},
                **{f"b_{end}": float(grid.charging[k].imag) / 2 for end in ("fr", "to")},
                "tap": float(np.abs(grid.tap[k])),
                "shift": float(np.angle(grid.tap[k])),
            }
            for k in range(len(z))
        ),
        "gen": _numbered([{"gen_bus": grid.coupling + 1, "pg": 0.0, "vg": grid.vm_coupling_pu, **keep}]),
        "load": _numbered({"load_bus": int(bus) + 1, "pd": 0.0, "qd": 0.0} for bus in used),
        "shunt": _numbered(
            {"shunt_bus": int(bus) + 1, "gs": grid.shunt[bus].real, "bs": grid.shunt[bus].imag}
            for bus in np.flatnonzero(grid.shunt)
        ),
    }


def _numbered(entries: Any) -> dict[str, Any]:
    return {str(i): {"index": i, **entry} for i, entry in enumerate(entries, start=1)}


if __name__ == "__main__":
    serve({"batch": batch})
