"""FlexRequests drawn from the network: the least change of active power that cures a day's needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.grid.zones import congestion_zones
from engine.market.assessment import Assessment, assess
from engine.market.case import Case
from engine.market.columns import proposal_columns
from engine.market.problem import Problem
from engine.market.search import Progress, search, silent
from engine.reading import Floats

WATT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class ProposedChange:
    """What one congestion zone needs in one direction.

    zone; direction ``up`` or ``down``; quantity_mw : [n_steps], the sum over its buses, in whole watts rounded
    up; by_bus : bus id -> [n_steps] MW.
    """

    zone: str
    direction: str
    quantity_mw: Floats
    by_bus: dict[str, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """Least change per zone. up_mw, down_mw : [n_steps, n_bus]; reason is None when it cures every need."""

    assessment: Assessment
    up_mw: Floats
    down_mw: Floats
    changes: tuple[ProposedChange, ...]
    reason: str | None


def propose_requests(case: Case, progress: Progress | None = None) -> Proposal:
    """Clear with virtual changes of P alone, without offers and coupling price; energy changed is least.

    Needs that reactive power alone could cure leave `reason` ``not_settled`` or a solver's word.
    """
    assessment = assess(case)
    network = assessment.network
    bare = Case(
        grid=case.grid,
        time=case.time,
        net_p_mw=case.net_p_mw,
        net_q_mvar=case.net_q_mvar,
        coupling_price_eur_per_mwh=np.zeros(case.time.n_steps),
        offers=(),
        requests=(),
        options=case.options,
        sha256=case.sha256,
    )
    columns = proposal_columns(bare, network)
    outcome = search(Problem(bare, network, columns), progress or silent)
    amounts = {}
    for direction, sign in (("up", 1.0), ("down", -1.0)):
        x = np.where((columns.sign == sign) & (outcome.point.x >= WATT / 2), outcome.point.x, 0.0)
        table = np.zeros(case.net_p_mw.shape)
        np.add.at(table, (columns.step, columns.bus), np.ceil(x / WATT - 1e-3) * WATT)
        amounts[direction] = table.round(6)
    zones = congestion_zones(case.grid)
    changes = tuple(
        change
        for direction, table in amounts.items()
        for change in _by_zone(network.bus_ids, zones, direction, table)
    )
    return Proposal(assessment, amounts["up"], amounts["down"], changes, outcome.reason)


def _by_zone(
    bus_ids: tuple[str, ...], zones: dict[str, str], direction: str, table: Floats
) -> list[ProposedChange]:
    used = [(bus, i) for i, bus in enumerate(bus_ids) if table[:, i].any()]
    changes = []
    for zone in sorted({zones[bus] for bus, _ in used}):
        by_bus = {bus: table[:, i] for bus, i in used if zones[bus] == zone}
        total = np.sum(list(by_bus.values()), axis=0).round(6)
        changes.append(ProposedChange(zone, direction, total, by_bus))
    return changes
