"""A grid document as arrays, in pu of 1 MVA, by the formulas of the case format; for contestants without a reader.

Pi circuit with y = 1/z, half the charging at each end, tap and shift at the `from` end (docs/engine.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Complexes = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class FlatGrid:
    """Buses and branches in the document's order.

    series, charging (g + jb of the whole branch) : [n_branch]; tap is complex: ratio e^(j shift); shunt : [n_bus];
    max_i_pu : [n_branch] the same at both ends, inf where unlimited; i_from_ka : [n_branch] kA per pu.
    """

    index: dict[str, int]
    coupling: int
    vm_coupling_pu: float
    vn_kv: Floats
    vm_min_pu: Floats
    vm_max_pu: Floats
    from_bus: Ints
    to_bus: Ints
    series: Complexes
    charging: Complexes
    tap: Complexes
    shunt: Complexes
    i_from_ka: Floats
    max_i_pu: Floats

    @property
    def ends(self) -> tuple[Complexes, Complexes, Complexes, Complexes]:
        """y_ff, y_ft, y_tf, y_tt : [n_branch]."""
        own = self.series + self.charging / 2
        return own / np.abs(self.tap) ** 2, -self.series / np.conj(self.tap), -self.series / self.tap, own

    @property
    def y_bus(self) -> Complexes:
        """[n_bus, n_bus] admittances."""
        y = np.diag(self.shunt)
        y_ff, y_ft, y_tf, y_tt = self.ends
        np.add.at(y, (self.from_bus, self.from_bus), y_ff)
        np.add.at(y, (self.from_bus, self.to_bus), y_ft)
        np.add.at(y, (self.to_bus, self.from_bus), y_tf)
        np.add.at(y, (self.to_bus, self.to_bus), y_tt)
        return y

    @property
    def no_load(self) -> Complexes:
        """[n_bus] voltages without injections: where a solver starts, transformers' shifts included."""
        y, c = self.y_bus, self.coupling
        free = np.delete(np.arange(len(y)), c)
        v = np.full(len(y), self.vm_coupling_pu, dtype=np.complex128)
        v[free] = np.linalg.solve(y[np.ix_(free, free)], -y[free, c] * self.vm_coupling_pu)
        return v


def flat_grid(document: Mapping[str, Any]) -> FlatGrid:
    """Arrays of a grid document whose branches are in ohm and whose coupling voltage is one number."""
    buses, branches = document["buses"], document["branches"]
    index = {bus["id"]: i for i, bus in enumerate(buses)}
    vn_kv = np.array([bus["vn_kv"] for bus in buses], dtype=np.float64)
    from_bus, to_bus = (np.array([index[b[end]] for b in branches], dtype=np.int64) for end in ("from", "to"))
    base_ohm = vn_kv[from_bus] ** 2
    charging = np.array([complex(b.get("g_us", 0.0), b.get("b_us", 0.0)) for b in branches])
    shift = np.radians([b.get("shift_degree", 0.0) for b in branches])
    shunt = np.zeros(len(buses), dtype=np.complex128)
    for entry in document.get("shunts", ()):
        shunt[index[entry["bus"]]] += complex(entry.get("g_mw", 0.0), entry.get("b_mvar", 0.0))
    i_from_ka = 1.0 / (math.sqrt(3.0) * vn_kv[from_bus])
    return FlatGrid(
        index=index,
        coupling=index[document["coupling"]["bus"]],
        vm_coupling_pu=float(document["coupling"].get("vm_pu", 1.0)),
        vn_kv=vn_kv,
        vm_min_pu=_limits(buses, "vm_min_pu", 0.0),
        vm_max_pu=_limits(buses, "vm_max_pu", np.inf),
        from_bus=from_bus,
        to_bus=to_bus,
        series=base_ohm / np.array([complex(b["r_ohm"], b["x_ohm"]) for b in branches]),
        charging=np.multiply(charging, 1e-6 * base_ohm, dtype=np.complex128),
        tap=np.array([b.get("tap_ratio", 1.0) for b in branches]) * np.exp(1j * shift),
        shunt=shunt,
        i_from_ka=i_from_ka,
        max_i_pu=_limits(branches, "max_i_ka", np.inf) / i_from_ka,
    )


def series(value: Any, n_steps: int) -> Floats:
    """[n_steps] of a case's field: a scalar stands for the same value in every step."""
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (n_steps,)).copy()


def injections(case: Mapping[str, Any], grid: FlatGrid) -> tuple[Floats, Floats]:
    """Baseline p_mw, q_mvar : [n_steps, n_bus] of a case whose baseline is given net per bus."""
    n_steps = case["time"]["n_steps"]
    both = [np.zeros((n_steps, len(grid.index))) for _ in range(2)]
    for field, target in zip(("p_mw", "q_mvar"), both, strict=True):
        for bus, values in case["baseline"][field].items():
            target[:, grid.index[bus]] = series(values, n_steps)
    return both[0], both[1]


def coupling_price(case: Mapping[str, Any]) -> Floats:
    """[n_steps] EUR/MWh, 0 where energy is ignored."""
    n_steps = case["time"]["n_steps"]
    priced = case["options"].get("energy", "priced") == "priced"
    return series(case["coupling_price_eur_per_mwh"] if priced else 0.0, n_steps)


def _limits(entries: Any, field: str, absent: float) -> Floats:
    return np.array([absent if e.get(field) is None else e[field] for e in entries], dtype=np.float64)
