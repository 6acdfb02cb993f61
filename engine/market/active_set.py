"""A programme solved from a guess of what holds: one sparse linear system where the guess is right.

From one linearisation to the next the same bounds and limits hold, so the stationarity conditions with those held
as equations give the answer at once, exact to rounding; where a sign or bound disagrees the guess is mended and
tried again. (M. Hintermueller, K. Ito and K. Kunisch, "The primal-dual active set strategy as a semismooth Newton
method", SIAM J. Optim. 13, 2002.)
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from engine.grid.network import Ints
from engine.market.program import Clock, Matrix, Programme, Solution
from engine.reading import Floats

TURNS_MAX = 12
HOLDS = 1e-9
GUESS = 1e-6
WRONG_SIGN = 1e-9
REGULAR = 1e-13
RESIDUAL = 1e-8

Sides = NDArray[np.int8]


def refine(programme: Programme, start: Floats, row_side: Sides, clock: Clock | None = None) -> Solution | None:
    """The optimum found from a guess, or None where mending the guess does not end.

    start : [n_columns] values whose places at bounds are the guess; row_side : [n_rows] -1 or +1 where a row is
    held at its lower or upper end, 0 where not; rows with equal ends always are.
    """
    since = time.perf_counter()
    side = _sides(start, programme.lower, programme.upper)
    equal = programme.row_lower == programme.row_upper
    rows = np.where(equal, 1, row_side).astype(np.int8)
    found = _mend(programme, side, rows, equal)
    if clock is not None:
        clock.add("active_set", since)
    return found


def _sides(values: Floats, lower: Floats, upper: Floats) -> Sides:
    at_upper = values >= upper - GUESS
    sides: Sides = np.where(values <= lower + GUESS, -1, np.where(at_upper, 1, 0)).astype(np.int8)
    return sides


def _mend(p: Programme, side: Sides, rows: Sides, equal: NDArray[np.bool_]) -> Solution | None:
    matrix = p.matrix
    scale = 1.0 + np.abs(p.cost)
    for _ in range(TURNS_MAX):
        solved = _stationary(p, matrix, side, rows)
        if solved is None:
            return None
        z, multipliers = solved
        reached = matrix @ z
        gradient = p.cost + matrix.T @ multipliers
        if p.quadratic is not None:
            gradient = gradient + p.quadratic @ z
        below, above = z < p.lower - HOLDS, z > p.upper + HOLDS
        new_side = np.where(below, -1, np.where(above, 1, side))
        wrong = ((side < 0) & (gradient < -WRONG_SIGN * scale)) | ((side > 0) & (gradient > WRONG_SIGN * scale))
        new_side[wrong & (p.lower < p.upper)] = 0
        under, over = reached < p.row_lower - HOLDS, reached > p.row_upper + HOLDS
        new_rows = np.where(under, -1, np.where(over, 1, rows))
        bad = ~equal & (((rows > 0) & (multipliers < -WRONG_SIGN)) | ((rows < 0) & (multipliers > WRONG_SIGN)))
        new_rows[bad] = 0
        new_rows[equal] = 1
        if (new_side == side).all() and (new_rows == rows).all():
            return Solution(True, "Optimal", np.clip(z, p.lower, p.upper), multipliers)
        side, rows = new_side.astype(np.int8), new_rows.astype(np.int8)
    return None


def _stationary(p: Programme, matrix: Matrix, side: Sides, rows: Sides) -> tuple[Floats, Floats] | None:
    """Values and multipliers with the guess held as equations; None where that has no single answer."""
    free, held = np.flatnonzero(side == 0), np.flatnonzero(rows)
    z = np.where(side < 0, p.lower, np.where(side > 0, p.upper, 0.0))
    ends = np.where(rows[held] < 0, p.row_lower[held], p.row_upper[held])
    if not np.isfinite(ends).all() or (len(held) > 0 and len(free) == 0):
        return None
    active = matrix[held]
    own = active[:, free]
    right = [-p.cost[free], ends - active @ z]
    if p.quadratic is not None:
        right[0] = right[0] - (p.quadratic @ z)[free]
    system = (_dense if p.is_dense else _sparse)(p, own, free)
    wanted = np.concatenate(right)
    try:
        solution = np.linalg.solve(system, wanted) if p.is_dense else splu(system).solve(wanted)
    except (RuntimeError, np.linalg.LinAlgError):
        return None
    if not np.isfinite(solution).all() or np.abs(system @ solution - wanted).max(initial=0.0) > RESIDUAL:
        return None
    z[free] = solution[: len(free)]
    if np.abs(z).max(initial=0.0) > 1e6:
        return None
    multipliers = np.zeros(len(rows))
    multipliers[held] = solution[len(free) :]
    return z, multipliers


def _dense(p: Programme, own: Floats, free: Ints) -> Floats:
    """[n_free + n_held, n_free + n_held] stationarity above the held rows."""
    n = len(free)
    system = np.zeros((n + len(own), n + len(own)))
    if p.quadratic is not None:
        system[:n, :n] = p.quadratic[np.ix_(free, free)]
    system[:n, n:], system[n:, :n] = own.T, own
    diagonal = np.arange(len(system))
    system[diagonal, diagonal] += np.where(diagonal < n, REGULAR, -REGULAR)
    return system


def _sparse(p: Programme, own: sparse.csr_matrix, free: Ints) -> sparse.csc_matrix:
    """The same of sparse matrices."""
    n, m = len(free), own.shape[0]
    curved = sparse.csr_matrix((n, n)) if p.quadratic is None else p.quadratic[free][:, free]
    corner = REGULAR * sparse.identity(n), -REGULAR * sparse.identity(m)
    return sparse.bmat([[curved + corner[0], own.T], [own, corner[1]]], format="csc")
