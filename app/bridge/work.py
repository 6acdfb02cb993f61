"""What the worker process does: bytes in, bytes out, with progress. Nothing here touches the database."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import numpy as np

from app.bridge.maps import map_of, zone_of_element
from app.bridge.networks import translate
from app.bridge.numbers import series
from app.bridge.states import DayState, Plan, ProposedRequest, need_rows, pack_state
from domain.errors import raise_if, refuse
from domain.flexibility.commodity import Commodity
from domain.ids import RegionId
from engine import Case, Need, PowerFlow, Proposal, clear, find_needs, propose_requests, read_case

Progress = Callable[[str, float], None]

NEEDS_SHARES = {
    Plan.P: {"needs": (0.0, 0.05), "clearing": (0.05, 0.45), "done": (0.5, 0.0)},
    Plan.PQ: {"needs": (0.5, 0.05), "clearing": (0.55, 0.45), "done": (1.0, 0.0)},
}
CLEARING_SHARES = {"needs": (0.0, 0.05), "clearing": (0.05, 0.55), "proof": (0.6, 0.4), "done": (1.0, 0.0)}
"""Stage of the engine: where it starts on the whole bar, and how much of it is its own."""

NOWHERE = RegionId("")


def run(kind: str, inputs: bytes, progress: Progress) -> bytes:
    """Run one job: `needs` or `clearing`, inputs from `cases`; the result is read by `cases` and `states`.

    `progress(stage, share)` with share 0..1 of the whole job.

    Raises:
        Refused: the inputs have findings, or the baseline has no power-flow solution.
        KeyError: no such kind.
    """
    return KINDS[kind](_case(inputs), progress)


def _case(inputs: bytes) -> Case:
    case, findings = read_case(json.loads(inputs))
    if case is None:
        raise_if(translate(findings, "malformed"))
        raise RuntimeError("the case reader gave neither a case nor a finding")
    return case


def _needs(case: Case, progress: Progress) -> bytes:
    """The day's needs, and what would cure them by each plan."""
    proposals = {
        plan: propose_requests(case, _on_the_whole(progress, shares), reactive=plan is Plan.PQ)
        for plan, shares in NEEDS_SHARES.items()
    }
    assessment = proposals[Plan.P].assessment
    _check_solved(assessment.flow)
    before = _day_state(case, assessment.flow, assessment.needs)
    proposed = [row for plan, proposal in proposals.items() for row in _proposed(case, plan, proposal)]
    return pack_state(map_of(case.grid, NOWHERE), before, None, proposed, {})


def _clearing(case: Case, progress: Progress) -> bytes:
    cleared = clear(case, _on_the_whole(progress, CLEARING_SHARES))
    before = _day_state(case, cleared.before, find_needs(cleared.network, cleared.before))
    after = None
    if cleared.after is not None:
        after = _day_state(case, cleared.after, find_needs(cleared.network, cleared.after))
    return pack_state(map_of(case.grid, NOWHERE), before, after, (), {"result": cleared.result})


KINDS: Mapping[str, Callable[[Case, Progress], bytes]] = {"needs": _needs, "clearing": _clearing}


def _on_the_whole(progress: Progress, shares: Mapping[str, tuple[float, float]]) -> Progress:
    def report(stage: str, share: float) -> None:
        start, length = shares[stage]
        progress(stage, start + length * min(max(share, 0.0), 1.0))

    return report


def _check_solved(flow: PowerFlow) -> None:
    dark = np.flatnonzero(~flow.converged)
    if dark.size:
        sentence = f"The power flow has no solution in {dark.size} quarter hours, first in number {dark[0] + 1}."
        raise refuse("invalid_schedule", "document", sentence)


def _day_state(case: Case, flow: PowerFlow, needs: tuple[Need, ...]) -> DayState:
    return DayState(
        vm_pu=flow.vm_pu,
        loading_percent=flow.loading_percent,
        p_coupling_mw=flow.import_mw,
        needs=need_rows(needs, zone_of_element(case.grid)),
    )


def _proposed(case: Case, plan: Plan, proposal: Proposal) -> tuple[ProposedRequest, ...]:
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
