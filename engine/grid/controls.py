"""Which voltage-controlled buses hold their voltage in a step, and which stand at a reactive limit.

A control holds while its reactive power stays within its limits. Beyond one it becomes a plain injection at that
limit, and holds again where that injection does more than was asked for: at the upper limit the voltage is above
the set point, at the lower one below it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.grid.case import Control
from engine.reading import Floats

HELD, AT_MAX, AT_MIN = 0, 1, -1
VM_TOLERANCE_PU = 1e-9
Q_TOLERANCE_MVAR = 1e-6
ROUNDS_TOGETHER = 8
ROUNDS_MAX = 200

Modes = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class ControlTable:
    """Voltage-controlled buses in the document's order, all : [n_controls]; bus : their indices."""

    bus: NDArray[np.int64]
    vm_pu: Floats
    q_min_mvar: Floats
    q_max_mvar: Floats

    def __len__(self) -> int:
        return len(self.bus)


def control_table(controls: Sequence[Control], index: Mapping[str, int]) -> ControlTable:
    """The controls of a grid as arrays; index : position of every bus id."""
    values = np.array([(c.vm_pu, c.q_min_mvar, c.q_max_mvar) for c in controls], dtype=np.float64).reshape(-1, 3)
    return ControlTable(np.array([index[c.bus] for c in controls], dtype=np.int64), *values.T.copy())


def first_modes(controls: ControlTable, n_steps: int) -> Modes:
    """[n_steps, n_controls] all held, but for those without any room."""
    fixed = controls.q_min_mvar >= controls.q_max_mvar
    return np.tile(np.where(fixed, AT_MAX, HELD).astype(np.int8), (n_steps, 1))


def limit_mvar(controls: ControlTable, modes: Modes) -> Floats:
    """[n_steps, n_controls] reactive power at the limits, 0 where a control holds."""
    at_limit = np.where(modes == AT_MAX, controls.q_max_mvar, controls.q_min_mvar)
    injected: Floats = np.where(modes == HELD, 0.0, at_limit)
    return injected


def next_modes(controls: ControlTable, modes: Modes, vm_pu: Floats, q_mvar: Floats, one_by_one: bool) -> Modes:
    """Modes after a solution with vm_pu and q_mvar : [n_steps, n_controls] at the controls.

    All wrong ones change at once, or only the worst of each step: a broken reactive limit before a control that
    could hold again, the largest first, ties in the document's order.
    """
    over, under = q_mvar - controls.q_max_mvar, controls.q_min_mvar - q_mvar
    lifted = vm_pu - controls.vm_pu
    has_room = controls.q_min_mvar < controls.q_max_mvar
    back = np.where(modes == AT_MAX, lifted, np.where(modes == AT_MIN, -lifted, -np.inf))
    back = np.where(has_room & (back > VM_TOLERANCE_PU), back, 0.0)
    beyond = np.where(modes == HELD, np.maximum(over, under), -np.inf)
    beyond = np.where(beyond > Q_TOLERANCE_MVAR, beyond, 0.0)
    changed = np.where(beyond > 0, np.where(over > under, AT_MAX, AT_MIN), modes)
    changed = np.where(back > 0, HELD, changed).astype(np.int8)
    if one_by_one and len(modes):
        # Limits rank before returns: a broken limit is at least as heavy as any voltage.
        weight = np.where(beyond > 0, 1e9 + beyond, back)
        others = np.arange(modes.shape[1]) != weight.argmax(axis=1)[:, None]
        changed[others] = modes[others]
    settled: Modes = changed
    return settled
