"""Needs of a case's baseline."""

from __future__ import annotations

from dataclasses import dataclass

from engine.grid.needs import Need, find_needs
from engine.grid.network import Network, compile_network
from engine.grid.powerflow import PowerFlow, power_flow
from engine.market.case import Case
from engine.reading import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """A baseline's state and the limits it passes."""

    network: Network
    flow: PowerFlow
    needs: tuple[Need, ...]


def baseline_injections(case: Case) -> tuple[Floats, Floats]:
    """Net baseline injections p_mw, q_mvar : [n_steps, n_bus], positive into the grid."""
    return case.net_p_mw, case.net_q_mvar


def assess(case: Case) -> Assessment:
    """Power flow of the baseline over all steps and the needs in it."""
    network = compile_network(case.grid)
    flow = power_flow(network, case.net_p_mw, case.net_q_mvar)
    return Assessment(network, flow, find_needs(network, flow))
