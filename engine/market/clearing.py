"""Clear a market case: search, round, prove, settle; the outcome is a ``flexdesk.result/1`` document."""

from __future__ import annotations

import importlib.metadata
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.canonical import result_sha256
from engine.grid.needs import Need, find_needs
from engine.grid.network import Network
from engine.grid.powerflow import PowerFlow, power_flow
from engine.market.assessment import assess
from engine.market.awards import (
    WATT,
    accepted_watts,
    award_injections,
    need_document,
    unmet_changes,
    unmet_excess,
)
from engine.market.case import Case
from engine.market.columns import market_columns
from engine.market.payments import pay_as_bid
from engine.market.problem import Problem
from engine.market.proof import Proof, prove
from engine.market.search import Progress, search, silent
from engine.reading import Floats

PROGRESS_STAGES = ("needs", "clearing", "proof", "done")
METHOD = "successive-lp"
PACKAGES = ("highspy", "numpy", "pandapower", "scipy")


@dataclass(frozen=True, slots=True, eq=False)
class Clearing:
    """A cleared case: the published document and the states before and after it for drawing.

    accepted_mw : [n_offers, n_steps] in the order of `Case.offers`; after is None where nothing was cleared.
    """

    result: dict[str, Any]
    network: Network
    before: PowerFlow
    after: PowerFlow | None
    accepted_mw: Floats


@dataclass(slots=True)
class _Watch:
    """Seconds of each stage; the only clock in the engine, outside of every hash."""

    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage], self._since = round(now - self._since, 4), now


def clear(case: Case, progress: Progress | None = None) -> Clearing:
    """Clear by successive linear programming, then prove the rounded awards by an independent power flow.

    Never raises for a market that cannot be cleared: the result's status and reason tell. What the progress
    callback raises (`Cancelled`) passes through.
    """
    report = progress or silent
    watch = _Watch()
    report("needs", 0.0)
    before = assess(case)
    watch.lap("needs")
    columns = market_columns(case, before.network)
    outcome = search(Problem(case, before.network, columns), report)
    watch.lap("clearing")
    watts = np.zeros((len(case.offers), case.time.n_steps), dtype=np.int64)
    if outcome.reason is not None:
        result = _result(case, "not_cleared", outcome.reason, before.needs, outcome.iterations, watch)
        return Clearing(result, before.network, before.flow, None, watts.astype(np.float64) * WATT)
    watts = accepted_watts(case, columns, outcome.point.x)
    injections = award_injections(case, before.network, watts)
    after = power_flow(before.network, *injections)
    changes = unmet_changes(case, before.network, columns, outcome, watts)
    report("proof", 0.0)
    proof = prove(case.grid, *injections, progress=lambda share: report("proof", share))
    watch.lap("proof")
    left = find_needs(before.network, after)
    status, reason = _status({change.step for change in changes}, proof)
    result = _result(case, status, reason, before.needs, outcome.iterations, watch)
    published = {
        "objective_eur": round(_objective(case, watts, after), 6),
        "unmet": [change.as_document() for change in changes] + unmet_excess(left, changes),
        "proof": proof.as_document(),
    }
    if status != "not_cleared":
        published["awards"] = _awards(case, watts)
        published["payments"] = pay_as_bid(case, watts, after.import_mw - before.flow.import_mw)
    result |= published
    result["solve"]["result_sha256"] = result_sha256(result)
    report("done", 1.0)
    return Clearing(result, before.network, before.flow, after, watts.astype(np.float64) * WATT)


def _status(unmet_steps: set[int], proof: Proof) -> tuple[str, str | None]:
    """A step that is not clean is an answer only where unmet need of that step explains it."""
    if proof.diverged_steps or not unmet_steps.issuperset(proof.violated_steps):
        return "not_cleared", "proof_failed"
    return ("cleared_with_unmet" if unmet_steps else "cleared"), None


def _objective(case: Case, watts: NDArray[np.int64], after: PowerFlow) -> float:
    """Offers at their prices and import at the coupling price, EUR; virtual changes are not in it."""
    prices = np.array([offer.price_eur_per_mwh for offer in case.offers]).reshape(watts.shape)
    offers = float((prices * watts).sum()) * 1e-6
    return case.time.hours * (offers + float((case.coupling_price_eur_per_mwh * after.import_mw).sum()))


def _awards(case: Case, watts: NDArray[np.int64]) -> dict[str, Any]:
    return {
        offer.id: {
            "accepted": [round(int(w) * 1e-6, 6) for w in row],
            "price": offer.price_eur_per_mwh.tolist(),
            "make_whole_eur": "0.00",
            "why": None,
        }
        for row, offer in zip(watts, case.offers, strict=True)
    }


def _result(
    case: Case, status: str, reason: str | None, needs: tuple[Need, ...], iterations: int, watch: _Watch
) -> dict[str, Any]:
    """A result with everything that is known before awards; its hash is right as long as nothing is added."""
    result: dict[str, Any] = {
        "schema": "flexdesk.result/1",
        "status": status,
        "reason": reason,
        "objective_eur": None,
        "welfare_eur": None,
        "lower_bound_eur": None,
        "gap": None,
        "awards": {},
        "prices": None,
        "needs": [need_document(need) for need in needs],
        "unmet": [],
        "proof": None,
        "payments": {},
        "solve": {
            "method": METHOD,
            "iterations": iterations,
            "seconds": watch.seconds,
            "versions": {package: importlib.metadata.version(package) for package in PACKAGES},
            "case_sha256": case.sha256,
            "result_sha256": "",
        },
    }
    result["solve"]["result_sha256"] = result_sha256(result)
    return result
