"""Between the worker's pieces of work and the engine: cases in, day states and proposed requests out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from app.bridge.maps import map_of, zone_of_element
from app.bridge.networks import translate
from app.bridge.numbers import series
from app.bridge.states import DayState, Plan, ProposedRequest, need_rows
from domain.errors import raise_if, refuse
from domain.flexibility.commodity import Commodity
from domain.ids import RegionId
from engine import Case, Need, PowerFlow, Proposal, read_case

Progress = Callable[[str, float], None]
NOWHERE = RegionId("")


def read(document: Any) -> Case:
    """The case of a document. Raises `Refused` with its findings."""
    case, findings = read_case(document)
    if case is None:
        raise_if(translate(findings, "malformed"))
        raise RuntimeError("the case reader gave neither a case nor a finding")
    return case


def on_the_whole(progress: Progress, shares: Mapping[str, tuple[float, float]]) -> Progress:
    def report(stage: str, share: float) -> None:
        start, length = shares[stage]
        progress(stage, start + length * min(max(share, 0.0), 1.0))

    return report


def check_solved(flow: PowerFlow) -> None:
    dark = np.flatnonzero(~flow.converged)
    if dark.size:
        sentence = f"The power flow has no solution in {dark.size} quarter hours, first in number {dark[0] + 1}."
        raise refuse("invalid_schedule", "document", sentence)


def day_state(case: Case, flow: PowerFlow, needs: tuple[Need, ...]) -> DayState:
    return DayState(
        vm_pu=flow.vm_pu,
        loading_percent=flow.loading_percent,
        p_coupling_mw=flow.import_mw,
        needs=need_rows(needs, zone_of_element(case.grid)),
    )


def proposed_rows(case: Case, plan: Plan, proposal: Proposal) -> tuple[ProposedRequest, ...]:
    """One request for each zone, commodity and direction over all the zone's buses; none without a cure."""
    if proposal.reason is not None:
        return ()
    zones: dict[str, list[str]] = {}
    grid = map_of(case.grid, NOWHERE)
    for bus, zone in zip(grid.bus_ids, grid.zone_of_bus, strict=True):
        zones.setdefault(zone, []).append(bus)
    return tuple(
        ProposedRequest(
            zone=change.zone,
            buses=tuple(zones[change.zone]),
            direction=change.direction,
            quantity_mw=series(change.quantity_mw),
            commodity=Commodity(change.commodity),
            plan=plan,
        )
        for change in proposal.changes
    )
