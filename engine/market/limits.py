"""Monitored limits of all steps in one unit: excess in percent of nominal voltage or of the rating."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import BASE_MVA, Complexes, Ints, Network
from engine.grid.powerflow import PowerFlow
from engine.grid.sensitivities import Sensitivities
from engine.reading import Floats

VM_HIGH, VM_LOW, I_FROM, I_TO, S_FROM, S_TO = range(6)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Limits in the linear programme. step, kind (VM_HIGH ..), element (bus or branch index) : [n_rows]."""

    step: Ints
    kind: Ints
    element: Ints

    def __len__(self) -> int:
        return len(self.step)

    def chosen(self, which: NDArray[Any]) -> Rows:
        """The rows at these positions, or marked."""
        return Rows(self.step[which], self.kind[which], self.element[which])

    def values(self, tables: tuple[Floats, ...]) -> Floats:
        """[n_rows] each row's value in one table for each kind, [n_steps, n_bus or n_branch]."""
        found = np.empty(len(self))
        for kind, table in enumerate(tables):
            mine = self.kind == kind
            found[mine] = table[self.step[mine], self.element[mine]]
        return found


def excess(network: Network, flow: PowerFlow) -> tuple[Floats, ...]:
    """Signed excess in percent, one array [n_steps, n_bus or n_branch] for each kind; -inf where unlimited."""
    vm = flow.vm_pu
    return (
        (vm - network.vm_max_pu) * 100.0,
        np.where(network.vm_min_pu > 0, (network.vm_min_pu - vm) * 100.0, -np.inf),
        *(
            np.where(np.isinf(limit), -np.inf, value / limit * 100.0 - 100.0)
            for value, limit in (
                (flow.i_from_ka, network.max_i_from_ka),
                (flow.i_to_ka, network.max_i_to_ka),
                (flow.s_from_mva, network.max_s_mva),
                (flow.s_to_mva, network.max_s_mva),
            )
        ),
    )


def violation(excesses: tuple[Floats, ...], allowed: float) -> Floats:
    """[n_steps] sum of what is beyond the limits, percent, where at most `allowed` counts as none."""
    parts = [np.where(e > allowed, e, 0.0).sum(axis=1) for e in excesses]
    total: Floats = np.sum(parts, axis=0)
    return total


def worst(excesses: tuple[Floats, ...]) -> Floats:
    """[n_steps] largest excess, percent."""
    parts = [e.max(axis=1, initial=-np.inf) for e in excesses]
    largest: Floats = np.max(parts, axis=0)
    return largest


def rows_of(masks: list[NDArray[np.bool_]]) -> Rows:
    """Rows for everything marked in one mask per kind, ordered by step, kind, element."""
    found = [np.column_stack([np.argwhere(mask), np.full(int(mask.sum()), k)]) for k, mask in enumerate(masks)]
    table = np.concatenate(found)
    table = table[np.lexsort((table[:, 1], table[:, 2], table[:, 0]))]
    return Rows(step=table[:, 0], kind=table[:, 2], element=table[:, 1])


def no_rows() -> Rows:
    """No limit at all."""
    return Rows(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """Rows of one pair of kinds. place : each row's step in `at`; second : 1 for the pair's second kind."""

    network: Network
    flow: PowerFlow
    at: Sensitivities
    step: Ints
    place: Ints
    element: Ints
    second: Ints


def gradients(
    network: Network, flow: PowerFlow, at: Sensitivities, place: Ints, rows: Rows
) -> tuple[Floats, Floats]:
    """Derivatives of the rows' excess to P and Q at every bus: two [n_rows, n_bus], percent per MW or Mvar.

    place : [n_steps] position of a step in the arrays of `at`.
    """
    by_p, by_q = (np.zeros((len(rows), len(network.bus_ids))) for _ in range(2))
    step = place[rows.step]
    for kinds, fill in (((VM_HIGH, VM_LOW), _voltage), ((I_FROM, I_TO), _current), ((S_FROM, S_TO), _apparent)):
        chosen = np.flatnonzero(np.isin(rows.kind, kinds))
        if chosen.size:
            second = (rows.kind[chosen] == kinds[1]).astype(np.int64)
            ends = _Ends(network, flow, at, rows.step[chosen], step[chosen], rows.element[chosen], second)
            by_p[np.ix_(chosen, network.free)], by_q[np.ix_(chosen, network.free)] = fill(ends)
    return by_p, by_q


def _voltage(ends: _Ends) -> tuple[Floats, Floats]:
    by_p, by_q = ends.at.of_vm(ends.place, ends.element)
    sign = np.where(ends.second == 1, -100.0, 100.0)[:, None]
    return sign * by_p, sign * by_q


def _current(ends: _Ends) -> tuple[Floats, Floats]:
    by_p, by_q = ends.at.of_current(ends.place, ends.element, ends.second)
    network, branch = ends.network, ends.element
    limit = np.where(ends.second == 1, network.max_i_to_ka[branch], network.max_i_from_ka[branch])
    scale = 100.0 / limit[:, None]
    return by_p * scale, by_q * scale


def _apparent(ends: _Ends) -> tuple[Floats, Floats]:
    network, branch, at_to = ends.network, ends.element, ends.second == 1
    bus = np.where(at_to, network.to_bus[branch], network.from_bus[branch])
    mva_per_ka = BASE_MVA / np.where(at_to, network.i_to_ka[branch], network.i_from_ka[branch])
    i_ka = np.where(at_to, ends.flow.i_to_ka[ends.step, branch], ends.flow.i_from_ka[ends.step, branch])
    scale = 100.0 / network.max_s_mva[branch] * mva_per_ka
    by_v = (scale * i_ka)[:, None]
    by_i = (scale * ends.flow.vm_pu[ends.step, bus])[:, None]
    vm_p, vm_q = ends.at.of_vm(ends.place, bus)
    i_p, i_q = ends.at.of_current(ends.place, branch, ends.second)
    return by_v * vm_p + by_i * i_p, by_v * vm_q + by_i * i_q


def weights_of(network: Network, flow: PowerFlow, rows: Rows) -> Complexes:
    """[n_rows, n_bus] weights w, percent per pu, with which a row's excess changes by Re(w dV)."""
    weights = np.zeros((len(rows), len(network.bus_ids)), dtype=np.complex128)
    turn: Complexes = (np.conj(flow.v) / flow.vm_pu).astype(np.complex128)
    high, low = rows.kind == VM_HIGH, rows.kind == VM_LOW
    for chosen, percent in ((high, 100.0), (low, -100.0)):
        weights[chosen, rows.element[chosen]] = percent * turn[rows.step[chosen], rows.element[chosen]]
    for kinds in ((I_FROM, S_FROM), (I_TO, S_TO)):
        _add_branch_ends(network, flow, rows, turn, weights, kinds)
    return weights


def _add_branch_ends(
    network: Network, flow: PowerFlow, rows: Rows, turn: Complexes, weights: Complexes, kinds: tuple[int, int]
) -> None:
    """Currents and apparent powers at one end of the branches; |S| = |V| |I|."""
    at_to = kinds[0] == I_TO
    chosen = np.flatnonzero(np.isin(rows.kind, kinds))
    step, branch = rows.step[chosen], rows.element[chosen]
    y = (network.y_to if at_to else network.y_from)[branch]
    a, b = network.from_bus[branch], network.to_bus[branch]
    bus = b if at_to else a
    i = y[:, 0] * flow.v[step, a] + y[:, 1] * flow.v[step, b]
    size = np.abs(i)
    along = np.where(size > 0.0, np.conj(i) / np.where(size > 0.0, size, 1.0), 0.0)
    limit_ka = (network.max_i_to_ka if at_to else network.max_i_from_ka)[branch]
    kilo_ampere = (network.i_to_ka if at_to else network.i_from_ka)[branch]
    is_power = rows.kind[chosen] == kinds[1]
    power = 100.0 * BASE_MVA / network.max_s_mva[branch]
    by_i = np.where(is_power, power * flow.vm_pu[step, bus], 100.0 * kilo_ampere / limit_ka)
    np.add.at(weights, (chosen, a), by_i * along * y[:, 0])
    np.add.at(weights, (chosen, b), by_i * along * y[:, 1])
    np.add.at(weights, (chosen, bus), np.where(is_power, power * size, 0.0) * turn[step, bus])
