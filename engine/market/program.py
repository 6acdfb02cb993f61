"""A linear programme handed to HiGHS: one thread, simplex, fixed seed, so that equal input gives equal output."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from engine.reading import Floats

FEASIBILITY = 1e-9
OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "solver": "simplex",
    "random_seed": 0,
    "primal_feasibility_tolerance": FEASIBILITY,
    "dual_feasibility_tolerance": FEASIBILITY,
}


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Outcome: `optimal`, the solver's own word for it, values x : [n_columns], multipliers : [n_rows] >= 0."""

    optimal: bool
    word: str
    x: Floats
    multipliers: Floats


def minimise(cost: Floats, lower: Floats, upper: Floats, matrix: sparse.csr_matrix, row_upper: Floats) -> Solution:
    """min cost x subject to lower <= x <= upper, matrix x <= row_upper."""
    if not len(cost):
        feasible = bool((row_upper >= -FEASIBILITY).all())
        return Solution(feasible, "Optimal" if feasible else "Infeasible", np.zeros(0), np.zeros(len(row_upper)))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(cost), len(row_upper)
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, lower, upper
    model.row_lower_, model.row_upper_ = np.full(len(row_upper), -np.inf), row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in OPTIONS.items():
        solver.setOptionValue(name, value)
    solver.passModel(model)
    solver.run()
    status = solver.getModelStatus()
    found = solver.getSolution()
    return Solution(
        optimal=status == highspy.HighsModelStatus.kOptimal,
        word=solver.modelStatusToString(status),
        x=np.clip(np.array(found.col_value), lower, upper) if found.col_value else np.zeros(len(cost)),
        multipliers=np.maximum(-np.array(found.row_dual), 0.0),
    )
