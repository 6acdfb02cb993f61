"""The AC search of a large market whose optimum is nearly known: over the variables near their margin only.

The others are held where they stand and let go where the answer's multipliers say that they would move.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse

from engine.grid.network import Ints
from engine.market.columns import Mask
from engine.market.flat import Flat
from engine.market.limits import rows_of
from engine.market.part import unlinked
from engine.market.problem import Problem
from engine.market.search import Outcome, Progress, search
from engine.market.sifting import BEYOND_EUR_PER_MWH, Relaxed, part_of
from engine.reading import Floats

NEAR_EUR_PER_MWH = 1.0
AT_BOUND_MW = 1e-9
WIDER, NEAR_MAX_EUR = 8.0, 100.0

Settle = Callable[[Problem, Outcome], Outcome]


def search_near(problem: Problem, at: Relaxed, progress: Progress, settle: Settle) -> Outcome:
    """The optimum, from a state close by with its multipliers.

    settle(part, outcome) is what follows the search of a part of the problem: its outcome or a better one.
    """
    x, columns, near = at.point.x, problem.columns, NEAR_EUR_PER_MWH * problem.case.time.hours
    can_wait = unlinked(problem) & np.isfinite(columns.upper)
    can_move = ~can_wait | (columns.upper > columns.lower)
    low, high = x <= columns.lower + AT_BOUND_MW, x >= columns.upper - AT_BOUND_MW
    rates = Flat(problem, at.point, at.flat.rows, at.flat.links).reduced(at.multipliers)
    in_play = can_move & (~can_wait | (~low & ~high) | (np.abs(rates) < near))
    while True:
        chosen, held = np.flatnonzero(in_play), np.where(in_play, 0.0, x)
        part = part_of(problem, chosen, held)
        answer = search(part, progress, x[chosen])
        outcome = _whole(problem, answer, chosen, held)
        if outcome.reason is not None:
            if in_play[can_move].all():
                return outcome
            near *= WIDER
            in_play |= can_move & (np.abs(rates) < near) if near < NEAR_MAX_EUR else can_move
            continue
        moves, rates = _moves(problem, outcome, can_move & ~in_play)
        if not moves.any():
            settled = settle(part, answer)
            if settled is answer:
                return outcome
            outcome = _whole(problem, settled, chosen, held)
            moves, rates = _moves(problem, outcome, can_move & ~in_play)
            if not moves.any():
                return outcome
        x = outcome.point.x
        in_play |= moves | (can_move & (np.abs(rates) < near))


def _moves(problem: Problem, outcome: Outcome, waiting: Mask) -> tuple[Mask, Floats]:
    """[n_columns] which of the waiting would move at an outcome's multipliers, and all reduced costs."""
    rates = _rates(problem, outcome)
    gains = np.where(outcome.point.x > problem.columns.lower + AT_BOUND_MW, rates, -rates)
    moves: Mask = waiting & (gains > BEYOND_EUR_PER_MWH * problem.case.time.hours)
    return moves, rates


def _whole(problem: Problem, answer: Outcome, chosen: Ints, held: Floats) -> Outcome:
    """A part's outcome as one of the whole problem."""
    x = held.copy()
    x[chosen] = answer.point.x
    cuts = answer.links.matrix[len(problem.links.upper) :].tocsr()
    n = len(problem.columns)
    spread = sparse.csr_matrix((cuts.data, chosen[cuts.indices], cuts.indptr), shape=(cuts.shape[0], n))
    links = replace(
        problem.links,
        matrix=sparse.vstack([problem.links.matrix, spread], format="csr"),
        lower=np.concatenate([problem.links.lower, answer.links.lower[len(problem.links.lower) :]]),
        upper=np.concatenate([problem.links.upper, answer.links.upper[len(problem.links.upper) :]]),
    )
    return replace(answer, point=problem.at(x), links=links)


def _rates(problem: Problem, outcome: Outcome) -> Floats:
    """[n_columns] EUR per unit: reduced costs at an outcome's own multipliers."""
    rows = rows_of([table > 0.0 for table in outcome.worth])
    flat = Flat(problem, outcome.point, rows, outcome.links)
    return flat.reduced(np.concatenate([rows.values(outcome.worth), outcome.link_multipliers]))
