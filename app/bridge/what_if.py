"""What-ifs: the case of a day with something changed, solved beside the case as it is.

Changes are made in the case's document, so that both cases pass the same reader and the same engine.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.bridge import networks
from app.bridge.maps import map_of
from app.bridge.networks import NetworkFacts
from app.bridge.numbers import series
from app.bridge.packing import unpack
from app.bridge.solved import NOWHERE, Progress, check_solved, day_state, on_the_whole, proposed_rows, read
from app.bridge.states import DayState, Floats, Plan, ProposedRequest, pack_state
from domain.flexibility.what_if import TrialOffer, UnitChange
from domain.ids import OfferId
from engine import Case, assess, canonical_json, clear, find_needs, lost_supply, propose_requests

TRIAL = "what-if"
"""The party of trial offers, and the start of their names."""
_AS_IS = {"needs": (0.0, 0.02), "clearing": (0.02, 0.28), "proof": (0.3, 0.1), "done": (0.4, 0.0)}
_CHANGED = {"needs": (0.4, 0.02), "clearing": (0.42, 0.28), "proof": (0.7, 0.1), "done": (0.8, 0.0)}
_CURES = {
    Plan.P: {"needs": (0.8, 0.01), "clearing": (0.81, 0.09), "done": (0.9, 0.0)},
    Plan.PQ: {"needs": (0.9, 0.01), "clearing": (0.91, 0.09), "done": (1.0, 0.0)},
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one of the two cases. `cost_eur` and `accepted_mwh` (by name of the offer) where it was
    cleared; `status` is `assessed` where there was no offer to clear."""

    status: str
    reason: str
    cost_eur: float | None
    accepted_mwh: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Outcomes of both cases, and the buses that lose supply in the changed one."""

    as_is: Outcome
    changed: Outcome
    dark_buses: tuple[str, ...]


def dark_buses(network: str, lines_out: Sequence[str]) -> tuple[str, ...]:
    """The buses that would lose supply. Raises `Refused`: the network's findings."""
    return lost_supply(networks.read(network).grid, lines_out)


def inputs(
    as_is: bytes,
    network: str,
    lines_out: Sequence[str],
    changes: Iterable[UnitChange],
    added: Sequence[TrialOffer],
    removed: Collection[OfferId],
    asked_at: str,
) -> bytes:
    """Inputs of a `what_if` job: the case as it is, and the same with everything changed. What loses supply is out
    of the changed case with all that is connected to it."""
    facts = networks.read(network)
    case = json.loads(as_is)
    changed = json.loads(as_is)
    for change in changes:
        _change_unit(changed, facts, change)
    changed["offers"] = [o for o in changed["offers"] if o["id"].split("/")[0] not in removed]
    changed["offers"] += [_trial(k, offer, facts, case, asked_at) for k, offer in enumerate(added)]
    _take_out(changed, lines_out, set(lost_supply(facts.grid, lines_out)))
    return canonical_json({"as_is": case, "changed": changed})


def trial_name(k: int, offer: TrialOffer) -> str:
    """The engine's name of the k-th trial offer."""
    return f"{TRIAL} {k + 1}/{offer.unit_id}"


def _trial(
    k: int, offer: TrialOffer, facts: NetworkFacts, case: Mapping[str, Any], asked_at: str
) -> dict[str, Any]:
    n_steps = case["time"]["n_steps"]
    hours = range(offer.first_step, offer.last_step + 1)
    return {
        "id": trial_name(k, offer),
        "party": TRIAL,
        "asset": f"{TRIAL} {k + 1}",
        "bus": facts.unit_of[offer.unit_id].bus,
        "commodity": "P",
        "direction": offer.direction.value,
        "submitted_at": asked_at,
        "quantity_mw": [float(offer.quantity_mw) if step in hours else 0.0 for step in range(n_steps)],
        "price_eur_per_mwh": [float(offer.price_eur_per_mwh)] * n_steps,
    }


def _change_unit(case: dict[str, Any], facts: NetworkFacts, change: UnitChange) -> None:
    """The case format counts a load's consumption and everything else's injection."""
    n_steps = case["time"]["n_steps"]
    entry = next(unit for unit in case["baseline"]["units"] if unit["id"] == change.unit_id)
    hours = slice(change.first_step, change.last_step + 1)
    for field in ("p_mw", "q_mvar"):
        values = np.zeros(n_steps) + np.asarray(entry.get(field, 0.0), dtype=float)
        if change.scale_percent is not None:
            values[hours] *= float(change.scale_percent) / 100.0
        elif field == "p_mw":
            consumed = facts.unit_of[change.unit_id].kind == "load"
            values[hours] = float(change.p_mw or Decimal(0)) * (-1.0 if consumed else 1.0)
        entry[field] = values.round(9).tolist()


def _take_out(case: dict[str, Any], lines_out: Sequence[str], dark: set[str]) -> None:
    grid, out = case["grid"], set(lines_out)
    grid["buses"] = [bus for bus in grid["buses"] if bus["id"] not in dark]
    grid["branches"] = [
        branch
        for branch in grid["branches"]
        if branch["id"] not in out and not {branch["from"], branch["to"]} & dark
    ]
    for part in ("shunts", "controls"):
        if part in grid:
            grid[part] = [entry for entry in grid[part] if entry["bus"] not in dark]
    case["baseline"]["units"] = [unit for unit in case["baseline"]["units"] if unit["bus"] not in dark]
    case["offers"] = [offer for offer in case["offers"] if offer["bus"] not in dark]
    lit = [{**request, "buses": [b for b in request["buses"] if b not in dark]} for request in case["requests"]]
    case["requests"] = [request for request in lit if request["buses"]]


def solve(job_inputs: bytes, progress: Progress) -> bytes:
    """Run a `what_if` job: both states on the axes of the case as it is, and what would cure the changed one.

    Raises:
        Refused: findings of a case, or no power-flow solution.
    """
    document = json.loads(job_inputs)
    as_is, changed = read(document["as_is"]), read(document["changed"])
    state, outcome, _ = _solved(as_is, on_the_whole(progress, _AS_IS))
    other, other_outcome, trials = _solved(changed, on_the_whole(progress, _CHANGED))
    rows: list[ProposedRequest] = []
    if changed.offers:
        rows += _called(changed, trials)
    elif other.needs:
        for plan, shares in _CURES.items():
            proposal = propose_requests(changed, on_the_whole(progress, shares), reactive=plan is Plan.PQ)
            rows += proposed_rows(changed, plan, proposal)
    supplied = {bus.id for bus in changed.grid.buses}
    extra = {
        "as_is": vars(outcome),
        "changed": vars(other_outcome),
        "dark_buses": [bus.id for bus in as_is.grid.buses if bus.id not in supplied],
    }
    return pack_state(map_of(as_is.grid, NOWHERE), state, _on_axes(as_is, changed, other), rows, extra)


def answer_from(result: bytes) -> Answer:
    """What `solve` says beside the states, which `states.decode` reads."""
    meta, _ = unpack(result)
    return Answer(
        as_is=Outcome(**meta["as_is"]), changed=Outcome(**meta["changed"]), dark_buses=tuple(meta["dark_buses"])
    )


def _called(case: Case, accepted_mw: Floats) -> list[ProposedRequest]:
    """What the clearing took of trial offers, as requests of their zones: the same under both plans.

    accepted_mw : [n_offers, n_steps]
    """
    grid = map_of(case.grid, NOWHERE)
    zone_of = dict(zip(grid.bus_ids, grid.zone_of_bus, strict=True))
    taken: dict[tuple[str, str], Floats] = {}
    for offer, mw in zip(case.offers, accepted_mw, strict=True):
        if offer.id.startswith(f"{TRIAL} ") and mw.any():
            key = zone_of[offer.bus], offer.direction
            taken[key] = taken.get(key, np.zeros_like(mw)) + mw
    return [
        ProposedRequest(
            zone=zone,
            buses=tuple(bus for bus, its in zone_of.items() if its == zone),
            direction=direction,
            quantity_mw=series(mw),
            plan=plan,
        )
        for plan in Plan
        for (zone, direction), mw in taken.items()
    ]


def _solved(case: Case, progress: Progress) -> tuple[DayState, Outcome, Floats]:
    """The state after a clearing where there are offers, else the baseline's; and what was taken of the offers,
    [n_offers, n_steps]."""
    if not case.offers:
        progress("needs", 0.0)
        assessment = assess(case)
        check_solved(assessment.flow)
        progress("done", 1.0)
        bare = Outcome(status="assessed", reason="", cost_eur=None, accepted_mwh={})
        return day_state(case, assessment.flow, assessment.needs), bare, np.zeros((0, case.time.n_steps))
    cleared = clear(case, progress)
    flow = cleared.before if cleared.after is None else cleared.after
    check_solved(flow)
    result = cleared.result
    outcome = Outcome(
        status=result["status"],
        reason=result["reason"] or "",
        cost_eur=result.get("objective_eur"),
        accepted_mwh={
            offer.id: float(np.sum(mw) * case.time.hours)
            for offer, mw in zip(case.offers, cleared.accepted_mw, strict=True)
        },
    )
    return day_state(case, flow, find_needs(cleared.network, flow)), outcome, cleared.accepted_mw


def _on_axes(as_is: Case, changed: Case, state: DayState) -> DayState:
    """The changed case's state on the axes of the case as it is; NaN at what is out."""
    buses = _positions([bus.id for bus in as_is.grid.buses], [bus.id for bus in changed.grid.buses])
    branches = _positions([b.id for b in as_is.grid.branches], [b.id for b in changed.grid.branches])
    return replace(
        state,
        vm_pu=_spread(state.vm_pu, buses, len(as_is.grid.buses)),
        loading_percent=_spread(state.loading_percent, branches, len(as_is.grid.branches)),
    )


def _positions(names: Sequence[str], kept: Sequence[str]) -> NDArray[np.intp]:
    at = {name: k for k, name in enumerate(names)}
    return np.array([at[name] for name in kept], dtype=np.intp)


def _spread(values: Floats, positions: NDArray[np.intp], n: int) -> Floats:
    whole = np.full((len(values), n), np.nan)
    whole[:, positions] = values
    return whole
