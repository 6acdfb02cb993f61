"""What a clearing decides, whatever its mode: accepted and served quantities and the injections they lead to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.market.assessment import Assessment
from engine.market.awards import QUANTUM_MW, accepted_quanta, as_mw, award_injections
from engine.market.case import Case
from engine.market.columns import VIRTUAL
from engine.market.continuous import Matching, match
from engine.market.linear import problem_of, sees_ac
from engine.market.payments import NOBODY_SERVED, Served
from engine.market.problem import Problem
from engine.market.program import Clock
from engine.market.search import Outcome, Progress
from engine.market.settlement import served_requests
from engine.market.solve import solve
from engine.reading import Floats

USED_MW = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A decision before it is proved and settled.

    reason : None where there is one; quanta : [n_offers, n_steps] in `QUANTUM_MW`, a storage's discharge less
    charge; served : requests of an auction; p_mw, q_mvar : [n_steps, n_bus] injections with the awards and without
    virtual changes; problem, outcome : of the programmes, matching : of a continuous session.
    """

    reason: str | None
    method: str
    iterations: int
    quanta: NDArray[np.int64]
    served: Served
    p_mw: Floats
    q_mvar: Floats
    problem: Problem | None = None
    outcome: Outcome | None = None
    matching: Matching | None = None


def answer(case: Case, before: Assessment, progress: Progress, clock: Clock) -> Answer:
    """Decide a case by its clearing mode and physics; what cannot be decided says why."""
    if not before.flow.all_converged and sees_ac(case):
        return _nothing(case, "power_flow_diverged")
    if case.options.clearing == "continuous":
        return _matched(case, before)
    problem, outcome = solve(problem_of(case, before.network, clock, before.flow), progress)
    if outcome.reason is not None:
        return _nothing(case, outcome.reason, outcome.iterations)
    is_auction = case.options.clearing != "network"
    if is_auction and (outcome.point.x[problem.columns.kind == VIRTUAL] > USED_MW).any():
        return _nothing(case, "limits_not_kept", outcome.iterations)
    quanta = accepted_quanta(case, problem.columns, outcome.point.x)
    served = served_requests(problem, outcome)
    p_mw, q_mvar = award_injections(case, before.network, as_mw(quanta))
    _take_served(case, served, p_mw, q_mvar)
    method = "linear-programme" if not sees_ac(case) else "successive-qp" if outcome.is_bent else "successive-lp"
    return Answer(None, method, outcome.iterations, quanta, served, p_mw, q_mvar, problem, outcome)


def _nothing(case: Case, reason: str, iterations: int = 0) -> Answer:
    quanta = np.zeros((len(case.offers), case.time.n_steps), dtype=np.int64)
    return Answer(reason, "none", iterations, quanta, NOBODY_SERVED, case.net_p_mw, case.net_q_mvar)


def _matched(case: Case, before: Assessment) -> Answer:
    """A session's matches; the state to prove is the one with every right used."""
    matching = match(case, before.network)
    quanta = np.rint(matching.accepted / QUANTUM_MW).astype(np.int64)
    p_mw, q_mvar = matching.p_mw.copy(), matching.q_mvar.copy()
    at = before.network.bus_index
    offers = {offer.id: offer for offer in case.offers}
    for m in matching.matches:
        if m.conditional:
            offer = offers[m.offer]
            target = q_mvar if offer.commodity == "Q" else p_mw
            target[m.step, at[offer.bus]] += offer.sign * m.quantity
            target[m.step, at[m.bus]] -= offer.sign * m.quantity
    n = len(matching.matches)
    return Answer(None, "continuous", n, quanta, NOBODY_SERVED, p_mw, q_mvar, matching=matching)


def _take_served(case: Case, served: Served, p_mw: Floats, q_mvar: Floats) -> None:
    """Serving a request up takes its quantity out of the grid at its bus, down puts it in."""
    for owner, step, bus, quanta in zip(served.owner, served.step, served.bus, served.quanta, strict=True):
        request = case.requests[owner]
        target = q_mvar if request.commodity == "Q" else p_mw
        target[step, bus] -= request.sign * quanta * QUANTUM_MW
