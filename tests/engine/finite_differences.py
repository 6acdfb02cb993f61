"""Derivatives of an AC state by central differences, to hold exact ones against."""

from __future__ import annotations

import numpy as np

from engine import Network, PowerFlow, Sensitivities, power_flow

QUANTITIES = {"vm": "vm_pu", "i_from": "i_from_ka", "i_to": "i_to_ka", "import": "import_mw"}
WIDTH_MW = 1e-5


def exact(network: Network, at: Sensitivities, quantity: str) -> tuple[np.ndarray, np.ndarray]:
    """By P and by Q at the free buses, [n_steps * n_elements, n_free], steps outermost."""
    if quantity == "import":
        return at.of_import()
    n_elements = len(network.bus_ids if quantity == "vm" else network.branch_ids)
    step, element = (axis.ravel() for axis in np.indices((len(at.v), n_elements)))
    if quantity == "vm":
        return at.of_vm(step, element)
    return at.of_current(step, element, np.full_like(element, int(quantity == "i_to")))


def finite(network: Network, p_mw: np.ndarray, q_mvar: np.ndarray, quantity: str) -> tuple[np.ndarray, np.ndarray]:
    """The same from power flows beside p_mw, q_mvar : [n_steps, n_bus]."""

    def values(flow: PowerFlow) -> np.ndarray:
        return np.asarray(getattr(flow, QUANTITIES[quantity])).ravel()

    found = []
    for reactive in (0, 1):
        columns = []
        for bus in network.free:
            ends = []
            for sign in (1.0, -1.0):
                moved = p_mw.copy(), q_mvar.copy()
                moved[reactive][:, bus] += sign * WIDTH_MW
                ends.append(values(power_flow(network, *moved)))
            columns.append((ends[0] - ends[1]) / (2 * WIDTH_MW))
        found.append(np.stack(columns, axis=1))
    return found[0], found[1]
