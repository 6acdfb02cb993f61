"""How far a rejected offer's turning point lies above its reduced cost, since a whole swap may pay more.

The AC grid bends: when an offer takes the place of others, what the limits are worth to it changes on the way.
Along that way, the others answering so that the limits still hold, the cost is a parabola; where it curves down
the whole swap pays at a price at which its first watt does not. (Second-order directional derivative of the
optimal value: J. Nocedal and S. J. Wright, "Numerical Optimization", 2006, sections 12.5 and 16.1.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.grid.network import Ints
from engine.grid.sensitivities import Sensitivities, sensitivities
from engine.market.columns import OFFER, REQUEST, VIRTUAL
from engine.market.curvature import reduced_hessian
from engine.market.linear import LinearProblem
from engine.market.prices import Prices
from engine.market.problem import Problem
from engine.market.search import Outcome
from engine.market.tables import OfferTable
from engine.reading import Floats

INNER_MW = 1e-6
PRICED_EUR_PER_PERCENT = 1e-9
MOVES = 1e-9

Mask = NDArray[np.bool_]


def swap_gains(
    problem: Problem, outcome: Outcome, prices: Prices, table: OfferTable, step: Ints, wanted: Mask
) -> Floats:
    """[n_offers] EUR/MWh by which the turning point of a whole swap lies above that of its first watt, 0 or more.

    step : [n_offers] the step that is asked about; wanted : [n_offers] offers that are asked about. Nothing bends
    on linear physics.
    """
    gains = np.zeros(len(wanted))
    steps = np.intersect1d(step[wanted], prices.rows.step)
    if isinstance(problem, LinearProblem) or not steps.size:
        return gains
    at = sensitivities(problem.network, outcome.point.flow.v[steps])
    for place, s in enumerate(steps):
        asked = np.flatnonzero(wanted & (step == s))
        gains[asked] = _of_step(problem, outcome, prices, table, at, place, int(s), asked)
    return gains


def _of_step(
    problem: Problem,
    outcome: Outcome,
    prices: Prices,
    table: OfferTable,
    at: Sensitivities,
    place: int,
    step: int,
    asked: Ints,
) -> Floats:
    columns, hours = problem.columns, problem.case.time.hours
    rows = np.flatnonzero((prices.rows.step == step) & (prices.worth > PRICED_EUR_PER_PERCENT))
    x = outcome.point.x
    inner = np.flatnonzero(
        (columns.step == step)
        & np.isin(columns.kind, (OFFER, REQUEST, VIRTUAL))
        & (x > columns.lower + INNER_MW)
        & (x < columns.upper - INNER_MW)
    )
    sites, of = np.unique(
        np.stack([table.bus[asked], table.reactive[asked], table.sign[asked].astype(np.int64)]),
        axis=1,
        return_inverse=True,
    )
    bus = np.concatenate([columns.bus[inner], sites[0]])
    reactive = np.concatenate([columns.reactive[inner], sites[1]]).astype(np.int64)
    sign = np.concatenate([columns.sign[inner], sites[2]])
    price = prices.total[:, step].copy()
    if problem.case.options.clearing != "network":
        price[0] += problem.case.coupling_price_eur_per_mwh[step]
    limits = prices.rows.chosen(rows)
    worth = prices.worth[rows] * hours
    slopes = (-price[0] * hours, -price[1] * hours)
    hessian = reduced_hessian(at, place, bus, reactive, slopes, limits, worth) * np.outer(sign, sign)
    slope = prices.by[reactive][:, rows, :][np.arange(len(bus)), :, bus].T * sign
    n = len(inner)
    answer = _answer(hessian[:n, :n], slope[:, :n], hessian[:n, n:], slope[:, n:])
    curve = (
        np.diag(hessian)[n:]
        + 2.0 * (answer * hessian[:n, n:]).sum(axis=0)
        + (answer * (hessian[:n, :n] @ answer)).sum(axis=0)
    )
    room = _room(answer, x[inner], columns.lower[inner], columns.upper[inner])
    reach = np.minimum(table.quantity[asked, step], room[of])
    gain: Floats = np.maximum(-0.5 * curve[of] * reach / hours, 0.0)
    return gain


def _answer(hessian: Floats, slope: Floats, mixed: Floats, forced: Floats) -> Floats:
    """[n_inner, n_sites] moves of the variables between their bounds per MW of change at a site, at least cost."""
    n, r = len(hessian), len(slope)
    system = np.block([[hessian, slope.T], [slope, np.zeros((r, r))]])
    found: Floats = np.linalg.lstsq(system, -np.vstack([mixed, forced]), rcond=1e-12)[0][:n]
    return found


def _room(answer: Floats, x: Floats, lower: Floats, upper: Floats) -> Floats:
    """[n_sites] MW until the first of the answering variables meets a bound."""
    ends = np.where(answer > 0, (upper - x)[:, None], (lower - x)[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(np.abs(answer) > MOVES, ends / answer, np.inf)
    least: Floats = room.min(axis=0, initial=np.inf)
    return least
