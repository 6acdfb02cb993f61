"""Hard and empty markets: each has a defined answer."""

from __future__ import annotations

import numpy as np
import pytest
from random_cases import random_case
from reference import evaluate, solve_reference

from engine.market import program


def _accepted(result):
    return {name: award["accepted"] for name, award in result["awards"].items()}


def _battery(bus, price, **fields):
    return {
        "id": "B",
        "party": "ESP-B",
        "bus": bus,
        "commodity": "storage",
        "submitted_at": "2026-07-25T09:00:00Z",
        "p_charge_max_mw": 0.4,
        "p_discharge_max_mw": 0.4,
        "energy_mwh": 1.0,
        "energy_start_mwh": 0.5,
        "energy_end_mwh": 0.5,
        "efficiency_charge": 0.9,
        "efficiency_discharge": 0.9,
        "price_eur_per_mwh": price,
        **fields,
    }


def test_nothing_to_do(feeder, offer, cleared):
    result = cleared(feeder(p_mw=0.3, offers=[offer("O", "3", 0.2, 5.0), offer("U", "2", 0.2, 5.0, "up")]))
    assert (result["status"], result["needs"], result["unmet"]) == ("cleared", [], [])
    assert _accepted(result) == {"O": [0.0], "U": [0.0]}
    assert result["objective_eur"] == 0.0
    assert set(result["payments"].values()) == {"0.00"}


def test_no_offers(feeder, cleared):
    result = cleared(feeder())
    assert (result["status"], result["awards"]) == ("cleared_with_unmet", {})
    assert {entry["reason"] for entry in result["unmet"]} == {"no_offer"}
    assert {entry["element"] for entry in result["unmet"] if "element" in entry} == {"2", "3"}


def test_incurable(feeder, offer, cleared):
    """All of the offer is taken; what is left is told with place, step, size and reason."""
    document = feeder(p_mw=[0.3, 2.5], n_steps=2, offers=[offer("O", "3", 0.2, 40.0)])
    result = cleared(document)
    best = solve_reference(document)
    assert result["status"] == "cleared_with_unmet"
    assert _accepted(result) == {"O": [0.0, 0.2]}
    changes = [entry for entry in result["unmet"] if "bus" in entry]
    told = {(c["bus"], c["commodity"], c["direction"], c["step"]): c for c in changes}
    for (bus, commodity, direction), values in best.unmet.items():
        for step in np.flatnonzero(values > 1e-5):
            change = told.pop((bus, commodity, direction, int(step)))
            size = change["quantity_mw" if commodity == "P" else "quantity_mvar"]
            assert size == pytest.approx(values[step], abs=1e-5)
            assert (change["reason"], change["price_eur_per_mwh"]) == ("no_offer", 10000.0)
    assert told == {}
    excess = [entry for entry in result["unmet"] if "element" in entry]
    assert {(e["element"], e["kind"], e["step"], e["limit"]) for e in excess} == {
        ("2", "voltage", 1, 1.05),
        ("3", "voltage", 1, 1.05),
    }
    assert all(e["value"] > 1.05 for e in excess)


def test_equal_prices(feeder, offer, cleared):
    """Twenty equal offers in any order: the first by id are taken whole, one in part, the rest not."""
    offers = [offer(f"O{i:02}", "3", 0.12, 40.0) for i in range(20)]
    first = cleared(feeder(offers=offers))
    accepted = [first["awards"][f"O{i:02}"]["accepted"][0] for i in range(20)]
    partly = [i for i, x in enumerate(accepted) if 0.0 < x < 0.12]
    assert len(partly) <= 1
    edge = partly[0] if partly else accepted.index(0.0)
    assert accepted[:edge] == [0.12] * edge
    assert accepted[edge + 1 :] == [0.0] * (19 - edge)
    rng = np.random.default_rng(0)
    for _ in range(3):
        shuffled = [offers[i] for i in rng.permutation(20)]
        assert cleared(feeder(offers=shuffled))["awards"] == first["awards"]


def test_zero_prices(feeder, offer, cleared):
    """Free relief costs nothing and is taken as far as needed at least; what is dear stays out."""
    result = cleared(feeder(offers=[offer("free", "3", 2.0, 0.0), offer("dear", "3", 2.0, 30.0)]))
    assert (result["status"], result["objective_eur"]) == ("cleared", 0.0)
    assert _accepted(result)["dear"] == [0.0]


def test_negative_prices(feeder, offer, cleared):
    """An offer that pays is taken as far as the network allows: here up to the lower voltage limit."""
    document = feeder(p_mw=0.0, offers=[offer("pays", "3", 4.0, -20.0), offer("relief", "3", 4.0, 15.0, "up")])
    result, best = cleared(document), solve_reference(document)
    assert result["status"] == "cleared"
    assert evaluate(document, result).total_eur == pytest.approx(best.total_eur, rel=1e-6)
    assert best.total_eur < -5.0
    assert min(_accepted(result)["pays"]) > 1.0
    assert _accepted(result)["pays"] == pytest.approx(best.accepted["pays"], abs=1e-3)


@pytest.mark.parametrize(("price", "accepted"), [(40.0, 0.3), (60.0, 0.0)])
def test_one_bus(price, accepted, offer, cleared):
    """Without any branch an offer up is worth what the import costs."""
    document = {
        "schema": "flexdesk.case/1",
        "grid": {"buses": [{"id": "A", "vn_kv": 20.0}], "branches": [], "coupling": {"bus": "A", "vm_pu": 1.0}},
        "time": {"start": "2026-07-26T00:00:00Z", "mtu_minutes": 60, "n_steps": 1},
        "baseline": {"units": [{"id": "LD", "bus": "A", "kind": "load", "p_mw": 1.0}]},
        "coupling_price_eur_per_mwh": 50.0,
        "offers": [offer("O", "A", 0.3, price, "up")],
        "options": {"payment": "nodal", "operator": "DSO"},
    }
    result = cleared(document)
    assert (result["status"], _accepted(result)) == ("cleared", {"O": [accepted]})
    assert result["objective_eur"] == pytest.approx(50.0 - (50.0 - price) * accepted)
    assert result["prices"]["p_eur_per_mwh"]["A"]["total"] == [50.0]


def test_thousands_of_offers_on_one_bus(feeder, offer, cleared):
    """Accepted strictly by price: nothing dearer than the one in part, nothing cheaper left over."""
    rng = np.random.default_rng(1)
    prices = np.round(rng.uniform(20, 120, 5000), 2)
    offers = [offer(f"O{i:04}", "3", 0.0005, float(p)) for i, p in enumerate(prices)]
    result = cleared(feeder(offers=offers))
    accepted = np.array([result["awards"][f"O{i:04}"]["accepted"][0] for i in range(5000)])
    assert result["status"] == "cleared"
    taken, left = prices[accepted >= 0.0005 - 1e-9], prices[accepted < 1e-9]
    assert taken.max() <= left.min()
    assert ((accepted > 1e-9) & (accepted < 0.0005 - 1e-9)).sum() <= 1
    assert 0.5 < accepted.sum() < 2.0


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_second_order_solver_that_stops_early(limit, cleared, monkeypatch):
    """Whatever is published then is as good as the optimum; else nothing is, with a reason."""
    document = random_case("over-voltage, price 50", "P and Q", 1)
    best = cleared(document)["objective_eur"]
    monkeypatch.setitem(program.PIQP_OPTIONS, "max_iter", limit)
    monkeypatch.setitem(program.CLARABEL_OPTIONS, "max_iter", limit)
    result = cleared(document)
    if result["status"] == "not_cleared":
        assert result["reason"]
        assert (result["awards"], result["payments"]) == ({}, {})
    else:
        assert result["objective_eur"] == pytest.approx(best, rel=1e-6)


def test_where_one_second_order_solver_stops_early_the_other_takes_over(cleared, monkeypatch):
    document = random_case("over-voltage, price 50", "P and Q", 1)
    best = cleared(document)
    monkeypatch.setitem(program.PIQP_OPTIONS, "max_iter", 2)
    result = cleared(document)
    assert "clarabel" in result["solve"]["seconds"]
    assert "clarabel" not in best["solve"]["seconds"]
    assert result["objective_eur"] == pytest.approx(best["objective_eur"], rel=1e-6)


def test_equal_prices_at_least_cost(cleared):
    """Two corners with a tiny ridge between them: which one a search meets first is chance."""
    document = random_case("over-voltage", "P", 2)
    for one in document["offers"]:
        one["price_eur_per_mwh"] = 60.0
    best = solve_reference(document)
    assert evaluate(document, cleared(document)).total_eur == pytest.approx(best.total_eur, rel=1e-6)


def test_a_solver_that_stops_early(feeder, offer, cleared, monkeypatch):
    monkeypatch.setitem(program.HIGHS_OPTIONS, "simplex_iteration_limit", 0)
    monkeypatch.setitem(program.HIGHS_OPTIONS, "presolve", "off")
    result = cleared(feeder(offers=[offer("O", "3", 2.0, 40.0)]))
    assert result["status"] == "not_cleared"
    assert result["reason"].startswith("solver")
    assert (result["awards"], result["payments"]) == ({}, {})


@pytest.mark.parametrize("coupling_price", [-20.0, -200.0])
def test_storage_under_negative_prices(coupling_price, feeder, cleared):
    """Burning energy by doing both at once would pay; its level tells that it did not."""
    n = 4
    document = feeder(
        p_mw=0.5, n_steps=n, offers=[_battery("2", 1.0)], energy="priced", coupling_price=coupling_price
    )
    result = cleared(document)
    net = np.array(result["awards"]["B"]["accepted"])
    level = 0.5 + 0.25 * np.cumsum(0.9 * np.maximum(-net, 0.0) - np.maximum(net, 0.0) / 0.9)
    assert level[-1] == pytest.approx(0.5, abs=2e-6)
    assert (level >= -2e-6).all()
    assert (level <= 1.0 + 2e-6).all()


@pytest.mark.parametrize("coupling_price", [-20.0, -200.0])
def test_storage_under_negative_prices_at_least_cost(coupling_price, feeder, cleared):
    document = feeder(
        p_mw=0.5, n_steps=4, offers=[_battery("2", 1.0)], energy="priced", coupling_price=coupling_price
    )
    result = cleared(document)
    best = solve_reference(document)
    assert evaluate(document, result).total_eur == pytest.approx(best.total_eur, rel=1e-6, abs=1e-6)


def test_an_idle_storage_costs_nothing(feeder, cleared):
    result = cleared(feeder(p_mw=0.3, n_steps=3, offers=[_battery("2", 5.0)]))
    assert _accepted(result) == {"B": [0.0, 0.0, 0.0]}
    assert result["objective_eur"] == 0.0


def test_a_storage_that_must_fill_up_does_so_where_it_is_cheapest(feeder, cleared):
    """0.09 MWh more at the end need 0.1 MWh of charging: 0.4 MW in the one cheap quarter of an hour."""
    offers = [_battery("2", [9.0, 9.0, 2.0], energy_end_mwh=0.59)]
    result = cleared(feeder(p_mw=0.3, n_steps=3, offers=offers))
    assert _accepted(result)["B"] == pytest.approx([0.0, 0.0, -0.4], abs=2e-6)
    assert result["objective_eur"] == pytest.approx(0.1 * 2.0, abs=1e-5)


def test_all_needs_of_a_big_random_market_are_told_once(cleared):
    result = cleared(random_case("over-voltage", "scarce", 1))
    keys = [
        (e.get("element"), e.get("bus"), e.get("commodity"), e.get("direction"), e["step"])
        for e in result["unmet"]
    ]
    assert len(keys) == len(set(keys)) > 1
