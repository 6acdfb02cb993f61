"""Clear a market case: decide, prove, settle, explain; the outcome is a ``flexdesk.result/1`` document."""

from __future__ import annotations

import importlib.metadata
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from engine.canonical import result_sha256
from engine.grid.needs import Need, find_needs
from engine.grid.network import Network
from engine.grid.powerflow import PowerFlow, power_flow
from engine.market.answer import Answer, answer
from engine.market.assessment import Assessment, assess
from engine.market.awards import QUANTUM_MW, UnmetChange, as_mw, need_document, unmet_changes, unmet_excess
from engine.market.bound import gap_of
from engine.market.case import Case
from engine.market.linear import sees_ac
from engine.market.program import Clock
from engine.market.proof import Proof, prove
from engine.market.search import Progress, silent
from engine.market.sessions import session_documents
from engine.market.settlement import settlement
from engine.reading import Floats

PROGRESS_STAGES = ("needs", "clearing", "proof", "done")
PACKAGES = ("clarabel", "highspy", "numpy", "pandapower", "piqp", "scipy")


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
    """Clear, then prove the rounded awards by an independent power flow.

    Never raises for a market that cannot be cleared: the result's status and reason tell. What the progress
    callback raises (`Cancelled`) passes through.
    """
    report = progress or silent
    watch, clock = _Watch(), Clock()
    report("needs", 0.0)
    before = assess(case)
    watch.lap("needs")
    decided = answer(case, before, report, clock)
    watch.lap("clearing")
    accepted = as_mw(decided.quanta)
    if decided.reason is not None:
        result = _result(case, "not_cleared", decided.reason, before.needs, decided, watch, clock)
        return Clearing(result, before.network, before.flow, None, accepted)
    after = power_flow(before.network, decided.p_mw, decided.q_mvar)
    changes = _unmet(case, before, decided, accepted)
    report("proof", 0.0)
    relief = None if case.options.clearing == "network" else (case.net_p_mw, case.net_q_mvar)
    proof = prove(
        case.grid, decided.p_mw, decided.q_mvar, relief=relief, progress=lambda share: report("proof", share)
    )
    watch.lap("proof")
    status, reason = _status(case, {change.step for change in changes}, proof)
    settled: dict[str, Any] = {}
    if status != "not_cleared":
        settled = _settled(case, decided, after.import_mw - before.flow.import_mw, watch)
        refused = settled.pop("reason", None)
        status, reason = ("not_cleared", refused) if refused else (status, reason)
    result = _result(case, status, reason, before.needs, decided, watch, clock)
    left = find_needs(before.network, after) if case.options.clearing == "network" else ()
    result |= {
        "objective_eur": round(_objective(case, decided, accepted, before, after), 6),
        "unmet": [change.as_document() for change in changes] + unmet_excess(left, changes),
        "proof": proof.as_document(),
    }
    if status != "not_cleared":
        result |= settled | _certificate(case, decided, result["objective_eur"])
        model_gap = _model_gap(case, decided)
        if model_gap is not None:
            result["solve"]["model_gap"] = model_gap
        if case.options.clearing != "network":
            result["welfare_eur"] = round(_welfare(case, decided, accepted), 6)
    result["solve"]["result_sha256"] = result_sha256(result)
    report("done", 1.0)
    return Clearing(result, before.network, before.flow, after, accepted)


def _settled(case: Case, decided: Answer, import_change_mw: Floats, watch: _Watch) -> dict[str, Any]:
    """Prices, awards and payments of the result."""
    if decided.matching is not None:
        return session_documents(case, decided.matching)
    assert decided.problem is not None
    assert decided.outcome is not None
    return settlement(decided.problem, decided.outcome, decided.quanta, import_change_mw, watch.lap)


def _unmet(case: Case, before: Assessment, decided: Answer, accepted: Floats) -> tuple[UnmetChange, ...]:
    if case.options.clearing != "network" or decided.problem is None or decided.outcome is None:
        return ()
    return unmet_changes(case, before.network, decided.problem.columns, decided.outcome, accepted)


def _status(case: Case, unmet_steps: set[int], proof: Proof) -> tuple[str, str | None]:
    """A step that is not clean is an answer only where unmet need of that step explains it.

    Where the clearing did not look at the AC grid, the proof only tells what the grid would see.
    """
    if sees_ac(case) and (proof.diverged_steps or not unmet_steps.issuperset(proof.violated_steps)):
        return "not_cleared", "proof_failed"
    return ("cleared_with_unmet" if unmet_steps else "cleared"), None


def _objective(case: Case, decided: Answer, accepted: Floats, before: Assessment, after: PowerFlow) -> float:
    """The stated objective, EUR; virtual changes are not in it.

    `network`: offers at their prices and import at the coupling price, to be least. Else the value of what was
    served less what offers ask, less the change of import on an AC grid, to be most.
    """
    hours = case.time.hours
    price = case.coupling_price_eur_per_mwh
    if case.options.clearing == "network":
        return _asked(case, accepted) + hours * float((price * after.import_mw).sum())
    imported = 0.0 if not sees_ac(case) else float((price * (after.import_mw - before.flow.import_mw)).sum())
    return _welfare(case, decided, accepted) - hours * imported


def _certificate(case: Case, decided: Answer, objective_eur: float) -> dict[str, float]:
    """Bound and gap where the programmes are the market itself, which is on linear physics.

    An auction's objective is to be most, so its bound lies above; without a pi term the baseline costs nothing.
    """
    if sees_ac(case) or decided.outcome is None or not np.isfinite(decided.outcome.bound_eur):
        return {}
    bound = max(-decided.outcome.bound_eur, objective_eur)
    return {
        "lower_bound_eur": round(bound, 6),
        "gap": round((bound - objective_eur) / max(1.0, abs(objective_eur)), 9),
    }


def _model_gap(case: Case, decided: Answer) -> float | None:
    """The same against the first-order model of the AC grid at the answer; it certifies nothing on that grid."""
    if not sees_ac(case) or decided.problem is None or decided.outcome is None:
        return None
    gap = gap_of(decided.problem, decided.outcome)
    return None if gap is None else round(gap, 9)


def _asked(case: Case, accepted: Floats) -> float:
    """What the accepted offers ask, EUR."""
    rates = sum(float((o.price * np.abs(row)).sum()) for o, row in zip(case.offers, accepted, strict=True))
    return case.time.hours * rates


def _welfare(case: Case, decided: Answer, accepted: Floats) -> float:
    """What requests would pay at most for what they were served less what offers ask for it, EUR."""
    if decided.matching is not None:
        rows = zip(case.requests, decided.matching.served, strict=True)
        value = sum(float((request.price * row).sum()) for request, row in rows)
    else:
        served = decided.served
        prices = [case.requests[k].price[t] for k, t in zip(served.owner, served.step, strict=True)]
        value = float(np.dot(prices, served.quanta)) * QUANTUM_MW
    return case.time.hours * value - _asked(case, accepted)


@cache
def _versions() -> dict[str, str]:
    return {package: importlib.metadata.version(package) for package in PACKAGES}


def _result(
    case: Case,
    status: str,
    reason: str | None,
    needs: tuple[Need, ...],
    decided: Answer,
    watch: _Watch,
    clock: Clock,
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
            "method": decided.method,
            "iterations": decided.iterations,
            "seconds": watch.seconds | {name: round(value, 4) for name, value in clock.seconds.items()},
            "versions": dict(_versions()),
            "case_sha256": case.sha256,
            "result_sha256": "",
        },
    }
    result["solve"]["result_sha256"] = result_sha256(result)
    return result
