"""Congestion zones: the feeders below a substation."""

from __future__ import annotations

from engine.grid.case import Grid
from engine.grid.topology import components

SUBSTATION = "Substation"


def congestion_zones(grid: Grid) -> dict[str, str]:
    """Zone of every bus: ``Feeder <first branch>``, or ``Substation`` for coupling bus and busbar.

    The busbar is what transformers connect to the coupling bus; a feeder is what hangs together when busbar
    and coupling bus are taken out, named after its first branch (in the document's order) at the busbar.
    """
    vn_kv = {bus.id: bus.vn_kv for bus in grid.buses}
    top = {grid.coupling_bus}
    for branch in grid.branches:
        ends = {branch.from_bus, branch.to_bus}
        if ends & {grid.coupling_bus} and vn_kv[branch.from_bus] != vn_kv[branch.to_bus]:
            top |= ends
    rest = [bus.id for bus in grid.buses if bus.id not in top]
    edges = [(branch.from_bus, branch.to_bus) for branch in grid.branches]
    first = dict.fromkeys(top, SUBSTATION)
    for group in components(rest, edges):
        members = set(group)
        head = next(
            b.id
            for b in grid.branches
            if (b.from_bus in members and b.to_bus in top) or (b.to_bus in members and b.from_bus in top)
        )
        first |= dict.fromkeys(group, f"Feeder {head}")
    return {bus.id: first[bus.id] for bus in grid.buses}
