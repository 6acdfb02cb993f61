"""From the desk's read models to what the figures draw."""

from __future__ import annotations

import numpy as np

from app.queries.models import DayState, GridMap
from views.plots.models import GridDay, GridTopology, WorstOfDay

FULL_PERCENT = 100.0


def topology(grid: GridMap) -> GridTopology:
    """The network as drawn; the coupling bus is its substation."""
    return GridTopology(
        bus_name=grid.bus_ids,
        bus_lon_degree=grid.lon,
        bus_lat_degree=grid.lat,
        bus_vm_min_pu=grid.vm_min_pu,
        bus_vm_max_pu=grid.vm_max_pu,
        branch_name=grid.branch_ids,
        branch_from=grid.from_index,
        branch_to=grid.to_index,
        branch_max_loading_percent=np.full(len(grid.branch_ids), FULL_PERCENT),
        substation=(grid.bus_ids.index(grid.coupling_bus),),
    )


def grid_day(state: DayState) -> GridDay:
    """Loading [n_steps, n_branches] and voltage [n_steps, n_buses] of a day."""
    return GridDay(loading_percent=state.loading_percent, vm_pu=state.vm_pu)


def worst_loading(state: DayState) -> WorstOfDay:
    """Highest loading of every step, percent."""
    return WorstOfDay(
        value=np.nanmax(state.loading_percent, axis=1), label="Highest loading", unit="%", limit=FULL_PERCENT
    )


def worst_voltage(state: DayState, grid: GridMap) -> WorstOfDay:
    """Voltage of every step at the bus nearest to, or farthest beyond, its upper limit, pu."""
    limit = float(np.median(grid.vm_max_pu))
    beyond = state.vm_pu - grid.vm_max_pu
    return WorstOfDay(value=np.nanmax(beyond, axis=1) + limit, label="Highest voltage", unit="pu", limit=limit)


def worst(state: DayState, grid: GridMap, overlay: str) -> WorstOfDay:
    """What the time slider shows behind it for the layer "loading" or "voltage"."""
    return worst_voltage(state, grid) if overlay == "voltage" else worst_loading(state)
