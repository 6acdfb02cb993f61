"""One more offer in a market whose optimum is known: where it can matter, and the optimum with it.

Where the offer does not pay at the known prices all stays as it is. Else the steps it can change are cleared
again, all of them where something ties steps together. A block is in or out, whichever costs less; where others
have to choose anew the whole market is cleared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints
from engine.grid.recall import Recall
from engine.market.case import Case, Offer
from engine.market.choices import has_choices
from engine.market.columns import LEVEL, REQUEST, VIRTUAL, market_columns
from engine.market.increment import GAIN_EUR, USED_MW, Found, Market
from engine.market.linear import problem_of
from engine.market.links import limited_assets
from engine.market.prices import Prices
from engine.market.problem import Problem
from engine.market.search import Known, Outcome, least
from engine.market.vcg import reduced_costs
from engine.reading import Floats
from engine.status import Finding, InvalidInput

PAYS_EUR_PER_MWH = 1e-6
# A block that costs so much more than it asks is not worth a second look.
LOSS_EUR, LOSS_SHARE = 10.0, 2.0

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class DryBase:
    """A case's optimum to start dry clearings from. recall : its sensitivities; None where they are not kept."""

    case: Case
    problem: Problem
    outcome: Outcome
    prices: Prices
    recall: Recall | None


def cleared_with(base: DryBase, case: Case, offer: Offer) -> Found:
    """The optimum of a case that is the base's with one more offer. Raises InvalidInput where there is none."""
    market = _market(base, case, case.offers.index(offer))
    if offer.exclusive_group is not None or _has_chosen(base):
        return _sure(market.whole() if _pays(market).any() or offer.storage is not None else market.without())
    if offer.storage is not None:
        return market.without() if market.stands_still() else market.sifted() or _sure(market.whole())
    moving = _moving(market, case, offer)
    market = replace(market, known=replace(market.known, moving=moving))
    if offer.block:
        return _in_or_out(market, offer)
    if offer.min_acceptance > 0.0:
        return _with_least(market, offer)
    return _divisible(market)


def _divisible(market: Market) -> Found:
    """From outside, and from inside too where the grid bends enough to make the answer doubtful."""
    found = _cleared(market)
    near = market.nearly_in(found)
    if not near.any():
        return found
    steps = np.zeros_like(market.known.moving)
    steps[market.problem.columns.step[near]] = True
    moving = market.known.moving | (market.problem.per_group(steps.astype(np.float64)) > 0.0)
    inside = replace(market.from_inside(near), known=replace(market.known, moving=moving)).sifted()
    return found if inside is None or inside.gain.sum() <= found.gain.sum() + GAIN_EUR else inside


def _cleared(market: Market) -> Found:
    if not market.known.moving.any():
        return market.without()
    return market.sifted() or _sure(market.whole())


def _in_or_out(market: Market, offer: Offer) -> Found:
    """A block."""
    moving = market.known.moving
    if not moving.any():
        return market.without()
    asked = float((np.abs(offer.price) * offer.quantity).sum()) * market.problem.case.time.hours
    taken = market.with_least(1.0, moving).sifted(loss_eur=LOSS_EUR + LOSS_SHARE * asked)
    left = market.with_least(0.0, np.zeros_like(moving)).sifted() or market.without()
    return left if taken is None or taken.gain.sum() <= left.gain.sum() + GAIN_EUR else taken


def _with_least(market: Market, offer: Offer) -> Found:
    """A minimum acceptance: in each step at least that share or nothing."""
    moving, share = market.known.moving, offer.min_acceptance
    if not moving.any():
        return market.without()
    if not market.problem.links.ties_steps:
        found = market.with_least(share, moving).sifted()
        pays = moving & (found.gain > GAIN_EUR) if found is not None else ~moving
        if found is None or (pays == moving).all():
            return found or _sure(market.whole())
        market = replace(market, known=replace(market.known, moving=pays))
        return (
            (market.with_least(share, pays).sifted() or _sure(market.whole())) if pays.any() else market.without()
        )
    found = market.sifted()
    if found is not None:
        x, upper = found.x[market.is_new], market.problem.columns.upper[market.is_new]
        if not ((x > USED_MW) & (x < share * upper - USED_MW)).any():
            return found
    return _sure(market.whole())


def _sure(found: Found | None) -> Found:
    if found is None:
        raise InvalidInput((Finding("$", "not_cleared", "The case with this offer cannot be cleared."),))
    return found


def _moving(market: Market, case: Case, offer: Offer) -> Mask:
    """[n_steps] in which the offer may change something."""
    asks = offer.quantity > 0.0
    if offer.asset is not None and offer.asset in limited_assets(case.offers):
        return np.ones_like(asks) if market.problem.links.ties_steps or offer.block else asks
    pays = _pays(market)
    if not pays.any():
        return pays
    if market.problem.links.ties_steps:
        return np.ones_like(pays)
    return asks if offer.block else pays


def _pays(market: Market) -> Mask:
    """[n_steps] where the offer's change is worth more than its price at the known prices."""
    pays = np.zeros(market.problem.n_steps, dtype=np.bool_)
    new = market.is_new & (market.reduced < -PAYS_EUR_PER_MWH)
    pays[market.problem.columns.step[new]] = True
    return pays


def _has_chosen(base: DryBase) -> bool:
    """Whether others are whole or nothing, or a storage's direction was fixed."""
    given = market_columns(base.case, base.problem.network)
    return has_choices(base.case) or not np.array_equal(given.upper, base.problem.columns.upper)


def _market(base: DryBase, case: Case, k: int) -> Market:
    """The market with offer k of the case, standing where it stood without it."""
    network, offer = base.problem.network, case.offers[k]
    problem = problem_of(case, network, None, base.problem.baseline)
    columns = problem.columns
    is_new = (columns.owner == k) & ~np.isin(columns.kind, (VIRTUAL, REQUEST))
    problem.recall = None if base.recall is None else base.recall.copy()
    x = np.zeros(len(columns))
    x[~is_new] = base.outcome.point.x
    if offer.storage is not None:
        x[is_new] = _still(problem, is_new, offer.storage.energy_start_mwh)
    multipliers = np.zeros(len(problem.links.upper))
    old = _touched(problem, ~is_new)
    multipliers[old] = base.outcome.link_multipliers[: len(old)]
    known = Known(base.outcome.worth, multipliers, np.ones(problem.n_steps, dtype=np.bool_))
    return Market(problem, x, base.outcome, known, reduced_costs(columns, base.prices, case.time.hours), is_new)


def _still(problem: Problem, is_new: Mask, level_mwh: float) -> Floats:
    """[n_new] values of a storage that stands still, or does as little as its end level needs."""
    columns, links = problem.columns, problem.links
    x = np.where(is_new & (columns.kind == LEVEL), level_mwh, 0.0)
    rows = _touched(problem, is_new)
    reached = (links.matrix @ x)[rows]
    stays = (reached >= links.lower[rows]).all() and (reached <= links.upper[rows]).all()
    return x[is_new] if stays else least(problem)[is_new]


def _touched(problem: Problem, columns: Mask) -> Ints:
    """Rows that have some of the columns in them; those of other offers keep their order."""
    rows: Ints = np.flatnonzero(np.diff(problem.links.matrix[:, columns].indptr) > 0)
    return rows
