"""Needs of a day: where voltages and loadings pass their limits, per element and step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Network
from engine.grid.powerflow import PowerFlow
from engine.reading import Floats

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
    high = _Passed("voltage", network.bus_ids, flow.vm_pu, network.vm_max_pu)
    low = _Passed("voltage", network.bus_ids, flow.vm_pu, network.vm_min_pu)
    limit_percent = np.full(len(network.branch_ids), LOADING_LIMIT_PERCENT)
    over = _Passed("loading", network.branch_ids, flow.loading_percent, limit_percent)
    with np.errstate(invalid="ignore"):
        found = [
            *high.where(flow.vm_pu > network.vm_max_pu + voltage_tolerance_pu, 0),
            *low.where(flow.vm_pu < network.vm_min_pu - voltage_tolerance_pu, 0),
            *over.where(flow.loading_percent > LOADING_LIMIT_PERCENT + loading_tolerance_percent, 1),
        ]
    return tuple(need for *_, need in sorted(found, key=lambda entry: entry[:3]))


@dataclass(frozen=True, slots=True)
class _Passed:
    """One kind of limit: values : [n_steps, n_elements], limits : [n_elements]."""

    kind: Kind
    ids: tuple[str, ...]
    values: Floats
    limits: Floats

    def where(self, mask: NDArray[np.bool_], rank: int) -> Iterator[tuple[int, int, int, Need]]:
        """Step, rank of the kind, rank of the element's id, and the need of everything marked."""
        step, element = np.nonzero(mask)
        order = np.empty(len(self.ids), dtype=np.int64)
        order[sorted(range(len(self.ids)), key=self.ids.__getitem__)] = np.arange(len(self.ids))
        values, limits = self.values[step, element].tolist(), self.limits.tolist()
        for t, k, place, value in zip(
            step.tolist(), element.tolist(), order[element].tolist(), values, strict=True
        ):
            yield t, rank, place, Need(self.ids[k], self.kind, t, value, limits[k])
