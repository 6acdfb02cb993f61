"""FlexRequests drawn from the network: the least change of power that cures a day's needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.grid.zones import congestion_zones
from engine.market.assessment import Assessment, assess
from engine.market.case import Case
from engine.market.columns import Columns, Mask, proposal_columns
from engine.market.problem import Problem
from engine.market.search import Progress, search, silent
from engine.reading import Floats

WATT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class ProposedChange:
    """What one congestion zone needs of one commodity in one direction.

    zone; commodity ``P`` or ``Q``; direction ``up`` or ``down``; quantity_mw : [n_steps], the sum over its buses,
    in whole watts (vars) rounded up; by_bus : bus id -> [n_steps] MW (Mvar).
    """

    zone: str
    commodity: str
    direction: str
    quantity_mw: Floats
    by_bus: dict[str, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """Least change per zone. up_mw, down_mw : [n_steps, n_bus] of P; reason is None when it cures every need."""

    assessment: Assessment
    up_mw: Floats
    down_mw: Floats
    changes: tuple[ProposedChange, ...]
    reason: str | None


def propose_requests(case: Case, progress: Progress | None = None, *, reactive: bool = False) -> Proposal:
    """Clear with virtual changes alone, without offers and coupling price, so that energy changed is least.

    reactive : whether Q may change too, a Mvarh counting as much as a MWh. Without it, needs that reactive power
    alone could cure leave `reason` ``not_settled`` or a solver's word.
    """
    assessment = assess(case)
    network = assessment.network
    bare = replace(case, coupling_price_eur_per_mwh=np.zeros(case.time.n_steps), offers=(), requests=())
    columns = proposal_columns(bare, network, reactive=reactive)
    outcome = search(Problem(bare, network, columns), progress or silent)
    amounts = {
        (commodity, direction): _amounts(
            columns, outcome.point.x, (columns.sign == sign) & (columns.reactive == is_q), case
        )
        for commodity, is_q in (("P", False), ("Q", True))
        for direction, sign in (("up", 1.0), ("down", -1.0))
    }
    zones = congestion_zones(case.grid)
    changes = tuple(
        change for what, table in amounts.items() for change in _by_zone(network.bus_ids, zones, what, table)
    )
    return Proposal(assessment, amounts["P", "up"], amounts["P", "down"], changes, outcome.reason)


def _amounts(columns: Columns, x: Floats, chosen: Mask, case: Case) -> Floats:
    """[n_steps, n_bus] MW or Mvar in whole watts or vars, rounded up."""
    table = np.zeros(case.net_p_mw.shape)
    used = np.flatnonzero(chosen & (x >= WATT / 2))
    np.add.at(table, (columns.step[used], columns.bus[used]), np.ceil(x[used] / WATT - 1e-3) * WATT)
    return table.round(6)


def _by_zone(
    bus_ids: tuple[str, ...], zones: dict[str, str], what: tuple[str, str], table: Floats
) -> list[ProposedChange]:
    used = [(bus, i) for i, bus in enumerate(bus_ids) if table[:, i].any()]
    changes = []
    for zone in sorted({zones[bus] for bus, _ in used}):
        by_bus = {bus: table[:, i] for bus, i in used if zones[bus] == zone}
        total = np.sum(list(by_bus.values()), axis=0).round(6)
        changes.append(ProposedChange(zone, *what, total, by_bus))
    return changes
