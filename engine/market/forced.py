"""The exact break-even of a whole-or-nothing offer: what clearing with it in costs all the others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.market.assessment import assess
from engine.market.case import Case, Offer
from engine.market.columns import OFFER
from engine.market.linear import problem_of
from engine.market.problem import Problem
from engine.market.search import Outcome, silent
from engine.market.solve import solve
from engine.reading import Floats
from engine.status import Finding, InvalidInput

BELOW_EUR_PER_MWH = (0.0, 10.0, 100.0, 1000.0)
USED_MW = 1e-6


@dataclass(frozen=True, slots=True)
class ForcedIn:
    """An offer forced into a clearing.

    energy_mwh : what would be accepted (Mvarh for Q), 0 where no allowed price gets it in; break_even : mean price
    in EUR/MWh at which the clearing with it costs what it costs without; extra_cost_eur : what it costs more at
    the offer's own price, negative where it would cost less. Both are None where it does not get in.
    """

    energy_mwh: float
    break_even: float | None
    extra_cost_eur: float | None


def forced_in(case: Case, offer_id: str) -> ForcedIn:
    """Clear with an offer made so cheap that it is taken, and charge it at its own price afterwards.

    Other whole-or-nothing offers are chosen anew. Raises InvalidInput for an unknown offer, a storage, a
    continuous session, or a case that has no optimum.
    """
    found = [k for k, offer in enumerate(case.offers) if offer.id == offer_id and offer.storage is None]
    if not found or case.options.clearing == "continuous":
        raise _invalid(f"There is no offer '{offer_id}' of P or Q that could be forced into this clearing.")
    k, hours = found[0], case.time.hours
    kept_out = _solved(replace(case, offers=tuple(_with_no_quantity(case, k))))
    if kept_out is None:
        raise _invalid("The case cannot be cleared.")
    own = case.offers[k]
    cap = case.options.unmet_price_eur_per_mwh
    for below in (*BELOW_EUR_PER_MWH, cap):
        price = np.maximum(own.price - below, -cap)
        offers = (*case.offers[:k], replace(own, price=price), *case.offers[k + 1 :])
        answer = _solved(replace(case, offers=offers))
        if answer is None:
            continue
        accepted = _accepted(*answer, k)
        energy = float(accepted.sum()) * hours
        if energy > USED_MW:
            others = _cost(answer) - float(price @ accepted) * hours
            asked = float(own.price @ accepted) * hours
            saved = _cost(kept_out) - others
            return ForcedIn(round(energy, 6), round(saved / energy, 6), round(asked - saved, 6))
    return ForcedIn(0.0, None, None)


def _invalid(message: str) -> InvalidInput:
    return InvalidInput((Finding("offer", "not_possible", message),))


def _with_no_quantity(case: Case, k: int) -> list[Offer]:
    return [
        replace(offer, quantity=np.zeros_like(offer.quantity)) if i == k else offer
        for i, offer in enumerate(case.offers)
    ]


def _solved(case: Case) -> tuple[Problem, Outcome] | None:
    network = assess(case).network
    problem, outcome = solve(problem_of(case, network), silent)
    return None if outcome.reason is not None else (problem, outcome)


def _cost(answer: tuple[Problem, Outcome]) -> float:
    return float(answer[1].point.cost.sum())


def _accepted(problem: Problem, outcome: Outcome, k: int) -> Floats:
    """[n_steps] what was accepted of an offer."""
    columns = problem.columns
    mine = (columns.kind == OFFER) & (columns.owner == k)
    accepted = np.zeros(problem.n_steps)
    accepted[columns.step[mine]] = outcome.point.x[mine]
    return accepted
