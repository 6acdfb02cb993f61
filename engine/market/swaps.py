"""How much more a whole swap pays than its first watt, since the AC grid bends.

When a rejected variable takes the place of others, what the limits are worth to it changes on the way. Along that
way, the others answering so that the limits still hold, the cost is a parabola; where it curves down, its last
watt is worth more than its first one. (Second-order directional derivative of the optimal value: J. Nocedal and
S. J. Wright, "Numerical Optimization", 2006, sections 12.5 and 16.1; the Hessian as in `curvature`, here without
the parts between two rejected variables.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from engine.grid.network import BASE_MVA, Complexes, Ints, Network
from engine.market.columns import LEVEL
from engine.market.limits import I_TO, S_FROM, S_TO, VM_HIGH, VM_LOW
from engine.market.linear import LinearProblem
from engine.market.prices import Prices
from engine.market.problem import Problem
from engine.market.search import Outcome
from engine.reading import Floats

INNER_MW = 1e-6
PRICED_EUR_PER_PERCENT = 1e-9
HELD = 1e-7
MOVES = 1e-9
RANK = 1e-12


def rises(problem: Problem, outcome: Outcome, prices: Prices, asked: Ints) -> Floats:
    """[n_asked] EUR/MWh by which rejected variables' changes gain worth until they are taken whole, 0 or more.

    asked : positions in the problem's columns, by step. Rows over several steps are left out: their variables
    answer as if the other steps cost nothing more. Nothing bends on linear physics.
    """
    found = np.zeros(len(asked))
    if isinstance(problem, LinearProblem):
        return found
    columns, x = problem.columns, outcome.point.x
    step = columns.step[asked]
    inner = np.flatnonzero(
        (columns.kind != LEVEL) & (x > columns.lower + INNER_MW) & (x < columns.upper - INNER_MW)
    )
    links = _held_in_a_step(problem, outcome, np.concatenate([inner, asked]))
    for one in np.unique(step[prices.derivatives.place[step] >= 0]):
        here = np.flatnonzero(step == one)
        state = State(problem, outcome, prices, int(one))
        found[here] = state.rises(inner[columns.step[inner] == one], asked[here], links)
    return found


def _held_in_a_step(problem: Problem, outcome: Outcome, moving: Ints) -> sparse.csc_matrix | None:
    """[n_held, n_columns] rows over moving columns that hold and lie in one step: balances, links, inverters."""
    links = outcome.links
    if not len(links.upper):
        return None
    reached = links.matrix @ outcome.point.x
    moves = np.zeros(len(problem.columns))
    moves[moving] = 1.0
    touched = abs(links.matrix) @ moves > 0.0
    matrix = links.matrix[touched & ((reached >= links.upper - HELD) | (reached <= links.lower + HELD))]
    if not matrix.shape[0]:
        return None
    step, start = problem.columns.step[matrix.indices], matrix.indptr[:-1]
    within = np.minimum.reduceat(step, start) == np.maximum.reduceat(step, start)
    return matrix[within].tocsc() if within.any() else None


@dataclass(frozen=True, slots=True, eq=False)
class _Bend:
    """A part of the limits' second derivatives, weight (a b' + b a') / 2; a, b : [n] for each variable."""

    weight: float
    a: Floats
    b: Floats


class State:
    """The optimum in one step. slopes : [n_bus] EUR per MW less j EUR per Mvar, gradient of import and limits."""

    def __init__(self, problem: Problem, outcome: Outcome, prices: Prices, step: int) -> None:
        at, hours = prices.derivatives.at, problem.case.time.hours
        assert at is not None
        self.network, self.columns, self.by, self.hours = problem.network, problem.columns, prices.by, hours
        self.x, place = outcome.point.x, int(prices.derivatives.place[step])
        self.v, self.dv = at.v[place], (at.dv_dp[place], at.dv_dq[place])
        self.rows = np.flatnonzero((prices.rows.step == step) & (prices.worth > PRICED_EUR_PER_PERCENT))
        self.limits, self.worth = prices.rows.chosen(self.rows), prices.worth[self.rows] * hours
        price = prices.total[:, step] * hours
        if problem.case.options.clearing != "network":
            price[0] += problem.energy_cost[step]
        self.slopes = -price[0] + 1j * price[1]
        self.slopes[self.network.coupling] = 0.0

    def rises(self, inner: Ints, asked: Ints, links: sparse.csc_matrix | None) -> Floats:
        """[n_asked] as the function of this name; inner : variables that can answer."""
        columns = self.columns
        own, taken = (
            np.zeros((0, len(who))) if links is None else links[:, who].toarray() for who in (asked, inner)
        )
        key = (columns.bus[asked] * 2 + columns.reactive[asked]) * 2 + (columns.sign[asked] > 0)
        if own.any():
            _, key = np.unique(np.vstack([key, own]), axis=1, return_inverse=True)
        _, first, of = np.unique(key, return_index=True, return_inverse=True)
        n, both = len(inner), np.concatenate([inner, asked[first]])
        hessian, diagonal = self.curvature(both, n)
        bus, reactive = columns.bus[both], columns.reactive[both].astype(np.int64)
        slope = self.by[reactive[:, None], self.rows, bus[:, None]].T * columns.sign[both]
        slope = np.vstack([slope, np.hstack([taken, own[:, first]])])
        answer = _answer(hessian[:, :n], slope[:, :n], hessian[:, n:], slope[:, n:])
        curve = diagonal[n:] + (answer * (2.0 * hessian[:, n:] + hessian[:, :n] @ answer)).sum(axis=0)
        room = _room(answer, self.x[inner], columns.lower[inner], columns.upper[inner])
        reach = np.minimum(columns.upper[asked], room[of])
        rise: Floats = np.maximum(-curve[of] * reach / self.hours, 0.0)
        return rise

    def curvature(self, both: Ints, n: int) -> tuple[Floats, Floats]:
        """[n, n_both] second derivatives, EUR per MW^2, to the first n variables and all, and [n_both] to one."""
        columns, network = self.columns, self.network
        if not len(network.free):
            return np.zeros((n, len(both))), np.zeros(len(both))
        spot = np.full(len(network.bus_ids), -1)
        spot[network.free] = np.arange(len(network.free))
        at, turn = spot[columns.bus[both]], columns.sign[both] * (spot[columns.bus[both]] >= 0)
        d: Complexes = np.where(columns.reactive[both], self.dv[1][:, at], self.dv[0][:, at]) * turn
        back = self._conjugate_currents(both, d)
        weighted = -(BASE_MVA * self.slopes)[:, None] * d
        hessian = np.real(weighted[:, :n].T @ back) + np.real(weighted.T @ back[:, :n]).T
        diagonal = 2.0 * np.real(np.einsum("bk,bk->k", weighted, back))
        for bend in self._bends(d):
            product = np.outer(bend.a[:n], bend.b) + np.outer(bend.b[:n], bend.a)
            hessian += 0.5 * bend.weight * product
            diagonal += bend.weight * bend.a * bend.b
        return hessian, diagonal

    def _conjugate_currents(self, both: Ints, d: Complexes) -> Complexes:
        """[n_bus, n_both] derivatives of conj(Y V), by V conj(Y V) = S where S is given."""
        columns, network = self.columns, self.network
        back: Complexes = -(np.conj(network.y_bus @ self.v) / self.v)[:, None] * d
        own = columns.sign[both] * np.where(columns.reactive[both], 1j, 1.0) / BASE_MVA
        back[columns.bus[both], np.arange(len(both))] += own / self.v[columns.bus[both]]
        free = np.append(network.controls.bus, network.coupling)
        back[free] = np.conj(network.y_bus[free] @ d)
        return back

    def _bends(self, d: Complexes) -> Iterator[_Bend]:
        for kind, element, price in zip(self.limits.kind, self.limits.element, self.worth, strict=True):
            if kind in (VM_HIGH, VM_LOW):
                yield _across(self.v[element], d[element], price * (100.0 if kind == VM_HIGH else -100.0))
            else:
                yield from _of_branch(self.network, self.v, d, int(element), int(kind), price)


def _across(z: complex, d: Complexes, price: float) -> _Bend:
    """Of price |z| where z is linear with derivatives d : [n]."""
    turned = np.imag(np.conj(z) / abs(z) * d) if z else np.zeros(len(d))
    return _Bend(price / abs(z) if z else 0.0, turned, turned)


def _of_branch(
    network: Network, v: Complexes, d: Complexes, branch: int, kind: int, price: float
) -> Iterator[_Bend]:
    """Of a branch's |I| in kA, or of its |S| = |V| |I|, in percent of the limit."""
    at_to = kind in (I_TO, S_TO)
    y = (network.y_to if at_to else network.y_from)[branch]
    a, b = network.from_bus[branch], network.to_bus[branch]
    i, di = complex(y[0] * v[a] + y[1] * v[b]), y[0] * d[a] + y[1] * d[b]
    if kind not in (S_FROM, S_TO):
        limit = (network.max_i_to_ka if at_to else network.max_i_from_ka)[branch]
        kilo_ampere = (network.i_to_ka if at_to else network.i_from_ka)[branch]
        yield _across(i, di, price * 100.0 * kilo_ampere / limit)
        return
    bus = b if at_to else a
    scale = price * 100.0 * BASE_MVA / network.max_s_mva[branch]
    yield _across(v[bus], d[bus], scale * abs(i))
    yield _across(i, di, scale * abs(v[bus]))
    if i:
        along = (np.real(np.conj(z) / abs(z) * dz) for z, dz in ((v[bus], d[bus]), (i, di)))
        yield _Bend(2.0 * scale, *along)


def _answer(hessian: Floats, slope: Floats, mixed: Floats, forced: Floats) -> Floats:
    """[n_inner, n_sites] moves of the variables between their bounds per MW of change at a site, at least cost."""
    n, both = len(hessian), len(hessian) + len(slope)
    system = np.zeros((both, both))
    system[:n, :n], system[n:, :n], system[:n, n:] = hessian, slope, slope.T
    values, vectors = np.linalg.eigh(system)
    size = np.abs(values)
    sure = size > RANK * size.max(initial=0.0)
    turned = vectors[:, sure].T @ np.vstack([mixed, forced]) / values[sure, None]
    answer: Floats = -vectors[:n, sure] @ turned
    return answer


def _room(answer: Floats, x: Floats, lower: Floats, upper: Floats) -> Floats:
    """[n_sites] MW until the first of the answering variables meets a bound."""
    ends = np.where(answer > 0, (upper - x)[:, None], (lower - x)[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(np.abs(answer) > MOVES, ends / answer, np.inf)
    least: Floats = room.min(axis=0, initial=np.inf)
    return least
