"""Linear and convex quadratic programmes for HiGHS, PIQP and Clarabel: one thread, fixed seeds, same answer again.

PIQP (R. Schwan, Y. Jiang, D. Kuhn and C. N. Jones, "PIQP: A Proximal Interior-Point Quadratic Programming Solver",
CDC 2023) takes quadratic programmes, dense or sparse; where it finds no answer Clarabel gets its turn.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import clarabel
import highspy
import numpy as np
import piqp
from scipy import sparse

from engine.grid.network import Ints
from engine.reading import Floats

FEASIBILITY = 1e-9
HIGHS_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "solver": "simplex",
    "random_seed": 0,
    "primal_feasibility_tolerance": FEASIBILITY,
    "dual_feasibility_tolerance": FEASIBILITY,
}
CLARABEL_OPTIONS: dict[str, bool | int | float] = {
    "verbose": False,
    "max_threads": 1,
    "tol_feas": 1e-10,
    "tol_gap_abs": 1e-10,
    "tol_gap_rel": 1e-10,
    "reduced_tol_feas": 1e-7,
    "reduced_tol_gap_abs": 1e-7,
    "reduced_tol_gap_rel": 1e-7,
    "presolve_enable": False,
}
# Below this many columns presolving takes longer than it saves.
PRESOLVED_FROM = 50_000
PIQP_OPTIONS: dict[str, bool | int | float] = {"eps_abs": 1e-10, "eps_rel": 1e-10, "max_iter": 100}

# A plain array or a sparse one, which has no types.
Matrix = Any


@dataclass(slots=True)
class Clock:
    """Seconds spent inside each solver; reported, never decided upon."""

    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, since: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - since


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """min cost x + x quadratic x / 2 subject to lower <= x <= upper and row_lower <= matrix x <= row_upper.

    quadratic is None for a linear programme, else symmetric positive semidefinite. Both matrices are dense arrays
    in a small programme, sparse in a large one. is_chain : rows and second-order part join neighbours only, as
    steps of a day do, so a solver may go along it.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    matrix: Matrix
    row_lower: Floats
    row_upper: Floats
    quadratic: Matrix = None
    is_chain: bool = False

    @property
    def is_dense(self) -> bool:
        """Whether the matrices are plain arrays."""
        return isinstance(self.matrix, np.ndarray)


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Outcome: `optimal`, the solver's own word for it, values x : [n_columns], multipliers : [n_rows].

    A multiplier is what the cost falls by for each unit the row's end is moved outward: positive at its upper
    end, negative at its lower.
    """

    optimal: bool
    word: str
    x: Floats
    multipliers: Floats


def minimise(programme: Programme, clock: Clock | None = None) -> Solution:
    """Solve; a linear programme gives a vertex, a quadratic one its optimum to about 1e-9."""
    p = programme
    if not len(p.cost):
        feasible = bool((p.row_upper >= -FEASIBILITY).all() and (p.row_lower <= FEASIBILITY).all())
        return Solution(feasible, "Optimal" if feasible else "Infeasible", np.zeros(0), np.zeros(len(p.row_upper)))
    since = time.perf_counter()
    is_linear = p.quadratic is None or not (p.quadratic.any() if p.is_dense else p.quadratic.nnz)
    solution = _highs(p) if is_linear else _piqp(p)
    if clock is not None:
        clock.add("highs" if is_linear else "piqp", since)
    if not is_linear and not solution.optimal:
        since = time.perf_counter()
        solution = _clarabel(p)
        if clock is not None:
            clock.add("clarabel", since)
    return solution


def highs_model(p: Programme) -> highspy.HighsLp:
    """The linear part as HiGHS takes it."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(p.cost), len(p.row_upper)
    model.col_cost_, model.col_lower_, model.col_upper_ = p.cost, p.lower, p.upper
    model.row_lower_, model.row_upper_ = p.row_lower, p.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = _by_row(p.matrix)
    return model


def _by_row(matrix: Matrix) -> tuple[Ints, Ints, Floats]:
    """Where each row starts, columns and values of what is not zero."""
    if not isinstance(matrix, np.ndarray):
        sparse_rows = matrix.tocsr()
        return sparse_rows.indptr, sparse_rows.indices, sparse_rows.data
    used = matrix != 0.0
    return np.concatenate([[0], np.cumsum(used.sum(axis=1))]), np.nonzero(used)[1], matrix[used]


def highs_solver(model: highspy.HighsLp, **options: bool | int | float | str) -> highspy.Highs:
    """HiGHS with the model passed and our options set."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (HIGHS_OPTIONS | options).items():
        solver.setOptionValue(name, value)
    solver.passModel(model)
    return solver


def _highs(p: Programme) -> Solution:
    presolve = "off" if len(p.cost) <= PRESOLVED_FROM else "choose"
    solver = highs_solver(highs_model(p), presolve=presolve)
    solver.run()
    status = solver.getModelStatus()
    found = solver.getSolution()
    return Solution(
        optimal=status == highspy.HighsModelStatus.kOptimal,
        word=solver.modelStatusToString(status),
        x=np.clip(np.array(found.col_value), p.lower, p.upper) if found.col_value else np.zeros(len(p.cost)),
        multipliers=-np.array(found.row_dual),
    )


def _clarabel(p: Programme) -> Solution:
    """Equal ends become equations, every other finite end an inequality."""
    n = len(p.cost)
    matrix = sparse.csr_matrix(p.matrix)
    fixed = p.lower == p.upper
    unit = sparse.identity(n, format="csr")
    equal = p.row_lower == p.row_upper
    above, below = ~equal & np.isfinite(p.row_upper), ~equal & np.isfinite(p.row_lower)
    top, bottom = ~fixed & np.isfinite(p.upper), ~fixed & np.isfinite(p.lower)
    a = sparse.vstack(
        [matrix[equal], unit[fixed], matrix[above], -matrix[below], unit[top], -unit[bottom]], format="csc"
    )
    b = np.concatenate(
        [
            p.row_upper[equal],
            p.upper[fixed],
            p.row_upper[above],
            -p.row_lower[below],
            p.upper[top],
            -p.lower[bottom],
        ]
    )
    n_equal = int(equal.sum() + fixed.sum())
    cones = [clarabel.ZeroConeT(n_equal), clarabel.NonnegativeConeT(len(b) - n_equal)]
    settings = clarabel.DefaultSettings()
    for name, value in CLARABEL_OPTIONS.items():
        setattr(settings, name, value)
    quadratic = sparse.csc_matrix(sparse.triu(p.quadratic))
    found = clarabel.DefaultSolver(quadratic, p.cost, a, b, [c for c in cones if c.dim], settings).solve()
    word = str(found.status)
    z = np.array(found.z)
    multipliers = np.zeros(len(p.row_upper))
    ends = np.cumsum([equal.sum(), fixed.sum(), above.sum(), below.sum()])
    multipliers[equal] = z[: ends[0]]
    multipliers[above] += z[ends[1] : ends[2]]
    multipliers[below] -= z[ends[2] : ends[3]]
    return Solution(
        word in ("Solved", "AlmostSolved"), word, np.clip(np.array(found.x), p.lower, p.upper), multipliers
    )


def _piqp(p: Programme) -> Solution:
    """Variables without room are taken out, equal ends become equations."""
    room = p.lower < p.upper
    if not room.any():
        return _clarabel(p)
    fixed = np.where(room, 0.0, p.lower)
    quadratic, matrix = p.quadratic, p.matrix
    cost = (p.cost + quadratic @ fixed)[room] if fixed.any() else p.cost[room]
    shift = matrix @ fixed
    low, high = p.row_lower - shift, p.row_upper - shift
    equal = p.row_lower == p.row_upper
    between = ~equal & (np.isfinite(p.row_lower) | np.isfinite(p.row_upper))
    solver = piqp.DenseSolver() if p.is_dense else piqp.SparseSolver()
    shaped = np.asfortranarray if p.is_dense else sparse.csc_matrix
    for name, value in PIQP_OPTIONS.items():
        setattr(solver.settings, name, value)
    if not p.is_dense and p.is_chain:
        solver.settings.kkt_solver = piqp.sparse_multistage
    if not room.all():
        quadratic, matrix = quadratic[room][:, room], matrix[:, room]
    equations = shaped(matrix[equal]), high[equal]
    inequalities = shaped(matrix[between]), low[between], high[between]
    solver.setup(shaped(quadratic), cost, *equations, *inequalities, p.lower[room], p.upper[room])
    status = solver.solve()
    found = solver.result
    x, multipliers = fixed.copy(), np.zeros(len(low))
    x[room] = found.x
    multipliers[equal] = found.y
    multipliers[between] = found.z_u - found.z_l
    return Solution(status == piqp.PIQP_SOLVED, status.name, np.clip(x, p.lower, p.upper), multipliers)
