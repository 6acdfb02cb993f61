"""How good an answer is: bounds of the model linearised at it, and the gap that the case format defines.

On linear physics that model is the market itself, so the bound is certified. On the AC grid it is a bound of the
first-order model at the answer's own state: what no choice of whole-or-nothing offers could undercut there.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.market.choices import everything
from engine.market.flat import Flat, Together
from engine.market.limits import rows_of
from engine.market.problem import Problem
from engine.market.search import Outcome
from engine.market.sifting import relaxed
from engine.reading import Floats

Multipliers = tuple[tuple[Floats, ...], Floats]


def bound_at(
    problem: Problem, outcome: Outcome, together: Together, known: Iterable[Multipliers] | None = None
) -> float:
    """EUR below which the model linearised at an outcome has no answer, -inf where there is none.

    known : multipliers to try, each by kind of limit [n_steps, n_bus or n_branch] and of the links; None: those of
    the relaxation in which all choices are divisible, which are the best.
    """
    tables = [outcome.worth] if known is None else [limits for limits, _ in known]
    marked = [np.any([table[kind] > 0.0 for table in tables], axis=0) for kind in range(len(outcome.worth))]
    near = problem.rows_near(outcome.point, rows_of(marked)) if known is None else rows_of(marked)
    flat = Flat(problem, outcome.point, near, outcome.links)
    if known is None:
        solved = relaxed(flat, together, everything(flat, together))
        return -np.inf if solved is None else flat.bound(solved[1], together)
    tried = [np.concatenate([flat.rows.values(limits), _sized(links, outcome)]) for limits, links in known]
    return max(flat.bound(multipliers, together) for multipliers in tried)


def _sized(links: Floats, outcome: Outcome) -> Floats:
    """Multipliers of an outcome's links, nothing for those that were not known yet."""
    n = min(len(links), len(outcome.links.upper))
    return np.concatenate([links[:n], np.zeros(len(outcome.links.upper) - n)])


def gap_of(problem: Problem, outcome: Outcome) -> float | None:
    """(cost - bound) / max(1 EUR, |cost - energy cost of the baseline|); None without a bound."""
    if not np.isfinite(outcome.bound_eur):
        return None
    cost = true_cost(problem, outcome)
    nothing = float(problem.at(np.zeros(len(problem.columns))).cost.sum())
    return max(cost - outcome.bound_eur, 0.0) / max(1.0, abs(cost - nothing))


def true_cost(problem: Problem, outcome: Outcome) -> float:
    """EUR, virtual changes included, without tie-breaking parts."""
    columns, x = problem.columns, outcome.point.x
    return float(outcome.point.cost.sum() - (columns.cost - columns.true_cost) @ x)
