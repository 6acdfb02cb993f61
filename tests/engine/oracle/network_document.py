"""Admittances and limits straight from a ``flexdesk.case/1`` document, sharing no code with the engine.

Formulas: the pi circuit behind an ideal transformer of the case format (as MATPOWER's manual, section 3.2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse


@dataclass(frozen=True, slots=True, eq=False)
class NetworkArrays:
    """A grid in pu of `base_mva`. y_bus : [n_bus, n_bus]; y_from, y_to : [n_branch, n_bus] bus voltages to end
    currents; from_bus, to_bus : [n_branch]; i_max_pu, s_max_pu, vm_min_pu, vm_max_pu : inf or 0 where none;
    coupling_vm_pu : [n_steps]; controls : rows of (bus, vm_pu, q_min_mvar, q_max_mvar)."""

    ids: list[str]
    base_mva: float
    y_bus: sparse.csr_matrix
    y_from: sparse.csr_matrix
    y_to: sparse.csr_matrix
    from_bus: np.ndarray
    to_bus: np.ndarray
    i_max_pu: np.ndarray
    s_max_pu: np.ndarray
    vm_min_pu: np.ndarray
    vm_max_pu: np.ndarray
    coupling: int
    coupling_vm_pu: np.ndarray
    controls: list[tuple[int, float, float, float]]


def over_steps(value: Any, n_steps: int) -> np.ndarray:
    """[n_steps] from a list of that length or one number for all steps."""
    return np.broadcast_to(np.asarray(value, dtype=float), (n_steps,)).copy()


def network_arrays(grid: dict[str, Any], n_steps: int) -> NetworkArrays:
    """The grid block of a document as arrays."""
    base = float(grid.get("base_mva", 1.0))
    buses, branches = grid["buses"], grid["branches"]
    ids = [bus["id"] for bus in buses]
    at = {bus: i for i, bus in enumerate(ids)}
    vn_kv = {bus["id"]: float(bus["vn_kv"]) for bus in buses}
    shape = (len(branches), len(ids))
    y_from, y_to = sparse.lil_matrix(shape, dtype=complex), sparse.lil_matrix(shape, dtype=complex)
    for k, branch in enumerate(branches):
        f, t = at[branch["from"]], at[branch["to"]]
        y_from[k, f], y_from[k, t], y_to[k, f], y_to[k, t] = _pi_circuit(branch, vn_kv[branch["from"]], base)
    from_bus = np.array([at[b["from"]] for b in branches], dtype=int)
    to_bus = np.array([at[b["to"]] for b in branches], dtype=int)
    shunts = np.zeros(len(ids), dtype=complex)
    for shunt in grid.get("shunts", ()):
        shunts[at[shunt["bus"]]] += complex(shunt.get("g_mw", 0.0), shunt.get("b_mvar", 0.0)) / base
    y_from, y_to = y_from.tocsr(), y_to.tocsr()
    ends = [sparse.csr_matrix((np.ones(len(e)), (e, range(len(e)))), shape[::-1]) for e in (from_bus, to_bus)]
    i_max = [
        (b.get("max_i_ka") or math.inf) * math.sqrt(3) * vn_kv[b["from"]] / base for b in branches
    ]  # one value for both ends: the `to` end's limit is the `from` end's, referred by the nominal voltages
    return NetworkArrays(
        ids=ids,
        base_mva=base,
        y_bus=(ends[0] @ y_from + ends[1] @ y_to + sparse.diags(shunts)).tocsr(),
        y_from=y_from,
        y_to=y_to,
        from_bus=from_bus,
        to_bus=to_bus,
        i_max_pu=np.array(i_max),
        s_max_pu=np.array([(b.get("max_s_mva") or math.inf) / base for b in branches]),
        vm_min_pu=np.array([b.get("vm_min_pu") or 0.0 for b in buses]),
        vm_max_pu=np.array([b.get("vm_max_pu") or math.inf for b in buses]),
        coupling=at[grid["coupling"]["bus"]],
        coupling_vm_pu=over_steps(grid["coupling"].get("vm_pu", 1.0), n_steps),
        controls=[
            (at[c["bus"]], float(c["vm_pu"]), float(c["q_min_mvar"]), float(c["q_max_mvar"]))
            for c in grid.get("controls") or ()
        ],
    )


def net_baseline(document: dict[str, Any], ids: list[str], n_steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Baseline injections in MW and Mvar: two [n_bus, n_steps]."""
    at = {bus: i for i, bus in enumerate(ids)}
    p, q = np.zeros((len(ids), n_steps)), np.zeros((len(ids), n_steps))
    baseline = document.get("baseline") or {}
    for unit in baseline.get("units", ()):
        sense = -1.0 if unit["kind"] == "load" else 1.0
        p[at[unit["bus"]]] += sense * over_steps(unit.get("p_mw", 0.0), n_steps)
        q[at[unit["bus"]]] += sense * over_steps(unit.get("q_mvar", 0.0), n_steps)
    for field, target in (("p_mw", p), ("q_mvar", q)):
        for bus, series in baseline.get(field, {}).items():
            target[at[bus]] += over_steps(series, n_steps)
    return p, q


def _pi_circuit(branch: dict[str, Any], vn_from_kv: float, base_mva: float) -> tuple[complex, ...]:
    """y_ff, y_ft, y_tf, y_tt in pu."""
    z_base = vn_from_kv**2 / base_mva
    r = branch["r_pu"] if "r_pu" in branch else branch.get("r_ohm", 0.0) / z_base
    x = branch["x_pu"] if "x_pu" in branch else branch.get("x_ohm", 0.0) / z_base
    b = branch["b_pu"] if "b_pu" in branch else branch.get("b_us", 0.0) * 1e-6 * z_base
    series = 1.0 / complex(r, x)
    half = complex(branch.get("g_us", 0.0) * 1e-6 * z_base, b) / 2.0
    tap = branch.get("tap_ratio", 1.0)
    turn = np.exp(1j * math.radians(branch.get("shift_degree", 0.0)))
    return (
        (series + half) / tap**2,
        -series / (tap * np.conj(turn)),
        -series / (tap * turn),
        series + half,
    )
