"""Exact figures that prices alone cannot tell: found by clearing again.

For a whole-or-nothing offer the break-even, what clearing with it in costs all the others; for any other the
turning point, at which price it is accepted and at which no longer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.market.assessment import assess
from engine.market.awards import accepted_quanta
from engine.market.case import Case, Offer
from engine.market.columns import TRADED
from engine.market.explain import Why, explain
from engine.market.linear import problem_of
from engine.market.prices import nodal_prices
from engine.market.problem import Problem
from engine.market.search import Outcome, silent
from engine.market.solve import solve
from engine.market.tables import offer_table
from engine.reading import Floats
from engine.status import Finding, InvalidInput

BELOW_EUR_PER_MWH = (0.0, 10.0, 100.0, 1000.0)
USED_MW = 1e-6
CENT, LESS = 0.01, 0.01


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


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """Where an offer starts to be accepted, EUR/MWh or EUR/Mvarh.

    step : whose price is changed, None for all steps of a storage; accepted_at : a price at which it is accepted,
    None where no lower one was found; refused_at : one at which it is not, a cent above where both are told.
    """

    step: int | None
    accepted_at: float | None
    refused_at: float | None


def turning_point(case: Case, offer_id: str) -> TurningPoint:
    """Clear with an offer's price moved until both sides of its turning point are known.

    Raises InvalidInput for an unknown or whole-or-nothing offer, one that was accepted, a continuous session, or a
    case that has no optimum.
    """
    found = [k for k, offer in enumerate(case.offers) if offer.id == offer_id and not offer.has_choice]
    if not found or case.options.clearing == "continuous":
        raise _invalid(f"There is no offer '{offer_id}' in this clearing whose price could be moved step by step.")
    k, solved = found[0], _solved(case)
    if solved is None:
        raise _invalid("The case cannot be cleared.")
    told = _told(*solved, k)
    if told is None or told.accepted_if is None:
        raise _invalid(f"No price would have the offer '{offer_id}' accepted further.")
    is_storage = case.offers[k].storage is not None
    at = slice(None) if is_storage or told.step is None else slice(told.step, told.step + 1)
    accepted, refused = _bracket(case, k, at, told.accepted_if)
    return TurningPoint(None if is_storage else told.step, accepted, refused)


def _told(problem: Problem, outcome: Outcome, k: int) -> Why | None:
    table = offer_table(problem.case, problem.network)
    quanta = accepted_quanta(problem.case, problem.columns, outcome.point.x)
    return explain(problem, outcome, nodal_prices(problem, outcome), table, quanta)[k]


def _bracket(case: Case, k: int, at: slice, told: float) -> tuple[float | None, float | None]:
    """(accepted, refused) prices a cent apart, from the told price outward, then halved."""
    own, cap = case.offers[k], case.options.unmet_price_eur_per_mwh
    dearest = float(own.price[at].max())

    def is_taken(price: float) -> bool:
        changed = own.price.copy()
        changed[at] = np.minimum(price, own.price[at])
        answer = _solved(
            replace(case, offers=(*case.offers[:k], replace(own, price=changed), *case.offers[k + 1 :]))
        )
        return answer is not None and bool(np.abs(_accepted(*answer, k)[at]).max() > USED_MW)

    accepted: float | None = None
    refused: float | None = None
    price, stride = told, max(CENT, LESS * (dearest - told))
    while accepted is None or refused is None:
        if is_taken(price):
            accepted = price
        else:
            refused = price
        if (accepted is None and price <= -cap) or (refused is None and price >= dearest):
            return accepted, refused
        price = min(price + stride, dearest) if refused is None else max(price - stride, -cap)
        stride *= 2.0
    while refused - accepted > CENT:
        middle = 0.5 * (accepted + refused)
        accepted, refused = (middle, refused) if is_taken(middle) else (accepted, middle)
    return round(accepted, 6), round(refused, 6)


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
    """[n_steps] what was accepted of an offer, charged or discharged of a storage."""
    columns = problem.columns
    mine = np.isin(columns.kind, TRADED) & (columns.owner == k)
    accepted = np.zeros(problem.n_steps)
    np.add.at(accepted, columns.step[mine], outcome.point.x[mine])
    return accepted
