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
from engine.market.choices import Choice
from engine.market.columns import REQUEST, VIRTUAL, Columns
from engine.market.links import limited_assets
from engine.market.part import (
    held_in_place,
    renamed,
    staying,
    steps_of_case,
    steps_of_network,
    unlinked,
    without_party,
)
from engine.market.prices import Prices, nodal_prices
from engine.market.problem import Problem
from engine.market.search import Outcome, silent
from engine.market.solve import with_choice
from engine.reading import Floats

NEAR_EUR_PER_MWH = 2.0
BEYOND_EUR_PER_MWH = 1e-3
UNMET_MW = 1e-6
AT_BOUND_MW = 1e-9
UNCERTIFIED = "vcg_not_certified"

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Bonuses:
    """bonus_eur : W(all) - W(without it) by party; pivotal : parties without which more need stays unmet.

    reason : why there are none; a clearing without a party ended without an optimum, or offers are whole or nothing
    and no gap is certified.
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
    """By how much cost (EUR) and virtual change (MW) grow without a party; None where there is no optimum."""
    case, offers, requests = without_party(market.case, party)
    stays = staying(market.columns, offers, requests)
    leaving = np.unique(market.columns.step[~stays & (market.x > AT_BOUND_MW)])
    here = np.isin(market.columns.step, leaving)
    if problem.links.ties_steps:
        leaving, here = np.arange(problem.n_steps), np.ones(len(market.x), dtype=np.bool_)
    stays &= here
    columns = renamed(market.columns.chosen(stays), offers, requests)
    network = market.network
    if len(leaving) < problem.n_steps:
        case, network = steps_of_case(case, leaving), steps_of_network(network, leaving)
        columns = replace(columns, step=np.searchsorted(leaving, columns.step))
    answer = _sifted(_Market(case, network, columns, market.x[stays], market.reduced[stays], market.free[stays]))
    if answer is None:
        return None
    with_cost = float(outcome.point.cost[leaving].sum())
    with_unmet = _unmet_mw(case, market.columns, np.where(here, market.x, 0.0))
    return answer[0] - with_cost, answer[1] - with_unmet


def _sifted(market: _Market) -> tuple[float, float] | None:
    """Cost in EUR and virtual change in MW of the optimum; None where the search finds none."""
    case, columns, x = market.case, market.columns, market.x.copy()
    at_bound = (x <= columns.lower + AT_BOUND_MW) | (x >= columns.upper - AT_BOUND_MW)
    in_play = ~market.free | ~at_bound | (np.abs(market.reduced) <= NEAR_EUR_PER_MWH)
    if case.options.clearing != "network":
        in_play |= x > 0.0
    while True:
        held = ~in_play
        fixed = held_in_place(case, columns.chosen(held), x[held])
        part = Problem(fixed, market.network, columns.chosen(in_play))
        part, answer = with_choice(part, Choice(np.ones(int(in_play.sum()), dtype=np.bool_)), silent, x[in_play])
        if answer.reason is not None:
            if not held.any():
                return None
            in_play[:] = True
            continue
        x[in_play] = answer.point.x
        prices = nodal_prices(part, answer)
        reduced = reduced_costs(columns, prices, case.time.hours)
        gains = np.where(
            x > columns.lower + AT_BOUND_MW, reduced > BEYOND_EUR_PER_MWH, reduced < -BEYOND_EUR_PER_MWH
        )
        if not (held & gains).any():
            cost = float(answer.point.cost.sum() + (columns.cost * x)[held].sum())
            return cost, _unmet_mw(case, columns, x)
        in_play |= gains | (np.abs(reduced) <= NEAR_EUR_PER_MWH)
