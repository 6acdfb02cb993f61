"""Explanations hold: an offer changed as its `why` says is accepted, one changed by 1 % less is refused."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from engine.grid.network import compile_network
from engine.market.awards import accepted_quanta
from engine.market.case import Case
from engine.market.columns import market_columns
from engine.market.explain import Why, explain
from engine.market.prices import nodal_prices
from engine.market.problem import Problem
from engine.market.search import silent
from engine.market.solve import solve
from engine.market.tables import offer_table

P_MW = [2.5, 2.4, 0.5]
SEEN_MW = 1e-6


@pytest.fixture
def explained(read):
    """Accepted quantities and explanations by offer, without the proof."""

    def make(document: Any) -> tuple[Case, dict[str, np.ndarray], dict[str, Why | None]]:
        case = read(document)
        network = compile_network(case.grid)
        problem, outcome = solve(Problem(case, network, market_columns(case, network)), silent)
        assert outcome.reason is None
        quanta = accepted_quanta(case, problem.columns, outcome.point.x)
        reasons = explain(problem, outcome, nodal_prices(problem, outcome), offer_table(case, network), quanta)
        names = [offer.id for offer in case.offers]
        return case, dict(zip(names, quanta * 1e-9, strict=True)), dict(zip(names, reasons, strict=True))

    return make


def _storage(name: str, price: float, **fields: Any) -> dict[str, Any]:
    return {
        "id": name, "party": "S", "asset": name, "bus": "2", "commodity": "storage", "price_eur_per_mwh": price,
        "p_charge_max_mw": 0.05, "p_discharge_max_mw": 0.05, "energy_mwh": 1.0, "energy_start_mwh": 0.5,
        "energy_end_mwh": 0.5, "efficiency_charge": 0.9, "efficiency_discharge": 0.9,
    } | fields  # fmt: skip


def _market(feeder, offer, *more: Any, **options: Any) -> Any:
    first = offer("CHEAP", "3", 2.0, 40.0)
    return feeder(p_mw=P_MW, n_steps=3, offers=[first, *more], **options)


def _changed(document: Any, name: str, why: Why, share: float, offer: Any) -> Any:
    """The price moved by a share of what the explanation asks for; a storage's in every step."""
    changed = copy.deepcopy(document)
    entry = next(o for o in changed["offers"] if o["id"] == name)
    price = offer.price + share * (why.accepted_if - offer.price)
    if offer.storage is None:
        price = np.where(np.arange(len(price)) == why.step, price, offer.price)
    entry["price_eur_per_mwh"] = price.tolist()
    return changed


LOSERS = {
    "same bus": lambda offer: [offer("X", "3", 2.0, [70.0, 71.0, 72.0])],
    "nearer the transformer": lambda offer: [offer("X", "1", 0.2, 70.0)],
    "the wrong way": lambda offer: [offer("X", "2", 0.3, 70.0, "up")],
    "with a budget": lambda offer: [offer("X", "2", 0.3, 90.0, max_energy_mwh=0.02)],
    "linked to a dearer one": lambda offer: [
        offer("FIRST", "2", 0.3, 60.0),
        offer("X", "3", 0.2, 45.0, linked_to="FIRST"),
    ],
    "storage": lambda offer: [_storage("X", 60.0)],
    "full storage": lambda offer: [_storage("X", 60.0, energy_start_mwh=1.0, energy_end_mwh=1.0)],
}


@pytest.mark.parametrize("energy", ["priced", "ignored"])
@pytest.mark.parametrize("loser", LOSERS)
def test_the_price_that_an_explanation_names_is_the_turning_point(loser, energy, feeder, offer, explained):
    document = _market(feeder, offer, *LOSERS[loser](offer), energy=energy, coupling_price=50.0)
    case, accepted, reasons = explained(document)
    why = reasons["X"]
    own = next(o for o in case.offers if o.id == "X")
    assert (np.abs(accepted["X"]) <= SEEN_MW).all()
    assert why.exact
    for share, taken in ((1.0, True), (0.99, False)):
        again = explained(_changed(document, "X", why, share, own))[1]["X"]
        assert (np.abs(again).max() > SEEN_MW) == taken, share


def test_where_a_whole_swap_pays_before_its_first_watt_the_price_is_not_called_exact(feeder, offer, explained):
    """2 MW at bus 1 for what bus 3 gives: the grid bends so much that 1 % less than asked for is enough."""
    document = _market(feeder, offer, offer("X", "1", 2.0, 70.0), energy="ignored")
    case, _, reasons = explained(document)
    assert not reasons["X"].exact
    own = next(o for o in case.offers if o.id == "X")
    for share in (1.0, 0.99):
        assert explained(_changed(document, "X", reasons["X"], share, own))[1]["X"].max() > SEEN_MW


def test_what_decides_is_named(feeder, offer, explained):
    _, accepted, reasons = explained(_market(feeder, offer, offer("X", "3", 2.0, 70.0)))
    assert (reasons["X"].element, reasons["X"].kind) == ("3", "voltage")
    assert reasons["X"].local_price == pytest.approx(40.0, abs=1e-3)
    assert reasons["X"].accepted_if == pytest.approx(39.99, abs=1e-3)
    assert reasons["CHEAP"].kind == "marginal"
    step = reasons["CHEAP"].step
    assert 0.0 < accepted["CHEAP"][step] < 2.0


def test_congestion_is_named_by_its_branch(feeder, offer, explained):
    document = _market(feeder, offer, offer("X", "3", [2.0, 2.0, 0.0], 70.0), max_i_ka=0.05)
    for bus in document["grid"]["buses"]:
        bus["vm_max_pu"] = 1.2
    why = explained(document)[2]["X"]
    assert why.kind == "loading"
    assert why.element == "L3"


def test_full_acceptance_needs_no_explanation(feeder, offer, explained):
    _, accepted, reasons = explained(_market(feeder, offer, offer("X", "3", [0.1, 0.1, 0.0], 10.0)))
    assert accepted["X"] == pytest.approx([0.1, 0.1, 0.0])
    assert reasons["X"] is None


def test_without_needs_an_offer_would_have_to_pay(feeder, offer, explained):
    why = explained(feeder(p_mw=0.5, offers=[offer("X", "3", 1.0, 5.0)]))[2]["X"]
    assert (why.kind, why.element, why.local_price, why.accepted_if) == (None, None, 0.0, -0.01)


def test_a_block_breaks_even_over_its_horizon_and_is_not_exact(feeder, offer, explained):
    _, accepted, reasons = explained(_market(feeder, offer, offer("X", "3", 0.2, [39.0, 39.0, 39.0], block=True)))
    why = reasons["X"]
    assert not accepted["X"].any()
    assert (why.exact, why.step) == (False, None)
    assert why.local_price == pytest.approx(2 * 40.0 / 3, abs=1e-3)
    assert why.accepted_if == pytest.approx(why.local_price, abs=1e-6)


def test_a_block_in_the_money_but_out_is_a_paradox(feeder, offer, explained):
    """The block is larger than the need, so taking it whole costs more than what the price says it is worth."""
    _, accepted, reasons = explained(_market(feeder, offer, offer("X", "3", [1.9, 0.0, 0.0], 39.0, block=True)))
    assert not accepted["X"].any()
    assert reasons["X"].kind == "paradox"
    assert reasons["X"].accepted_if is None


def test_no_price_helps_a_link_to_what_is_not_offered(feeder, offer, explained):
    first = offer("FIRST", "2", [0.0, 0.0, 0.3], 60.0)
    second = offer("X", "3", [0.2, 0.2, 0.0], 45.0, linked_to="FIRST")
    assert explained(_market(feeder, offer, first, second))[2]["X"].accepted_if is None


def _reactive(name: str, direction: str, price: float) -> dict[str, Any]:
    return {
        "id": name, "party": "Q", "asset": "PV", "bus": "3", "commodity": "Q", "direction": direction,
        "submitted_at": "2026-07-25T09:00:00Z", "quantity_mvar": 2.0, "price_eur_per_mvarh": price,
        "s_max_mva": 2.5,
    }  # fmt: skip


def test_what_an_offers_own_inverter_takes_counts(feeder, offer, explained):
    """Q up undoes Q down of the same inverter, which is accepted in part at 1 EUR, whatever the bus is worth."""
    both = [offer("P", "3", 2.5, 40.0, asset="PV", s_max_mva=2.5), _reactive("Q", "down", 1.0)]
    document = feeder(offers=[*both, _reactive("X", "up", 5.0)])
    case, accepted, reasons = explained(document)
    assert 0.0 < accepted["Q"][0] < 2.0
    why = reasons["X"]
    assert (why.exact, why.accepted_if) == (True, pytest.approx(-1.01, abs=1e-3))
    assert why.local_price < -2.0
    own = next(o for o in case.offers if o.id == "X")
    for share, taken in ((1.0, True), (0.99, False)):
        changed = copy.deepcopy(document)
        changed["offers"][2]["price_eur_per_mvarh"] = float(
            own.price[0] + share * (why.accepted_if - own.price[0])
        )
        assert (explained(changed)[1]["X"][0] > SEEN_MW) == taken


def test_a_budget_that_whole_steps_use_up_has_no_exact_price(feeder, offer, explained):
    document = _market(
        feeder, offer, offer("X", "3", [0.4, 0.4, 0.0], [30.0, 35.0, 0.0], max_energy_mwh=0.1), energy="ignored"
    )
    _, accepted, reasons = explained(document)
    assert accepted["X"] == pytest.approx([0.4, 0.0, 0.0])
    assert (reasons["X"].step, reasons["X"].exact) == (1, False)
