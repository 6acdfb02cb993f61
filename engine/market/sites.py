"""Where variables act: limits and losses see the net change of P or Q at a bus and step, not who makes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from engine.grid.network import Ints
from engine.market.columns import Columns
from engine.market.limits import Rows
from engine.reading import Floats

Flags = NDArray[np.integer] | NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Where columns act: one entry per (step, bus, P or Q), by step; of : [n_chosen] a column's entry or -1."""

    step: Ints
    bus: Ints
    reactive: Ints
    of: Ints

    def __len__(self) -> int:
        return len(self.step)


def sites_of(columns: Columns, chosen: Ints, n_bus: int) -> Sites:
    """The sites of chosen columns; a storage's level has none."""
    acts = columns.sign[chosen] != 0.0
    key = (columns.step[chosen] * 2 + columns.reactive[chosen]) * n_bus + columns.bus[chosen]
    keys, inverse = np.unique(key[acts], return_inverse=True)
    of = np.full(len(chosen), -1, dtype=np.int64)
    of[acts] = inverse
    return Sites(keys // (2 * n_bus), keys % n_bus, keys // n_bus % 2, of)


def limits_by(
    rows: Rows, by: tuple[Floats, Floats], step: Ints, bus: Ints, reactive: Flags, sign: Floats | None = None
) -> sparse.csr_matrix:
    """[n_rows, n_places] derivatives of limits to changes at places (step, bus, P or Q) that ascend by step.

    by : two [n_rows, n_bus] percent per MW and Mvar; sign : [n_places] the injection per unit of a change.
    """
    last = int(max(step.max(initial=-1), rows.step.max(initial=-1)))
    first = np.searchsorted(step, np.arange(last + 2))
    width = np.diff(first)[rows.step]
    indptr = np.concatenate([[0], np.cumsum(width)])
    row = np.repeat(np.arange(len(rows)), width)
    index = np.arange(indptr[-1]) + (first[rows.step] - indptr[:-1])[row]
    values = np.where(reactive[index] == 1, by[1][row, bus[index]], by[0][row, bus[index]])
    if sign is not None:
        values = values * sign[index]
    return sparse.csr_matrix((values, index, indptr), shape=(len(rows), len(step)))


def small_limits_by(
    rows: Rows, by: tuple[Floats, Floats], step: Ints, bus: Ints, reactive: Flags, sign: Floats
) -> Floats:
    """The same as a plain array, for a few hundred places."""
    values = np.where(reactive == 1, by[1][:, bus], by[0][:, bus]) * sign
    found: Floats = np.where(rows.step[:, None] == step, values, 0.0)
    return found
