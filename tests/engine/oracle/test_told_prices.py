"""Told prices on random markets: where `exact`, accepted at the price and refused at 1 % less of a change."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from random_cases import random_case

from engine import read_case
from engine.grid.network import compile_network
from engine.market.awards import accepted_quanta
from engine.market.case import Case
from engine.market.columns import LEVEL
from engine.market.curvature import reduced_hessian
from engine.market.explain import Why, explain
from engine.market.linear import problem_of
from engine.market.prices import nodal_prices
from engine.market.problem import Problem
from engine.market.search import Outcome, silent
from engine.market.solve import solve
from engine.market.swaps import State
from engine.market.tables import offer_table

SEEN_MW = 1e-6
LESS, LEAST_EUR_PER_MWH = 0.01, 0.02
MARKETS = [
    ("over-voltage", "P and Q", 0),
    ("over-voltage, meshed", "P", 0),
    ("over-voltage, price 50", "storage", 0),
    ("under-voltage", "over time", 0),
    ("congestion", "P and Q", 0),
    ("congestion, meshed, price 50", "inverters", 0),
]
ONCE_WRONG = [
    ("over-voltage", "whole or nothing", 1, "P up N12"),
    ("over-voltage, price -30", "storage", 1, "S N06"),
    ("over-voltage, price -30", "inverters", 1, "Q up N11"),
    ("congestion, meshed, price 50", "inverters", 1, "P up N06"),
    ("over-voltage, price 50", "control", 2, "Q up N09"),
    ("under-voltage", "over time", 3, "P up N02"),
]


def _solved(document: Any) -> tuple[Case, Problem, Outcome, dict[str, np.ndarray]]:
    case, findings = read_case(document)
    assert findings == ()
    assert case is not None
    problem, outcome = solve(problem_of(case, compile_network(case.grid)), silent)
    assert outcome.reason is None
    quanta = accepted_quanta(case, problem.columns, outcome.point.x)
    return case, problem, outcome, {o.id: quanta[k] for k, o in enumerate(case.offers)}


def _told(document: Any) -> tuple[Case, dict[str, Why]]:
    """Explanations with a price, by offer."""
    case, problem, outcome, quanta = _solved(document)
    prices, table = nodal_prices(problem, outcome), offer_table(case, problem.network)
    whys = explain(problem, outcome, prices, table, np.array(list(quanta.values())))
    pairs = zip(case.offers, whys, strict=True)
    return case, {o.id: why for o, why in pairs if why is not None and why.accepted_if is not None}


def _is_taken(document: Any, name: str, why: Why, less: float) -> bool:
    """Whether the offer is accepted at the told price, moved back by a share of the change it asks for."""
    changed = copy.deepcopy(document)
    entry = next(o for o in changed["offers"] if o["id"] == name)
    field = "price_eur_per_mvarh" if entry["commodity"] == "Q" else "price_eur_per_mwh"
    price = np.broadcast_to(np.asarray(entry[field], dtype=float), (document["time"]["n_steps"],)).copy()
    asked = price - why.accepted_if
    at = slice(None) if entry["commodity"] == "storage" else why.step
    price[at] = why.accepted_if + (np.maximum(less * asked, LEAST_EUR_PER_MWH) if less else 0.0 * asked)[at]
    entry[field] = price.tolist()
    return bool((np.abs(_solved(changed)[3][name]) * 1e-9)[at].max() > SEEN_MW)


@pytest.mark.parametrize("market", MARKETS, ids=str)
def test_exact_prices_are_turning_points(market):
    document = random_case(*market)
    _, told = _told(document)
    exact = [name for name, why in told.items() if why.exact]
    assert len(exact) >= len(told) / 2
    for name in np.random.default_rng(7).permutation(exact)[:2]:
        assert _is_taken(document, str(name), told[name], 0.0), name
        assert not _is_taken(document, str(name), told[name], LESS), name


@pytest.mark.parametrize(("base", "extra", "seed", "name"), ONCE_WRONG)
def test_what_was_told_as_exact_and_was_not_is_no_longer(base, extra, seed, name):
    """Another choice, a cycle of a storage that bends, an inverter's own limit, unmet need, a control."""
    document = random_case(base, extra, seed)
    why = _told(document)[1][name]
    holds = _is_taken(document, name, why, 0.0) and not _is_taken(document, name, why, LESS)
    assert holds or not why.exact


@pytest.mark.parametrize(
    "market",
    [("over-voltage, meshed", "control", 0), ("congestion", "P and Q", 1), ("over-voltage, price -30", "P", 0)],
)
def test_its_curvature_is_that_of_the_search(market):
    _, problem, outcome, _ = _solved(random_case(*market))
    prices, columns = nodal_prices(problem, outcome), problem.columns
    for step in range(problem.n_steps):
        state = State(problem, outcome, prices, step)
        both, n = np.flatnonzero((columns.step == step) & (columns.kind != LEVEL)), 5
        hessian, diagonal = state.curvature(both, n)
        slopes = np.real(state.slopes), -np.imag(state.slopes)
        at, place = prices.derivatives.at, int(prices.derivatives.place[step])
        reactive = columns.reactive[both].astype(np.int64)
        whole = reduced_hessian(at, place, columns.bus[both], reactive, slopes, state.limits, state.worth)
        whole *= np.outer(columns.sign[both], columns.sign[both])
        assert hessian == pytest.approx(whole[:n], abs=1e-9 * np.abs(whole).max())
        assert diagonal == pytest.approx(np.diag(whole), abs=1e-9 * np.abs(whole).max())
