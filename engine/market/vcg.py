"""Vickrey, Clarke and Groves: what each party's presence is worth to all, by clearing again without it.

A party is paid the cost of its accepted offers (less the value of its served requests) and W(all) - W(without it),
W being the negative of the clearing's cost. (J. Green and J.-J. Laffont, "Incentives in Public Decision Making",
1979.) Clearing without a party starts from the optimum with it and lets only the variables near their margin move;
the others are held against the new prices and let go where they would move, so the answer is that of all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Network
from engine.market.case import Case
from engine.market.choices import two_way
from engine.market.columns import REQUEST, TRADED, VIRTUAL, Columns
from engine.market.limits import no_rows
from engine.market.linearisation import Linearisation
from engine.market.links import limited_assets
from engine.market.part import held_in_place, steps_of_case, steps_of_network, unlinked
from engine.market.prices import Prices, nodal_prices
from engine.market.problem import Problem
from engine.market.search import Outcome, search, silent
from engine.market.shared_power import SharedPower
from engine.market.solve import solve
from engine.reading import Floats

NEAR_EUR_PER_MWH = 3.0
BEYOND_EUR_PER_MWH = 1e-3
UNMET_MW = 1e-6
AT_BOUND_MW = 1e-9
UNCERTIFIED = "vcg_not_certified"

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Bonuses:
    """bonus_eur : W(all) - W(without it) by party; pivotal : parties without which more need stays unmet.

    reason : why there are none: a clearing without a party ended without an optimum, or offers are whole or
    nothing and no gap is certified.
    """

    bonus_eur: dict[str, float]
    pivotal: tuple[str, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Market:
    """A part of a market at values x : [n_columns], with the reduced costs there, EUR/MWh.

    free : [n_columns] variables that no row ties to others, an auction's balances aside.
    """

    case: Case
    network: Network
    columns: Columns
    x: Floats
    reduced: Floats
    free: Mask


def bonuses(problem: Problem, outcome: Outcome, prices: Prices) -> Bonuses:
    """What each party with something accepted or served is worth to all; the operator pays and has none."""
    case, columns, x = problem.case, problem.columns, outcome.point.x
    if any(offer.has_choice for offer in case.offers):
        return Bonuses({}, (), UNCERTIFIED)
    limited = set(limited_assets(case.offers))
    shares = np.array([offer.asset in limited for offer in case.offers], dtype=np.bool_)
    free = unlinked(problem)
    free[free] = ~shares[columns.owner[free]]
    market = _Market(case, problem.network, columns, x, reduced_costs(columns, prices, case.time.hours), free)
    owners = _present(columns, x)
    parties = {case.offers[k].party for k in owners[0]} | {case.requests[k].party for k in owners[1]}
    bonus, pivotal = {}, []
    for party in sorted(parties - {case.options.operator}):
        found = _without(market, problem, outcome, party)
        if found is None:
            return Bonuses({}, (), UNCERTIFIED)
        more_cost, more_unmet = found
        bonus[party] = round(max(more_cost, 0.0), 6)
        if more_unmet > UNMET_MW:
            pivotal.append(party)
    return Bonuses(bonus, tuple(pivotal))


def reduced_costs(columns: Columns, prices: Prices, hours: float) -> Floats:
    """[n_columns] EUR/MWh: cost less worth at the prices' place; rows that tie variables aside."""
    reactive = columns.reactive.astype(np.int64)
    serves = columns.kind == REQUEST
    is_up = np.where(serves, columns.sign < 0, columns.sign > 0)
    balance = prices.balance[reactive, (~is_up).astype(np.int64), columns.step]
    worth = prices.total[reactive, columns.step, columns.bus] * columns.sign + np.where(serves, -balance, balance)
    reduced: Floats = columns.cost / hours - worth
    return reduced


def _present(columns: Columns, x: Floats) -> tuple[set[int], set[int]]:
    """Offers and requests with some quantity."""
    used = x > AT_BOUND_MW
    served = columns.kind == REQUEST
    owners = columns.owner
    return set(owners[used & ~served & (owners >= 0)].tolist()), set(owners[used & served].tolist())


def _unmet_mw(case: Case, columns: Columns, x: Floats) -> float:
    """Virtual change in a network clearing; none in an auction."""
    kinds = (VIRTUAL, REQUEST) if case.options.clearing == "network" else (VIRTUAL,)
    return float(x[np.isin(columns.kind, kinds)].sum())


def _without(market: _Market, problem: Problem, outcome: Outcome, party: str) -> tuple[float, float] | None:
    """By how much cost (EUR) and virtual change (MW) grow without a party; None where there is no optimum.

    Only the steps in which it has something are cleared again, unless something ties steps together.
    """
    case, columns = market.case, _absent(market.case, market.columns, party)
    steps = np.unique(columns.step[market.x > columns.upper + AT_BOUND_MW])
    case = _with_idle_storages(case, party)
    here = np.ones(len(columns), dtype=np.bool_)
    network, worth = market.network, outcome.worth
    if problem.links.ties_steps:
        steps = np.arange(problem.n_steps)
    elif len(steps) < problem.n_steps:
        here = np.isin(columns.step, steps)
        case, network = steps_of_case(case, steps), steps_of_network(network, steps)
        columns = columns.chosen(here)
        columns = replace(columns, step=np.searchsorted(steps, columns.step))
        worth = tuple(table[steps] for table in worth)
    part = _Market(case, network, columns, market.x[here], market.reduced[here], market.free[here])
    answer = _sifted(part, type(problem), worth)
    if answer is None:
        return None
    with_unmet = _unmet_mw(case, columns, part.x)
    return answer[0] - float(outcome.point.cost[steps].sum()), answer[1] - with_unmet


def _absent(case: Case, columns: Columns, party: str) -> Columns:
    """The variables with nothing to accept or to serve of a party."""
    offers = np.array([offer.party == party for offer in case.offers], dtype=np.bool_)
    requests = np.array([request.party == party for request in case.requests], dtype=np.bool_)
    upper = columns.upper.copy()
    for kinds, gone in ((TRADED, offers), ((REQUEST,), requests)):
        mine = np.flatnonzero(np.isin(columns.kind, kinds))
        upper[mine[gone[columns.owner[mine]]]] = 0.0
    return columns.within(columns.lower, upper)


def _with_idle_storages(case: Case, party: str) -> Case:
    """The case with a party's storages free to end where they start, as they do when they stand still."""
    return replace(
        case,
        offers=tuple(
            replace(o, storage=replace(o.storage, energy_end_mwh=o.storage.energy_start_mwh))
            if o.storage is not None and o.party == party
            else o
            for o in case.offers
        ),
    )


def _sifted(market: _Market, make: type[Problem], worth: tuple[Floats, ...]) -> tuple[float, float] | None:
    """Cost in EUR and virtual change in MW of the optimum; None where the search finds none.

    worth : multipliers of the limits at the values to start from, by kind of limit, EUR per percent.
    """
    case, columns, x = market.case, market.columns, market.x.copy()
    at_bound = (x <= columns.lower + AT_BOUND_MW) | (np.abs(x - columns.upper) <= AT_BOUND_MW)
    in_play = ~market.free | ~at_bound | (np.abs(market.reduced) <= NEAR_EUR_PER_MWH)
    if case.options.clearing != "network":
        in_play |= x > 0.0
    while True:
        held = ~in_play
        fixed = held_in_place(case, columns.chosen(held), x[held])
        part = make(fixed, market.network, columns.chosen(in_play))
        start = _first_step(part, x[in_play], worth)
        answer = search(part, silent, start)
        if two_way(part.columns, answer.point.x) or (answer.reason is not None and not held.any()):
            part, answer = solve(part, silent)
        if answer.reason is not None:
            if not held.any():
                return None
            in_play[:] = True
            continue
        x[in_play], worth = answer.point.x, answer.worth
        reduced = reduced_costs(columns, nodal_prices(part, answer), case.time.hours)
        is_in = x > columns.lower + AT_BOUND_MW
        gains = np.where(is_in, reduced > BEYOND_EUR_PER_MWH, reduced < -BEYOND_EUR_PER_MWH)
        if not (held & gains & (columns.upper > 0.0)).any():
            cost = float(answer.point.cost.sum() + (columns.cost * x)[held].sum())
            return cost, _unmet_mw(case, columns, x)
        in_play |= gains | (np.abs(reduced) <= NEAR_EUR_PER_MWH)


def _first_step(part: Problem, x: Floats, worth: tuple[Floats, ...]) -> Floats:
    """Values after one programme at an optimum whose multipliers are known, though it is not allowed any more."""
    point = part.at(x)
    rows = part.rows_near(point, no_rows())
    known = rows.values(worth)
    links = part.links.with_rows(SharedPower(part.case, part.columns).first_rows(), len(part.columns))
    every = np.ones(part.n_steps, dtype=np.bool_)
    bends = bool((part.energy_cost != 0.0).any())
    reach = np.full(part.n_steps, np.inf)
    step = Linearisation(part, point, rows, links, reach, every, bends, known).solve()
    return np.clip(step.x if step.solution.optimal else x, part.columns.lower, part.columns.upper)
