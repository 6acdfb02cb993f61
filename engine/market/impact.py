"""What each offer does to each need, to first order at the baseline, and what relief by it would cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.grid.needs import Need
from engine.grid.network import BASE_MVA, Ints, Network
from engine.grid.powerflow import PowerFlow
from engine.grid.sensitivities import sensitivities
from engine.market.assessment import Assessment, assess
from engine.market.case import Case
from engine.market.limits import VM_HIGH, Rows, excess, gradients
from engine.market.tables import offer_table
from engine.reading import Floats

MILLI_PU = 1e-3
UNITS = {"voltage": "pu/MW", "loading": "percent/MW"}
COST_UNITS = {"voltage": "EUR/(0.001 pu h)", "loading": "EUR/MWh of overload"}


@dataclass(frozen=True, slots=True, eq=False)
class Impact:
    """Impact factors of offers on the baseline's needs.

    needs : rows; offer_ids : columns; factor : [n_needs, n_offers] change per MW (Mvar for an offer of Q) accepted
    in the need's step, a storage discharging: percentage points of loading, pu of voltage; 0 where nothing is
    offered then; relief_cost : [n_needs, n_offers] EUR per MWh of overload removed (of apparent power beyond the
    rating) or per 0.001 pu and hour, at the offer's price; inf where the offer does not relieve the need. `UNITS`
    and `COST_UNITS` name them by kind of need.
    """

    needs: tuple[Need, ...]
    offer_ids: tuple[str, ...]
    factor: Floats
    relief_cost: Floats


def impact_factors(case: Case, assessment: Assessment | None = None) -> Impact:
    """Exact first derivatives at the baseline for every need and offer of a case.

    assessment : of the same case, to save its power flow; without branch outages. Raises ValueError for one whose
    buses are not the case's.
    """
    at = assessment or assess(case)
    network, needs = at.network, at.needs
    if network.bus_ids != tuple(bus.id for bus in case.grid.buses):
        raise ValueError("the assessment is of another grid")
    table = offer_table(case, network)
    rows = _rows(network, at.flow, needs)
    by = _derivatives(network, at.flow, needs, rows)
    factor = np.where(table.reactive == 1, by[1][:, table.bus], by[0][:, table.bus]) * table.sign
    factor *= (table.quantity[:, rows.step] > 0).T
    price = table.price[:, rows.step].T
    beyond = np.array([_sense(need) for need in needs])[:, None]
    relief = -beyond * factor * _relief_unit(network, needs)[:, None]
    cost = np.full(factor.shape, np.inf)
    np.divide(price, relief, out=cost, where=relief > 0.0)
    return Impact(needs, tuple(offer.id for offer in case.offers), factor, cost)


def _sense(need: Need) -> float:
    """+1 where the quantity has to fall, -1 where it has to rise."""
    return 1.0 if need.value > need.limit else -1.0


def _rows(network: Network, flow: PowerFlow, needs: tuple[Need, ...]) -> Rows:
    """The limit behind each need: of a branch the one of its ends and ratings that is loaded most."""
    beyond = excess(network, flow)
    step = np.array([need.step for need in needs], dtype=np.int64)
    kind, element = np.full(len(needs), VM_HIGH, dtype=np.int64), np.zeros(len(needs), dtype=np.int64)
    for n, need in enumerate(needs):
        if need.kind == "voltage":
            element[n] = network.bus_index[need.element]
        else:
            element[n] = network.branch_index[need.element]
            kind[n] = 2 + int(np.argmax([table[need.step, element[n]] for table in beyond[2:]]))
    return Rows(step, kind, element)


def _derivatives(network: Network, flow: PowerFlow, needs: tuple[Need, ...], rows: Rows) -> tuple[Floats, Floats]:
    """[n_needs, n_bus] twice: pu or percent per MW and per Mvar injected."""
    steps: Ints = np.unique(rows.step)
    place = np.zeros(len(flow.v), dtype=np.int64)
    place[steps] = np.arange(len(steps))
    at = sensitivities(network, flow.v[steps], flow.held[steps])
    by_p, by_q = gradients(network, flow, at, place, rows)
    unit = np.array([0.01 if need.kind == "voltage" else 1.0 for need in needs])[:, None]
    return by_p * unit, by_q * unit


def _relief_unit(network: Network, needs: tuple[Need, ...]) -> Floats:
    """[n_needs] what one pu is in 0.001 pu, and one percent of a branch's rating in MVA."""
    return np.array(
        [
            1.0 / MILLI_PU
            if need.kind == "voltage"
            else _rating_mva(network, network.branch_index[need.element]) / 100.0
            for need in needs
        ],
        dtype=np.float64,
    )


def _rating_mva(network: Network, branch: int) -> float:
    """The smaller of both ratings, that of current at nominal voltage."""
    by_current = network.max_i_from_ka[branch] / network.i_from_ka[branch] * BASE_MVA
    return float(min(by_current, network.max_s_mva[branch]))
