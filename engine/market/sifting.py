"""Large markets: most offers are far from their margin, so programmes decide over those near it.

The rest stands at the bound where its reduced cost puts it and is let go where new multipliers say that it would
move: a programme's optimum is that of all (R. E. Bixby et al., "Very large-scale linear programming", Oper.
Res. 40, 1992). Where nothing is known yet, a ladder of a few prices at each bus and step stands for its offers.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints
from engine.market.choices import Chosen, InPlay, everything
from engine.market.columns import Columns
from engine.market.flat import Flat, Together
from engine.market.limits import Rows, no_rows, rows_of
from engine.market.links import Links
from engine.market.part import unlinked
from engine.market.problem import NEAR_PERCENT, Point, Problem
from engine.market.program import minimise
from engine.market.search import least
from engine.market.shared_power import SharedPower
from engine.reading import Floats

LADDER = 4
COARSE_MAX, FINE_MAX = 6, 6
COARSE_PERCENT, FINE_PERCENT = 5.0, 0.05
NEAR_EUR_PER_MWH = (6.0, 3.0, 2.0)
BEYOND_EUR_PER_MWH = 1e-3
WIDER, NEAR_MAX = 8.0, 500.0
ROWS_EACH = 3

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """A relaxation's answer: the last model, its multipliers : [n_rows + n_links], and the state it led to."""

    flat: Flat
    multipliers: Floats
    point: Point

    def tables(self) -> tuple[Floats, ...]:
        """Multipliers of the limits by kind, [n_steps, n_bus or n_branch] EUR per percent."""
        tables = tuple(np.zeros_like(e) for e in self.point.excesses)
        rows = self.flat.rows
        for kind, table in enumerate(tables):
            mine = np.flatnonzero(rows.kind == kind)
            table[rows.step[mine], rows.element[mine]] = self.multipliers[mine]
        return tables


def relax(problem: Problem, together: Together) -> Relaxed | None:
    """The optimum with every choice divisible, to first order at its own state; None where programmes fail."""
    links = problem.links.with_rows(SharedPower(problem.case, problem.columns).first_rows(), len(problem.columns))
    problem = with_links(problem, links)
    coarse, bucket = _ladder(problem)
    nothing = nothing_together(coarse)
    at: Relaxed | None = None
    for _ in range(COARSE_MAX):
        at = step_from(coarse, nothing, at, None)
        if at is None:
            return None
        if at.point.worst.max() <= COARSE_PERCENT:
            break
    assert at is not None
    at = replace(at, point=problem.at(_spread(problem.columns, coarse.columns, bucket, at.point.x)))
    for turn in range(FINE_MAX):
        at = step_from(problem, together, at, NEAR_EUR_PER_MWH[min(turn, len(NEAR_EUR_PER_MWH) - 1)])
        if at is None or at.point.worst.max() <= FINE_PERCENT:
            break
    return at


def retaken(problem: Problem, at: Relaxed, point: Point) -> Relaxed:
    """The same multipliers with the model taken again at a point, and the limits that are passed or near there."""
    rows = _most(point, at.flat.rows)
    limits = rows.values(at.tables())
    flat = Flat(problem, point, rows, at.flat.links)
    return Relaxed(flat, np.concatenate([limits, at.multipliers[len(at.flat.rows) :]]), point)


def nothing_together(problem: Problem) -> Together:
    """No choices."""
    return Together(np.full(len(problem.columns), -1), np.zeros(0, dtype=np.bool_), np.zeros(0), ())


def with_links(problem: Problem, links: Links) -> Problem:
    """The problem with other rows over its variables."""
    other = copy.copy(problem)
    other.links = links
    return other


def part_of(problem: Problem, chosen: Ints, x: Floats) -> Problem:
    """The problem of some variables, the others held at values x : [n_columns] (those of the chosen are 0)."""
    other = copy.copy(problem)
    other.baseline = None
    columns, links = problem.columns, problem.links
    p_mw, q_mvar = columns.injections(x, problem.case.net_p_mw.shape)
    other.case = replace(
        problem.case, net_p_mw=problem.case.net_p_mw + p_mw, net_q_mvar=problem.case.net_q_mvar + q_mvar
    )
    other.columns = columns.chosen(chosen)
    held = links.matrix @ x
    other.links = replace(
        links, matrix=links.matrix[:, chosen], lower=links.lower - held, upper=links.upper - held
    )
    return other


def _ladder(problem: Problem) -> tuple[Problem, Ints]:
    """A problem with `LADDER` prices for the offers of a bus, step and direction; [n_columns] whom each is in."""
    columns = problem.columns
    mine = np.flatnonzero(unlinked(problem))
    key = ((columns.step * 2 + columns.reactive) * len(problem.network.bus_ids) + columns.bus) * 2
    key = (key + (columns.sign > 0))[mine]
    order = np.lexsort((columns.cost[mine], key))
    mine, key = mine[order], key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    count = np.diff(np.append(first, len(key)))
    rank = (np.arange(len(key)) - np.repeat(first, count)) * LADDER // np.repeat(count, count)
    first = np.flatnonzero(np.diff(key * LADDER + rank, prepend=-1))
    stands = np.arange(len(columns))
    stands[mine] = np.repeat(mine[first], np.diff(np.append(first, len(mine))))
    chosen, bucket = np.unique(stands, return_inverse=True)
    upper = np.bincount(bucket, weights=columns.upper, minlength=len(chosen)).astype(np.float64)
    worth = np.bincount(bucket[mine], weights=(columns.upper * columns.cost)[mine], minlength=len(chosen))
    few = part_of(problem, chosen, np.zeros(len(columns)))
    merged = np.isin(chosen, mine[first])
    cost = np.where(merged, worth / np.where(merged, upper, 1.0), few.columns.cost)
    few.columns = replace(few.columns, upper=upper, cost=cost)
    return few, bucket


def _spread(columns: Columns, coarse: Columns, bucket: Ints, x: Floats) -> Floats:
    """[n_columns] values that make the same change as a ladder's, each offer of a bucket in proportion."""
    values, capped = x[bucket], np.flatnonzero(np.isfinite(columns.upper))
    most = coarse.upper[bucket[capped]]
    values[capped] *= np.divide(columns.upper[capped], most, out=np.ones(len(capped)), where=most > 0.0)
    return values


def step_from(problem: Problem, together: Together, at: Relaxed | None, near: float | None) -> Relaxed | None:
    """One programme at the state reached so far, and the state that its answer leads to.

    near : EUR/MWh of reduced cost up to which offers are in play at first, None for all.
    """
    if at is None:
        point, tables = problem.at(least(problem)), None
        rows = _most(point, no_rows())
    else:
        point, tables = at.point, at.tables()
        rows = _most(point, at.flat.rows.chosen(at.multipliers[: len(at.flat.rows)] > 0.0))
    flat = Flat(problem, point, rows, problem.links)
    if near is None or tables is None or at is None:
        solved = relaxed(flat, together, everything(flat, together))
    else:
        guess = np.concatenate([rows.values(tables), at.multipliers[len(at.flat.rows) :]])
        solved = sifted(flat, together, guess, near)
    if solved is None:
        return None
    x, multipliers = solved
    trial = problem.at(x)
    while not trial.flow.all_converged:
        x = 0.5 * (x + point.x)
        trial = problem.at(x)
    return Relaxed(flat, multipliers, trial)


def _most(point: Point, rows: Rows) -> Rows:
    """The given rows and, of each kind and step, the few limits that are violated most or nearest."""
    masks = []
    for kind, (e, near) in enumerate(zip(point.excesses, NEAR_PERCENT, strict=True)):
        mask = np.zeros(e.shape, dtype=np.bool_)
        top = np.argsort(-e, axis=1, kind="stable")[:, :ROWS_EACH]
        np.put_along_axis(mask, top, np.take_along_axis(e, top, axis=1) > -near, axis=1)
        mine = rows.kind == kind
        mask[rows.step[mine], rows.element[mine]] = True
        masks.append(mask)
    return rows_of(masks)


def sifted(flat: Flat, together: Together, guess: Floats, near: float) -> tuple[Floats, Floats] | None:
    """The relaxation's optimum over all variables, started from multipliers : values and multipliers."""
    hours = flat.problem.case.time.hours
    play, plain, movable = _always(flat, together)
    columns_in, binaries_in = play.columns.copy(), play.binaries.copy()
    rates = Rates(flat, together, guess)
    columns_in |= plain & (np.abs(rates.own) < near * hours)
    binaries_in |= movable & (np.abs(rates.block) < near)
    while True:
        held = rates.held(plain & ~columns_in, movable & ~binaries_in)
        solved = relaxed(flat, together, InPlay(columns_in, binaries_in, held))
        if solved is None and columns_in[plain].all() and binaries_in[movable].all():
            return None
        if solved is None:
            near *= WIDER
            columns_in |= plain & (np.abs(rates.own) < near * hours) if near < NEAR_MAX else plain
            binaries_in |= movable & (np.abs(rates.block) < near) if near < NEAR_MAX else movable
            continue
        before, rates = rates, Rates(flat, together, solved[1])
        moves = plain & ~columns_in & (np.sign(before.own) * rates.own < -BEYOND_EUR_PER_MWH * hours)
        blocks = movable & ~binaries_in & (np.sign(before.block) * rates.block < -BEYOND_EUR_PER_MWH)
        if not moves.any() and not blocks.any():
            return solved
        columns_in |= moves | (plain & (np.abs(rates.own) < 0.5 * near * hours))
        binaries_in |= blocks | (movable & (np.abs(rates.block) < 0.5 * near))


def undecided(
    flat: Flat, together: Together, multipliers: Floats, near: float, at_stake_eur: float = 0.0
) -> InPlay:
    """What a choice has to decide: offers whose reduced cost is within near, EUR/MWh, of nothing.

    Blocks too whose reduced cost is no more than what is at stake: no other one can be in a better answer.
    """
    play, plain, movable = _always(flat, together)
    rates = Rates(flat, together, multipliers)
    columns_in = play.columns | (plain & (np.abs(rates.own) < near * flat.problem.case.time.hours))
    is_open = (np.abs(rates.block) < near) | (np.abs(rates.block) * rates.energy <= at_stake_eur)
    binaries_in = play.binaries | (movable & is_open)
    return InPlay(columns_in, binaries_in, rates.held(plain & ~columns_in, movable & ~binaries_in))


class Rates:
    """Reduced costs. own : [n_columns] EUR per unit; block : [n_binaries] EUR per MWh of all that one switches.

    energy : [n_binaries] MWh of it.
    """

    def __init__(self, flat: Flat, together: Together, multipliers: Floats) -> None:
        self.together, self.lower, self.upper = together, flat.problem.columns.lower, flat.problem.columns.upper
        self.own = flat.reduced(multipliers)
        finite = np.where(np.isfinite(self.upper), self.upper, 0.0)
        self.energy = together.sums(finite) * flat.problem.case.time.hours
        self.block = together.sums(self.own * finite) / np.where(self.energy > 0.0, self.energy, 1.0)

    def held(self, plain: Mask, blocks: Mask) -> Floats:
        """[n_columns] where the reduced costs put variables and blocks that are out of play, 0 for the others."""
        x = np.where(plain, np.where(self.own < 0.0, self.upper, self.lower), 0.0)
        taken = np.append(blocks & (self.block < 0.0), False)[self.together.of_column]
        held: Floats = np.where(taken, self.upper, x)
        return held


def _always(flat: Flat, together: Together) -> tuple[InPlay, Mask, Mask]:
    """What is always in play; [n_columns] single variables and [n_binaries] blocks that need not be."""
    free = unlinked(flat.problem)
    every = everything(flat, together)
    plain = free & (together.of_column < 0)
    tied = together.sums((~free).astype(np.float64)) > 0.0
    movable = together.is_block & ~tied
    for group in together.groups:
        movable[group] = False
    return InPlay(every.columns & ~plain, ~movable, every.held), plain, movable


def relaxed(flat: Flat, together: Together, play: InPlay) -> tuple[Floats, Floats] | None:
    """Values and multipliers of the relaxed programme over what is in play; None where it has no optimum."""
    chosen = Chosen(flat, together, play)
    found = minimise(chosen.programme, flat.problem.clock)
    if not found.optimal:
        return None
    multipliers = np.zeros(len(flat.row_upper))
    multipliers[chosen.rows] = found.multipliers[: len(chosen.rows)]
    limits = multipliers[: len(flat.rows)]
    np.maximum(limits, 0.0, out=limits)
    return chosen.values(found.x), multipliers
