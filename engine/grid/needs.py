"""Needs of a day: where voltages and loadings pass their limits, per element and step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.grid.network import Network
from engine.grid.powerflow import PowerFlow

VOLTAGE_TOLERANCE_PU = 1e-6
LOADING_TOLERANCE_PERCENT = 1e-3
LOADING_LIMIT_PERCENT = 100.0

Kind = Literal["voltage", "loading"]


@dataclass(frozen=True, slots=True)
class Need:
    """One limit passed in one step: pu for ``voltage`` (element a bus), percent for ``loading`` (a branch)."""

    element: str
    kind: Kind
    step: int
    value: float
    limit: float

    @property
    def excess(self) -> float:
        """How far beyond the limit, positive, in the unit of `value`."""
        return abs(self.value - self.limit)


def find_needs(
    network: Network,
    flow: PowerFlow,
    voltage_tolerance_pu: float = VOLTAGE_TOLERANCE_PU,
    loading_tolerance_percent: float = LOADING_TOLERANCE_PERCENT,
) -> tuple[Need, ...]:
    """Every limit passed by more than the tolerance, by step, then voltages before loadings, then element.

    Steps without a power-flow solution give no needs; `flow.converged` tells them.
    """
    with np.errstate(invalid="ignore"):
        high = flow.vm_pu > network.vm_max_pu + voltage_tolerance_pu
        low = flow.vm_pu < network.vm_min_pu - voltage_tolerance_pu
        over = flow.loading_percent > LOADING_LIMIT_PERCENT + loading_tolerance_percent
    needs = [
        Need(network.bus_ids[b], "voltage", int(t), float(flow.vm_pu[t, b]), float(limits[b]))
        for mask, limits in ((high, network.vm_max_pu), (low, network.vm_min_pu))
        for t, b in np.argwhere(mask)
    ]
    needs += [
        Need(network.branch_ids[k], "loading", int(t), float(flow.loading_percent[t, k]), LOADING_LIMIT_PERCENT)
        for t, k in np.argwhere(over)
    ]
    order = {"voltage": 0, "loading": 1}
    return tuple(sorted(needs, key=lambda need: (need.step, order[need.kind], need.element)))
