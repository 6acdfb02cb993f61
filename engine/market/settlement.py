"""From a clearing's optimum to what is published of money: prices, awards with their reasons, payments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.market.awards import QUANTUM_MW
from engine.market.columns import REQUEST
from engine.market.documents import awards_document, prices_document, served_document
from engine.market.explain import explain, steep_limits
from engine.market.linear import LinearProblem
from engine.market.payments import Served, settle
from engine.market.prices import nodal_prices
from engine.market.problem import Problem
from engine.market.search import Outcome
from engine.market.tables import offer_table, publish
from engine.market.vcg import bonuses
from engine.reading import Floats

Lap = Callable[[str], None]


def settlement(
    problem: Problem, outcome: Outcome, quanta: NDArray[np.int64], import_change_mw: Floats, lap: Lap
) -> dict[str, Any]:
    """`prices`, `awards` and `payments` of the result; `served` in an auction, `pivotal` under VCG.

    quanta : [n_offers, n_steps] accepted, in `QUANTUM_MW`; import_change_mw : [n_steps] import after less before;
    lap(stage) is called as each part is done. Where VCG cannot be paid nothing but its `reason`.
    """
    case, network = problem.case, problem.network
    table = offer_table(case, network)
    prices = nodal_prices(problem, outcome)
    published = publish(prices)
    lap("prices")
    vcg = bonuses(problem, outcome, prices) if case.options.payment == "vcg" else None
    if vcg is not None and vcg.reason is not None:
        return {"reason": vcg.reason}
    served = served_requests(problem, outcome)
    lossless = isinstance(problem, LinearProblem)
    import_change_mw = np.zeros_like(import_change_mw) if lossless else import_change_mw
    paid = settle(case, table, quanta, import_change_mw, published, served, None if vcg is None else vcg.bonus_eur)
    lap("payments")
    reasons = explain(problem, outcome, prices, table, quanta)
    lap("explanations")
    document: dict[str, Any] = {
        "prices": prices_document(case, network, published),
        "awards": awards_document(case, quanta, paid, reasons),
        "payments": paid.payments,
    }
    if case.options.clearing != "network":
        document["served"] = served_document(case, network, served, paid)
        document["prices"]["steep"] = steep_limits(network, prices, case.options.unmet_price_eur_per_mwh)
    if vcg is not None:
        document["pivotal"] = list(vcg.pivotal)
    return document


def served_requests(problem: Problem, outcome: Outcome) -> Served:
    """Requests served in an auction; none in a network clearing, where they cap the price of virtual change."""
    columns = problem.columns
    is_auction = problem.case.options.clearing != "network"
    used = np.flatnonzero((columns.kind == REQUEST) & (outcome.point.x >= QUANTUM_MW) & is_auction)
    quanta = np.rint(outcome.point.x[used] / QUANTUM_MW).astype(np.int64)
    return Served(columns.owner[used], columns.step[used], columns.bus[used], quanta)
