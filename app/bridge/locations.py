"""A day's schedules and baselines summed by bus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from app.bridge.networks import NetworkFacts
from app.bridge.states import Floats
from domain.units import Series


class ByBus(NamedTuple):
    """[n_steps, n_buses] MW, injection positive."""

    production_mw: Floats
    load_mw: Floats
    baseline_mw: Floats


def by_bus(facts: NetworkFacts, schedule_p_mw: Mapping[str, Series], baseline_p_mw: Mapping[str, Series]) -> ByBus:
    """Production (what units feed in) and load (what they take) as scheduled; the balance where a unit's baseline
    counts in place of its schedule.

    schedule_p_mw, baseline_p_mw : unit -> injection [n_steps] MW, the second for some of the units of the first
    """
    column = {bus: position for position, bus in enumerate(facts.bus_ids)}
    units = [unit for unit in facts.units if unit.unit_id in schedule_p_mw]
    places = np.array([column[unit.bus] for unit in units], dtype=np.intp)
    planned = _stacked(schedule_p_mw[unit.unit_id] for unit in units)
    counted = _stacked(baseline_p_mw.get(unit.unit_id, schedule_p_mw[unit.unit_id]) for unit in units)
    shape = (len(column), planned.shape[1])

    def at_buses(values: Floats) -> Floats:
        summed = np.zeros(shape)
        np.add.at(summed, places, values)
        return summed.T

    return ByBus(at_buses(np.maximum(planned, 0.0)), at_buses(np.minimum(planned, 0.0)), at_buses(counted))


def _stacked(series: Iterable[Series]) -> Floats:
    return np.array([[float(value) for value in values] for values in series], dtype=np.float64)
