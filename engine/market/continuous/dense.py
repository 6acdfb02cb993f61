"""Small dense operations for compiled functions; spelled out, since they compile faster than array expressions."""

from __future__ import annotations

from engine.market.continuous.compiled import compiled
from engine.reading import Floats


@compiled
def fill(row: Floats, value: float) -> None:
    """Set all values of a row."""
    for k in range(row.size):
        row[k] = value


@compiled
def copy(source: Floats, target: Floats) -> None:
    """Copy a row."""
    for k in range(target.size):
        target[k] = source[k]


@compiled
def multiply(rows: Floats, x: Floats, out: Floats) -> None:
    """out = rows^T x, row by row so that sums keep their order and run in vector registers."""
    fill(out, 0.0)
    for j in range(x.size):
        factor = x[j]
        row = rows[j]
        for k in range(out.size):
            out[k] += factor * row[k]


@compiled
def invert(matrix: Floats, inverse: Floats) -> None:
    """Gauss-Jordan elimination with row pivots; leaves `matrix` changed, and infinities where it is singular."""
    n = matrix.shape[0]
    for i in range(n):
        fill(inverse[i], 0.0)
        inverse[i, i] = 1.0
    for i in range(n):
        pivot = i
        for j in range(i + 1, n):
            if abs(matrix[j, i]) > abs(matrix[pivot, i]):
                pivot = j
        for k in range(n):
            matrix[i, k], matrix[pivot, k] = matrix[pivot, k], matrix[i, k]
            inverse[i, k], inverse[pivot, k] = inverse[pivot, k], inverse[i, k]
        scale = 1.0 / matrix[i, i]
        for k in range(n):
            matrix[i, k] *= scale
            inverse[i, k] *= scale
        for j in range(n):
            factor = matrix[j, i]
            if j != i and factor != 0.0:
                _subtract(matrix[i], factor, matrix[j])
                _subtract(inverse[i], factor, inverse[j])


@compiled
def _subtract(row: Floats, factor: float, target: Floats) -> None:
    for k in range(target.size):
        target[k] -= factor * row[k]
