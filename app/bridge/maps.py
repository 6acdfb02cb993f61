"""A network as it is drawn: the document's coordinates, or a plain tree where it has none."""

from __future__ import annotations

import numpy as np

from app.bridge import networks
from app.bridge.states import Floats, GridMap
from domain.ids import RegionId
from engine import Grid, congestion_zones
from engine.grid.zones import SUBSTATION


def grid_map(network: str, region_id: RegionId) -> GridMap:
    """The map of a network document; limits that are not given are 0 and infinity. Raises `Refused` as reading."""
    return map_of(networks.read(network).grid, region_id)


def map_of(grid: Grid, region_id: RegionId) -> GridMap:
    """The map of a grid."""
    index = {bus.id: position for position, bus in enumerate(grid.buses)}
    zones = congestion_zones(grid)
    lon, lat = _places(grid, index)
    return GridMap(
        region_id=region_id,
        bus_ids=tuple(index),
        lon=lon,
        lat=lat,
        vn_kv=np.array([bus.vn_kv for bus in grid.buses]),
        vm_min_pu=np.array([0.0 if bus.vm_min_pu is None else bus.vm_min_pu for bus in grid.buses]),
        vm_max_pu=np.array([np.inf if bus.vm_max_pu is None else bus.vm_max_pu for bus in grid.buses]),
        branch_ids=tuple(branch.id for branch in grid.branches),
        from_index=np.array([index[branch.from_bus] for branch in grid.branches], dtype=np.intp),
        to_index=np.array([index[branch.to_bus] for branch in grid.branches], dtype=np.intp),
        coupling_bus=grid.coupling_bus,
        zone_of_bus=tuple(zones[bus] for bus in index),
    )


def zone_of_element(grid: Grid) -> dict[str, str]:
    """The congestion zone of every bus and branch; a feeder's first branch belongs to the feeder."""
    zones = congestion_zones(grid)
    for branch in grid.branches:
        ends = (zones[branch.from_bus], zones[branch.to_bus])
        zones[branch.id] = next((zone for zone in ends if zone != SUBSTATION), SUBSTATION)
    return zones


def _places(grid: Grid, index: dict[str, int]) -> tuple[Floats, Floats]:
    given = [(bus.lon, bus.lat) for bus in grid.buses]
    if all(lon is not None and lat is not None for lon, lat in given):
        places = np.array(given, dtype=np.float64)
        return places[:, 0].copy(), places[:, 1].copy()
    return _tree(grid, index)


def _tree(grid: Grid, index: dict[str, int]) -> tuple[Floats, Floats]:
    """Depth below the coupling bus to the right, one row for each end of the tree."""
    near: dict[str, list[str]] = {bus: [] for bus in index}
    for branch in grid.branches:
        near[branch.from_bus].append(branch.to_bus)
        near[branch.to_bus].append(branch.from_bus)
    x, y = np.zeros(len(index)), np.zeros(len(index))
    seen = {grid.coupling_bus}
    stack = [grid.coupling_bus]
    row = 0
    while stack:
        bus = stack.pop()
        y[index[bus]] = -float(row)
        children = [other for other in dict.fromkeys(near[bus]) if other not in seen]
        seen.update(children)
        for child in children:
            x[index[child]] = x[index[bus]] + 1.0
        row += not children
        stack.extend(reversed(children))
    return x, y
