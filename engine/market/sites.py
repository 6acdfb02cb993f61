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
) -> sparse.csc_matrix:
    """[n_rows, n_places] derivatives of limits, which ascend by step, to changes at places (step, bus, P or Q).

    by : two [n_rows, n_bus] percent per MW and Mvar; sign : [n_places] the injection per unit of a change.
    """
    last = int(max(step.max(initial=-1), rows.step.max(initial=-1)))
    first = np.searchsorted(rows.step, np.arange(last + 2))
    width = np.diff(first)[step]
    indptr = np.concatenate([[0], np.cumsum(width)])
    index = np.arange(indptr[-1]) - np.repeat(indptr[:-1] - first[step], width)
    where = np.repeat(bus, width)
    values = np.where(np.repeat(reactive, width) == 1, by[1][index, where], by[0][index, where])
    if sign is not None:
        values = values * np.repeat(sign, width)
    return sparse.csc_matrix((values, index, indptr), shape=(len(rows), len(step)))


def small_limits_by(
    rows: Rows, by: tuple[Floats, Floats], step: Ints, bus: Ints, reactive: Flags, sign: Floats
) -> Floats:
    """The same as a plain array, for a few hundred places."""
    values = np.where(reactive == 1, by[1][:, bus], by[0][:, bus]) * sign
    found: Floats = np.where(rows.step[:, None] == step, values, 0.0)
    return found


def charge_at(rows: Rows, by: tuple[Floats, Floats] | Floats, worth: Floats, n_steps: int) -> Floats:
    """[2, n_steps, n_bus] what limits at worth : [n_rows] each charge per MW (0) and Mvar (1) injected."""
    charge = np.zeros((2, n_steps, by[0].shape[1]))
    for total, slopes in zip(charge, by, strict=True):
        np.add.at(total, rows.step, worth[:, None] * slopes)
    return charge
