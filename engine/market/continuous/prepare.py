"""From a network and its baseline to the arrays of each step."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.grid.case import Grid as GridDocument
from engine.grid.controls import AT_MAX, AT_MIN, HELD
from engine.grid.network import BASE_MVA, Ints, Network
from engine.grid.powerflow import PowerFlow, power_flow
from engine.market.continuous.arrays import (
    HAS_INVERSE,
    MARK,
    NOW,
    V_IM,
    V_RE,
    Cuts,
    Grid,
    P,
    Q,
    Rights,
    State,
    Work,
)
from engine.market.continuous.flow import FRESH_BUSES_MAX
from engine.market.continuous.linear import LinearFlows, linear_flows
from engine.reading import Floats

CUTS_MAX = 64
MARKS_SEED = 0


class Steps:
    """The grid and the operating point of every step before the first match.

    converged : [n_steps], whether the baseline has a solution; order : [n_bus] buses as the arrays have them;
    number : [n_bus] place of each bus in that order.
    """

    def __init__(self, grid: GridDocument, network: Network, p_mw: Floats, q_mvar: Floats, physics: str) -> None:
        self.network, self.p_mw, self.q_mvar = network, p_mw, q_mvar
        self.order = np.append(network.free, network.coupling)
        self.number = np.argsort(self.order)
        self.is_linear = physics == "linear"
        if self.is_linear:
            linear = linear_flows(grid, network)
            self._flow, self._flows_mw = None, linear.flows(p_mw)
            self._shared = _shared_arrays(network, self.order, linear.shift_factors)
            self._bus_limit, self._end_limit = _linear_limits(network, linear, self._flows_mw)
            self.converged: NDArray[np.bool_] = np.ones(len(p_mw), dtype=np.bool_)
        else:
            self._flow = power_flow(network, p_mw, q_mvar)
            self._flows_mw = np.zeros((len(p_mw), len(network.branch_ids)))
            self._shared = _shared_arrays(network, self.order, np.zeros((0, len(self.order))))
            self._bus_limit, self._end_limit = _ac_limits(network, self._flow)
            self.converged = self._flow.converged

    def grid(self, step: int) -> Grid:
        """Arrays of one step; limits violated at the baseline are their baseline values."""
        return Grid(
            is_linear=self.is_linear,
            n_free=len(self.network.free),
            bus_limit=np.ascontiguousarray(self._bus_limit[step]),
            end_limit=np.ascontiguousarray(self._end_limit[step]),
            **self._shared,
        )

    def set_out(self, state: State, step: int) -> None:
        """Put a state to the baseline of a step, without matches."""
        point, work = state.points[NOW], state.work
        point[P], point[Q] = self.p_mw[step, self.order], self.q_mvar[step, self.order]
        state.flows[:] = 0.0
        state.flows[0] = self._flows_mw[step]
        work.counts[:HAS_INVERSE] = 0
        state.cuts.way[:] = 0.0
        if len(self.network.free) <= FRESH_BUSES_MAX:
            work.counts[HAS_INVERSE] = 0
        if self._flow is not None:
            v = self._flow.v[step, self.order]
            point[V_RE], point[V_IM] = v.real, v.imag
            at_max = self._flow.control_q_mvar[step] >= self.network.controls.q_max_mvar
            work.modes[NOW] = np.where(self._flow.held[step], HELD, np.where(at_max, AT_MAX, AT_MIN))

    def new_state(self, rights_max: int) -> State:
        """Empty arrays with room for so many rights."""
        network = self.network
        sizes = (len(network.free), len(network.branch_ids), len(network.controls))
        return _empty_state(*sizes, rights_max, self.is_linear)


def _shared_arrays(network: Network, order: Ints, shift_factors: Floats) -> dict[str, Any]:
    """What the steps share; shift_factors : [n_branch or 0, n_bus] by the buses of the network."""
    number = np.argsort(order)
    y = network.admittance[network.free][:, order].tocsr()
    y.sort_indices()
    a, b = number[network.from_bus], number[network.to_bus]
    own = np.stack([network.y_from[:, 0], network.y_to[:, 1]], axis=1).ravel()
    far = np.stack([network.y_from[:, 1], network.y_to[:, 0]], axis=1).ravel()
    controls = network.controls
    return {
        "row_start": y.indptr.astype(np.int64),
        "column": y.indices.astype(np.int64),
        "y": np.stack([y.data.real, y.data.imag]),
        "end_bus": np.stack([np.stack([a, b], axis=1).ravel(), np.stack([b, a], axis=1).ravel()], axis=1),
        "end_y": np.stack([own.real, own.imag, far.real, far.imag], axis=1),
        "control_bus": number[controls.bus],
        "control": np.stack([controls.vm_pu, controls.q_min_mvar / BASE_MVA, controls.q_max_mvar / BASE_MVA]),
        "shift_factors": shift_factors[:, order].copy(),
    }


def _ac_limits(network: Network, flow: PowerFlow) -> tuple[Floats, Floats]:
    """Limits of every step: [n_steps, 2, n_free] and [n_steps, 2, n_ends] pu."""
    free, vm = network.free, flow.vm_pu[:, network.free]
    low = network.vm_min_pu[free]
    i = _ends(flow.i_from_ka / network.i_from_ka, flow.i_to_ka / network.i_to_ka)
    s = _ends(flow.s_from_mva, flow.s_to_mva) / BASE_MVA
    i_max = _ends(network.max_i_from_ka / network.i_from_ka, network.max_i_to_ka / network.i_to_ka)
    s_max = _ends(network.max_s_mva, network.max_s_mva) / BASE_MVA
    bus = [np.maximum(network.vm_max_pu[free], vm), np.where(low > 0.0, np.minimum(low, vm), 0.0)]
    return np.stack(bus, axis=1), np.stack([np.maximum(i_max, i), np.maximum(s_max, s)], axis=1)


def _linear_limits(network: Network, linear: LinearFlows, flows_mw: Floats) -> tuple[Floats, Floats]:
    """The same for active-power flows [n_steps, n_branch], without voltages."""
    n_steps, n = len(flows_mw), len(network.free)
    most = np.maximum(linear.p_max_mw, np.abs(flows_mw)) / BASE_MVA
    end = np.stack([_ends(most, most), np.full((n_steps, 2 * most.shape[1]), np.inf)], axis=1)
    return np.tile(np.array([np.inf, 0.0])[:, None], (n_steps, 1, n)), end


def _ends(at_from: Floats, at_to: Floats) -> Floats:
    """Values by branch at both ends, [..., n_branch] each, to [..., n_ends]."""
    ends: Floats = np.stack([at_from, at_to], axis=-1).reshape(*at_from.shape[:-1], -1)
    return ends


def _empty_state(n: int, n_branch: int, n_controls: int, rights_max: int, is_linear: bool) -> State:
    n_ends, n_cases = 2 * n_branch, 2 * n + 8 * n_branch
    side = 0 if is_linear else 2 * n
    right = np.zeros((rights_max, 4), dtype=np.int64)
    right[:, MARK] = np.random.default_rng(MARKS_SEED).integers(1, 2**62, rights_max)
    return State(
        points=np.zeros((4, 4, n + 1)),
        flows=np.zeros((3, n_branch)),
        work=Work(
            bus=np.zeros((9, n + 1)),
            pairs=np.zeros((6, 2 * n)),
            end=np.zeros((4, n_ends)),
            inverse=np.zeros((2, side, side)),
            modes=np.zeros((5, n_controls), dtype=np.int64),
            counts=np.zeros(HAS_INVERSE + 1, dtype=np.int64),
        ),
        rights=Rights(
            right=right,
            injection=np.zeros(rights_max),
            response=np.zeros((2, n + 1, side)),
            by_voltage=np.zeros((2, n + 1, side // 2)),
            by_current=np.zeros((2, n + 1, 0 if is_linear else n_ends, 2)),
            has_response=np.zeros((2, n + 1), dtype=np.int64),
            along=np.zeros((n_ends, 8)),
            key=np.zeros(n_cases, dtype=np.int64),
            forecast=np.zeros(n_cases),
            exercised=np.zeros(rights_max, dtype=np.int64),
            by=np.zeros((2, n + 1)),
        ),
        cuts=Cuts(
            cut=np.zeros((CUTS_MAX, 2), dtype=np.int64),
            value=np.zeros(CUTS_MAX),
            by=np.zeros((CUTS_MAX, 2, n + 1)),
            made=np.zeros((CUTS_MAX, 4)),
            doubt=np.zeros(CUTS_MAX),
            way=np.zeros(1),
        ),
    )
