"""A grid with named branches out of service, for needs after an outage (N-1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.grid.case import Grid, island_sentence
from engine.grid.network import Ints
from engine.grid.topology import islands
from engine.status import Finding, InvalidInput


def lost_supply(grid: Grid, elements: Sequence[str]) -> tuple[str, ...]:
    """Ids of the buses that the coupling bus no longer reaches without the named branches, in the grid's order.

    Branches that the grid does not have change nothing.
    """
    out = set(elements)
    edges = [(branch.from_bus, branch.to_bus) for branch in grid.branches if branch.id not in out]
    names = [bus.id for bus in grid.buses]
    dark = {bus for group in islands(names, edges, grid.coupling_bus) for bus in group}
    return tuple(name for name in names if name in dark)


def without_branches(grid: Grid, elements: Sequence[str]) -> tuple[Grid, Ints]:
    """The grid without the named branches, and the positions of its buses among those of the given grid.

    An open end that only a lost branch led to (a bus without limits, units, controls and shunts) goes with it.
    Raises InvalidInput for branches that the grid does not have, and names the buses that would lose supply.
    """
    known = {branch.id for branch in grid.branches}
    unknown = [name for name in dict.fromkeys(elements) if name not in known]
    if unknown:
        sentence = "The grid has no branch '{}'."
        raise InvalidInput(tuple(Finding("without", "unknown_element", sentence.format(n[:200])) for n in unknown))
    branches = tuple(branch for branch in grid.branches if branch.id not in set(elements))
    edges = [(branch.from_bus, branch.to_bus) for branch in branches]
    dark = islands([bus.id for bus in grid.buses], edges, grid.coupling_bus)
    used = {unit.bus for unit in grid.units} | {c.bus for c in grid.controls} | {s.bus for s in grid.shunts}
    used |= {bus.id for bus in grid.buses if bus.vm_min_pu is not None or bus.vm_max_pu is not None}
    lost = [group for group in dark if len(group) > 1 or group[0] in used]
    if lost:
        path = f"without.{elements[0]}" if len(elements) == 1 else "without"
        raise InvalidInput(tuple(Finding(path, "island", island_sentence(group)) for group in lost))
    gone = {bus for group in dark for bus in group}
    kept = np.array([i for i, bus in enumerate(grid.buses) if bus.id not in gone], dtype=np.int64)
    buses = tuple(grid.buses[i] for i in kept)
    return replace(grid, buses=buses, branches=branches), kept
