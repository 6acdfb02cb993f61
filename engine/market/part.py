"""A part of a market: some steps, some variables, the rest held where it stands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints, Network
from engine.market.case import Case, TimeGrid
from engine.market.columns import OFFER, Columns
from engine.market.problem import Problem
from engine.reading import Floats

Mask = NDArray[np.bool_]


def steps_of_case(case: Case, steps: Ints) -> Case:
    """The case at some of its steps; what ties steps together must not be in it."""
    return replace(
        case,
        grid=replace(case.grid, vm_pu=_at(case.grid.vm_pu, steps)),
        time=TimeGrid(case.time.start, case.time.mtu_minutes, len(steps)),
        net_p_mw=case.net_p_mw[steps],
        net_q_mvar=case.net_q_mvar[steps],
        units={
            name: replace(unit, p_mw=unit.p_mw[steps], q_mvar=unit.q_mvar[steps])
            for name, unit in case.units.items()
        },
        coupling_price_eur_per_mwh=case.coupling_price_eur_per_mwh[steps],
        offers=tuple(replace(o, quantity=o.quantity[steps], price=o.price[steps]) for o in case.offers),
        requests=tuple(replace(r, quantity=r.quantity[steps], price=r.price[steps]) for r in case.requests),
    )


def steps_of_network(network: Network, steps: Ints) -> Network:
    """The network at some of the case's steps."""
    return replace(network, vm_coupling_pu=_at(network.vm_coupling_pu, steps))


def _at(values: Floats, steps: Ints) -> Floats:
    return values if len(values) == 1 else values[steps]


def held_in_place(case: Case, columns: Columns, x: Floats) -> Case:
    """The case with values x : [n_columns] of some variables counted as baseline."""
    p_mw, q_mvar = columns.injections(x, case.net_p_mw.shape)
    return replace(case, net_p_mw=case.net_p_mw + p_mw, net_q_mvar=case.net_q_mvar + q_mvar)


def unlinked(problem: Problem) -> Mask:
    """[n_columns] variables of offers that no row ties to others, an auction's balances aside."""
    links = problem.links
    rows = np.ones(len(links.upper), dtype=np.bool_)
    rows[[row for row, *_ in links.balances]] = False
    free: Mask = problem.columns.kind == OFFER
    free[links.matrix[rows].indices] = False
    return free
