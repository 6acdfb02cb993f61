"""Needs of a case's baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.grid.needs import Need, find_needs
from engine.grid.network import Network, compile_network
from engine.grid.outage import without_branches
from engine.grid.powerflow import PowerFlow, power_flow
from engine.market.case import Case
from engine.reading import Floats
from engine.status import Finding, InvalidInput


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """A baseline's state and the limits it passes."""

    network: Network
    flow: PowerFlow
    needs: tuple[Need, ...]


def baseline_injections(case: Case) -> tuple[Floats, Floats]:
    """Net baseline injections p_mw, q_mvar : [n_steps, n_bus], positive into the grid."""
    return case.net_p_mw, case.net_q_mvar


def assess(case: Case, without: Sequence[str] = ()) -> Assessment:
    """Power flow of the baseline over all steps and the needs in it, `without` the named branches (N-1).

    Raises InvalidInput for branches that the grid does not have and for buses that would lose supply.
    """
    grid, kept = without_branches(case.grid, without)
    p_mw, q_mvar = case.net_p_mw[:, kept], case.net_q_mvar[:, kept]
    for all_buses, supplied in ((case.net_p_mw, p_mw), (case.net_q_mvar, q_mvar)):
        if np.count_nonzero(all_buses) != np.count_nonzero(supplied):
            raise InvalidInput((Finding("without", "island", "A bus with load or generation would lose supply."),))
    network = compile_network(grid)
    flow = power_flow(network, p_mw, q_mvar)
    return Assessment(network, flow, find_needs(network, flow))
