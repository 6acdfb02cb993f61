"""A grid compiled once to arrays: admittances, reduced impedance, limits, controlled buses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from engine.grid.case import Branch, Grid
from engine.grid.controls import ControlTable, control_table
from engine.grid.factors import Factors
from engine.grid.lossless import Lossless
from engine.reading import Floats

Complexes = NDArray[np.complex128]
Ints = NDArray[np.int64]
Reals = NDArray[np.floating[Any]]

BASE_MVA = 1.0
DENSE_BUSES_MAX = 500


@dataclass(frozen=True, eq=False)
class Network:
    """Arrays of a grid in pu on `BASE_MVA`; bus and branch axes are in the document's order.

    admittance : sparse [n_bus, n_bus]; free : [n_bus - 1] indices of all buses but the coupling bus;
    y_from, y_to : [n_branch, 2] admittances that give a branch's current at that end from the voltages at its
    (from, to) buses; tap_ratio, shift_rad : [n_branch] of its ideal transformer; i_from_ka, i_to_ka :
    [n_branch] kA per pu of current; max_i_from_ka, max_i_to_ka, max_s_mva : [n_branch], inf where unlimited;
    vm_min_pu, vm_max_pu : [n_bus], 0 and inf where unlimited; vm_coupling_pu : [n_steps] or [1]; controls :
    the voltage-controlled buses.
    """

    bus_ids: tuple[str, ...]
    branch_ids: tuple[str, ...]
    coupling: int
    free: Ints
    from_bus: Ints
    to_bus: Ints
    admittance: sparse.csr_matrix
    y_from: Complexes
    y_to: Complexes
    tap_ratio: Floats
    shift_rad: Floats
    i_from_ka: Floats
    i_to_ka: Floats
    max_i_from_ka: Floats
    max_i_to_ka: Floats
    max_s_mva: Floats
    vm_min_pu: Floats
    vm_max_pu: Floats
    vm_coupling_pu: Floats
    controls: ControlTable

    @cached_property
    def bus_index(self) -> dict[str, int]:
        """Position of every bus id."""
        return {bus: i for i, bus in enumerate(self.bus_ids)}

    @cached_property
    def branch_index(self) -> dict[str, int]:
        """Position of every branch id."""
        return {branch: i for i, branch in enumerate(self.branch_ids)}

    @cached_property
    def y_bus(self) -> Complexes:
        """[n_bus, n_bus] admittances as a dense array, made when asked for."""
        dense: Complexes = self.admittance.toarray()
        return dense

    @property
    def is_dense(self) -> bool:
        """Whether dense linear algebra is the faster one."""
        return len(self.bus_ids) <= DENSE_BUSES_MAX

    @cached_property
    def z(self) -> Complexes:
        """[n_free, n_free] inverse of the free part of the admittances, made when asked for."""
        if self.is_dense:
            return np.linalg.inv(self.y_bus[np.ix_(self.free, self.free)]).astype(np.complex128)
        return self.voltages_of(np.eye(len(self.free), dtype=np.complex128))

    @cached_property
    def no_load(self) -> Complexes:
        """[n_free] voltages without injections for 1 pu at the coupling bus."""
        into = self.admittance[self.free, self.coupling].toarray().ravel()
        return -self.voltages_of(into[:, None])[:, 0]

    @cached_property
    def lossless(self) -> Lossless:
        """Its branches weighted by the size of their series admittances."""
        weight = np.abs(self.y_from[:, 1])
        return Lossless(self.from_bus, self.to_bus, weight, len(self.bus_ids), self.coupling)

    @cached_property
    def nominal(self) -> Floats:
        """[n_bus] magnitudes for 1 pu at the coupling bus that transformers' ratios alone would make."""
        rest = np.zeros(len(self.bus_ids))
        return np.exp(self.lossless.potentials(rest, np.log(self.tap_ratio)))

    def voltages_of(self, current: Complexes) -> Complexes:
        """Z times currents [n_free, n_columns]: the voltages they cause, pu."""
        if self.is_dense:
            return self.z @ current
        return self._factors.solve(current)

    def voltages_of_parts(self, active: Reals, reactive: Reals) -> tuple[Reals, Reals]:
        """`voltages_of` for real and imaginary parts apart, in the precision of what is given."""
        if not self.is_dense:
            voltages = self.voltages_of(active + 1j * reactive)
            return voltages.real.astype(active.dtype), voltages.imag.astype(active.dtype)
        re, im, both = self._z_parts[active.dtype]
        # Three real products make a complex one.
        first, second, im_part = re @ active, im @ reactive, both @ (active + reactive)
        im_part -= first
        im_part -= second
        first -= second
        return first, im_part

    @cached_property
    def _z_parts(self) -> dict[np.dtype[Any], list[Reals]]:
        """Real part, imaginary part and their sum of z, in both precisions."""
        parts = self.z.real, self.z.imag, self.z.real + self.z.imag
        kinds = np.dtype(np.float64), np.dtype(np.float32)
        return {kind: [np.ascontiguousarray(part, dtype=kind) for part in parts] for kind in kinds}

    @cached_property
    def _factors(self) -> Factors:
        return Factors(self.admittance[self.free][:, self.free].tocsc())


def compile_network(grid: Grid) -> Network:
    """Arrays of a valid grid. Raises numpy.linalg.LinAlgError where the admittances are singular."""
    index = {bus.id: i for i, bus in enumerate(grid.buses)}
    vn_kv = np.array([bus.vn_kv for bus in grid.buses])
    from_bus = np.array([index[b.from_bus] for b in grid.branches], dtype=np.int64)
    to_bus = np.array([index[b.to_bus] for b in grid.branches], dtype=np.int64)
    y_from, y_to = _branch_admittances(grid.branches, vn_kv[from_bus])
    coupling = index[grid.coupling_bus]
    max_i_ka = _limits([b.max_i_ka for b in grid.branches], np.inf)
    kilo_ampere = BASE_MVA / (np.sqrt(3.0) * vn_kv)
    network = Network(
        bus_ids=tuple(bus.id for bus in grid.buses),
        branch_ids=tuple(branch.id for branch in grid.branches),
        coupling=coupling,
        free=np.delete(np.arange(len(grid.buses)), coupling),
        from_bus=from_bus,
        to_bus=to_bus,
        admittance=_bus_admittances(grid, index, from_bus, to_bus, y_from, y_to),
        y_from=y_from,
        y_to=y_to,
        tap_ratio=np.array([b.tap_ratio for b in grid.branches], dtype=np.float64),
        shift_rad=np.radians([b.shift_degree for b in grid.branches]).astype(np.float64),
        i_from_ka=kilo_ampere[from_bus],
        i_to_ka=kilo_ampere[to_bus],
        max_i_from_ka=max_i_ka,
        max_i_to_ka=max_i_ka * (vn_kv[from_bus] / vn_kv[to_bus]),
        max_s_mva=_limits([b.max_s_mva for b in grid.branches], np.inf),
        vm_min_pu=_limits([bus.vm_min_pu for bus in grid.buses], 0.0),
        vm_max_pu=_limits([bus.vm_max_pu for bus in grid.buses], np.inf),
        vm_coupling_pu=grid.vm_pu,
        controls=control_table(grid.controls, index),
    )
    if not np.isfinite(network.no_load).all():
        raise np.linalg.LinAlgError("the admittances are singular")
    return network


def _limits(values: list[float | None], absent: float) -> Floats:
    return np.array([absent if value is None else value for value in values], dtype=np.float64)


def _branch_admittances(branches: tuple[Branch, ...], vn_from_kv: Floats) -> tuple[Complexes, Complexes]:
    z_base = vn_from_kv**2 / BASE_MVA
    impedance = np.array([complex(b.r_ohm, b.x_ohm) for b in branches])
    charging = np.array([complex(b.g_us, b.b_us) for b in branches])
    series = np.divide(z_base, impedance, dtype=np.complex128)
    half = np.multiply(z_base * 0.5e-6, charging, dtype=np.complex128)
    tap = np.array([b.tap_ratio for b in branches], dtype=np.float64)
    angle = np.radians(np.array([b.shift_degree for b in branches], dtype=np.float64))
    turn = np.multiply(tap, np.exp(1j * angle), dtype=np.complex128)
    y_from: Complexes = np.stack([(series + half) / tap**2, -series / np.conj(turn)], axis=1)
    y_to: Complexes = np.stack([-series / turn, series + half], axis=1)
    return y_from, y_to


def _bus_admittances(
    grid: Grid, index: dict[str, int], from_bus: Ints, to_bus: Ints, y_from: Complexes, y_to: Complexes
) -> sparse.csr_matrix:
    at = np.array([index[shunt.bus] for shunt in grid.shunts], dtype=np.int64)
    shunt = np.array([complex(s.g_mw, s.b_mvar) for s in grid.shunts], dtype=np.complex128) / BASE_MVA
    values = np.concatenate([y_from[:, 0], y_from[:, 1], y_to[:, 0], y_to[:, 1], shunt])
    rows = np.concatenate([from_bus, from_bus, to_bus, to_bus, at])
    columns = np.concatenate([from_bus, to_bus, from_bus, to_bus, at])
    n = len(grid.buses)
    return sparse.csr_matrix((values, (rows, columns)), shape=(n, n))
