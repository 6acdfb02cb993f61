"""ipopt through casadi: the market case as one nonlinear programme, in polar voltages.

Offers and storages without blocks; no virtual changes, so a need that cannot be cured is refused. Charging and
discharging at once is not excluded: `both_ways_mw` tells how much of it the optimum holds.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import casadi as ca
import numpy as np

from app.bench.contestants.flat_grid import FlatGrid, coupling_price, flat_grid, injections, series
from app.bench.contestants.protocol import RefusedError, serve

OPTIONS: Any = {
    "print_time": False,
    "ipopt": {"print_level": 0, "sb": "yes", "tol": 1e-9, "max_iter": 1000, "bound_relax_factor": 0.0},
}
SPREAD = 0.02
LOWEST_PU, HIGHEST_PU, TURN_RADIAN = 0.3, 1.7, 1.0


@dataclass(eq=False)
class Programme:
    """Variables with bounds and first start, constraints with bounds, objective, EUR."""

    variables: list[Any]
    low: list[Any]
    high: list[Any]
    start: list[Any]
    constraints: list[Any]
    at_least: list[Any]
    at_most: list[Any]
    objective: Any

    def add(self, name: str, low: Any, high: Any, start: Any) -> Any:
        """New variables in the shape of `low`."""
        low = np.asarray(low, dtype=np.float64)
        symbols = ca.SX.sym(name, *low.shape)
        self.variables.append(ca.vec(symbols))
        for values, known in ((low, self.low), (high, self.high), (start, self.start)):
            known.append(np.broadcast_to(values, low.shape).ravel(order="F"))
        return symbols

    def hold(self, expression: Any, at_least: Any, at_most: Any) -> None:
        """Constraints at_least <= expression <= at_most."""
        self.constraints.append(ca.vec(expression))
        for values, known in ((at_least, self.at_least), (at_most, self.at_most)):
            known.append(np.broadcast_to(values, expression.shape).ravel(order="F"))


def clear(case: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
    """Build and solve; `starts` 1 is from voltages without load, further ones are random.

    The seconds are those of build and first start.
    """
    since = time.perf_counter()
    grid = flat_grid(case["grid"])
    programme, both_ways = _programme(case, grid)
    parts = {"x": ca.vertcat(*programme.variables), "f": programme.objective}
    solver = ca.nlpsol("clear", "ipopt", parts | {"g": ca.vertcat(*programme.constraints)}, OPTIONS)
    start = np.concatenate(programme.start)
    first = _solve(solver, programme, start)
    seconds = time.perf_counter() - since
    shifts = np.random.default_rng(0).normal(0.0, SPREAD, (settings["starts"] - 1, len(start)))
    found = [first, *(_solve(solver, programme, start + shift) for shift in shifts)]
    solved = [(objective, x) for objective, x in found if objective is not None]
    if first[0] is None or not solved:
        raise RefusedError("no optimum from the first start")
    objective, x = min(solved, key=lambda one: one[0])
    at_once = ca.Function("both", [parts["x"]], [both_ways])(x)
    return seconds, {"objective_eur": objective, "both_ways_mw": float(at_once), "starts_solved": len(solved)}


def _solve(solver: Any, programme: Programme, start: Any) -> tuple[float | None, Any]:
    low, high = np.concatenate(programme.low), np.concatenate(programme.high)
    bounds = {"lbg": np.concatenate(programme.at_least), "ubg": np.concatenate(programme.at_most)}
    found = solver(x0=np.clip(start, low, high), lbx=low, ubx=high, **bounds)
    good = solver.stats()["return_status"] in ("Solve_Succeeded", "Solved_To_Acceptable_Level")
    return (float(found["f"]) if good else None), found["x"]


def _programme(case: Mapping[str, Any], grid: FlatGrid) -> tuple[Programme, Any]:
    programme = Programme([], [], [], [], [], [], [], 0.0)
    n_steps, n_bus = case["time"]["n_steps"], len(grid.index)
    hours = case["time"]["mtu_minutes"] / 60
    p_mw, q_mvar = injections(case, grid)
    change: Any = ca.SX.zeros(n_bus, n_steps)
    both_ways: Any = 0.0
    for offer in case["offers"]:
        if offer["commodity"] == "storage":
            injected, at_once = _storage(programme, offer, n_steps, hours)
            both_ways = ca.fmax(both_ways, at_once)
        else:
            injected = _offer(programme, offer, n_steps, hours)
        change[grid.index[offer["bus"]], :] += injected
    _network(programme, grid, p_mw.T + change, q_mvar.T, coupling_price(case) * hours)
    return programme, both_ways


def _offer(programme: Programme, offer: Mapping[str, Any], n_steps: int, hours: float) -> Any:
    """[1, n_steps] injection of a divisible offer."""
    quantity = series(offer["quantity_mw"], n_steps)[None]
    accepted = programme.add("offer", np.zeros_like(quantity), quantity, 0.0)
    price = series(offer["price_eur_per_mwh"], n_steps)[None]
    programme.objective += hours * ca.sum2(price * accepted)
    if offer.get("max_energy_mwh") is not None:
        programme.hold(hours * ca.sum2(accepted), -np.inf, offer["max_energy_mwh"])
    return accepted if offer["direction"] == "up" else -accepted


def _storage(programme: Programme, offer: Mapping[str, Any], n_steps: int, hours: float) -> tuple[Any, Any]:
    """[1, n_steps] injection of a storage, and the largest power it charges while it discharges."""
    zeros = np.zeros((1, n_steps))
    charge = programme.add("charge", zeros, offer["p_charge_max_mw"], 0.0)
    discharge = programme.add("discharge", zeros, offer["p_discharge_max_mw"], 0.0)
    level = programme.add("level", zeros, offer["energy_mwh"], offer["energy_start_mwh"])
    before = ca.horzcat(offer["energy_start_mwh"], level[:, :-1])
    stored = charge * offer["efficiency_charge"] - discharge / offer["efficiency_discharge"]
    programme.hold(level - before - hours * stored, 0.0, 0.0)
    programme.hold(level[:, -1], offer["energy_end_mwh"], offer["energy_end_mwh"])
    price = series(offer["price_eur_per_mwh"], n_steps)[None]
    programme.objective += hours * ca.sum2(price * (charge + discharge))
    return discharge - charge, ca.mmax(ca.fmin(charge, discharge))


def _network(programme: Programme, grid: FlatGrid, p_mw: Any, q_mvar: Any, import_eur_per_mw: Any) -> None:
    """Power balance, voltage and current limits of every step; p_mw, q_mvar : [n_bus, n_steps]."""
    n_bus, n_steps = p_mw.shape
    vm, va = _voltages(programme, grid, n_steps)
    p = _column(grid.shunt.real, n_steps) * vm**2
    q = -_column(grid.shunt.imag, n_steps) * vm**2
    limited = np.flatnonzero(np.isfinite(grid.max_i_pu)).tolist()
    most = _column(grid.max_i_pu[limited] ** 2, n_steps)
    y_ff, y_ft, y_tf, y_tt = grid.ends
    for own, other, here, there in (
        (y_ff, y_ft, grid.from_bus, grid.to_bus),
        (y_tt, y_tf, grid.to_bus, grid.from_bus),
    ):
        v = vm[here.tolist(), :]
        p_end, q_end = _flows(own, other, v, vm[there.tolist(), :], va[here.tolist(), :] - va[there.tolist(), :])
        at_bus = ca.DM(ca.Sparsity.triplet(n_bus, len(here), here.tolist(), range(len(here))), 1.0)
        p, q = p + at_bus @ p_end, q + at_bus @ q_end
        programme.hold((p_end**2 + q_end**2)[limited, :] - most * v[limited, :] ** 2, -np.inf, 0.0)
    free = [i for i in range(n_bus) if i != grid.coupling]
    programme.hold((p - p_mw)[free, :], 0.0, 0.0)
    programme.hold((q - q_mvar)[free, :], 0.0, 0.0)
    programme.objective += ca.sum2(import_eur_per_mw[None] * (p - p_mw)[grid.coupling, :])


def _voltages(programme: Programme, grid: FlatGrid, n_steps: int) -> tuple[Any, Any]:
    """Magnitudes and angles [n_bus, n_steps], those of the coupling bus fixed; the limits are their bounds."""
    low, high = np.maximum(grid.vm_min_pu, LOWEST_PU), np.minimum(grid.vm_max_pu, HIGHEST_PU)
    low[grid.coupling] = high[grid.coupling] = grid.vm_coupling_pu
    start, turn = grid.no_load, np.full(len(low), TURN_RADIAN)
    turn[grid.coupling] = 0.0
    angle = np.angle(start)
    vm = programme.add("vm", *(np.repeat(x[:, None], n_steps, axis=1) for x in (low, high, np.abs(start))))
    va = programme.add(
        "va", *(np.repeat(x[:, None], n_steps, axis=1) for x in (angle - turn, angle + turn, angle))
    )
    return vm, va


def _flows(own: Any, other: Any, v: Any, w: Any, delta: Any) -> tuple[Any, Any]:
    """P and Q into branches at one end: V conj(own V + other W), |V| = v, |W| = w, angle `delta` between them."""
    n_steps = v.shape[1]
    g, b = _column(other.real, n_steps), _column(other.imag, n_steps)
    cos, sin = ca.cos(delta), ca.sin(delta)
    p = _column(own.real, n_steps) * v**2 + v * w * (g * cos + b * sin)
    return p, -_column(own.imag, n_steps) * v**2 + v * w * (g * sin - b * cos)


def _column(values: Any, n_steps: int) -> Any:
    return ca.DM(np.repeat(values[:, None], n_steps, axis=1))


if __name__ == "__main__":
    serve({"clear": clear})
