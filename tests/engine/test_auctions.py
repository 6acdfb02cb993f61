"""Requests clearing, copperplate and linear physics, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine import clear


def ask(name, bus, quantity, price, direction="up", **fields):
    return {
        "id": name,
        "party": f"party of {name}",
        "buses": [bus] if isinstance(bus, str) else bus,
        "direction": direction,
        "quantity_mw": quantity,
        "price_eur_per_mwh": price,
        **fields,
    }


def cleared(case):
    result = clear(case).result
    assert result["status"] == "cleared", (result["status"], result["reason"])
    return result


def taken(result, name):
    return result["awards"][name]["accepted"][0]


def test_a_copperplate_is_the_merit_order(feeder, offer, read):
    offers = [
        offer("O1", "1", 0.3, 10.0, "up"),
        offer("O2", "3", 0.3, 20.0, "up"),
        offer("O3", "2", 0.3, 60.0, "up"),
    ]
    requests = [ask("R1", "2", 0.4, 50.0), ask("R2", "3", 0.5, 15.0)]
    result = cleared(read(feeder(offers=offers, requests=requests, clearing="copperplate")))
    assert [taken(result, name) for name in ("O1", "O2", "O3")] == pytest.approx([0.3, 0.1, 0.0])
    assert result["welfare_eur"] == pytest.approx(0.25 * (0.4 * 50 - 0.3 * 10 - 0.1 * 20), abs=1e-5)
    assert sum(map(float, result["payments"].values())) == pytest.approx(0.0, abs=1e-9)


def test_up_and_down_are_two_markets(feeder, offer, read):
    offers = [offer("U", "1", 0.3, 10.0, "up"), offer("D", "1", 0.3, 10.0, "down")]
    requests = [ask("R", "2", 0.2, 50.0, "down")]
    result = cleared(read(feeder(p_mw=0.5, offers=offers, requests=requests, clearing="copperplate")))
    assert (taken(result, "U"), taken(result, "D")) == pytest.approx((0.0, 0.2))


def test_an_auction_keeps_the_grid_within_its_limits(feeder, offer, read):
    """Up at the feeder's end for a request at its start would raise the end's voltage beyond the band."""
    offers = [offer("E", "3", 1.0, 10.0, "up"), offer("S", "S", 1.0, 30.0, "up")]
    requests = [ask("R", "S", 0.8, 90.0)]
    free = cleared(read(feeder(p_mw=0.6, offers=offers, requests=requests, clearing="copperplate")))
    assert taken(free, "E") == pytest.approx(0.8)
    result = cleared(read(feeder(p_mw=0.6, offers=offers, requests=requests, clearing="requests")))
    assert result["proof"]["clean"]
    assert result["proof"]["vm_max_pu"] == pytest.approx(1.05, abs=2e-6)
    assert 0.0 < taken(result, "E") < 0.8
    assert taken(result, "E") + taken(result, "S") == pytest.approx(0.8, abs=1e-6)
    price = (
        result["prices"]["p_eur_per_mwh"]["3"]["total"][0] + result["prices"]["balance"]["p_eur_per_mwh"]["up"][0]
    )
    assert price == pytest.approx(10.0, abs=1e-4), "the marginal offer at the end is paid its own price"


def test_a_limit_passed_at_baseline_is_not_made_worse(feeder, offer, read):
    offers = [offer("E", "3", 1.0, 10.0, "up"), offer("S", "S", 1.0, 30.0, "up")]
    result = cleared(
        read(feeder(p_mw=2.5, offers=offers, requests=[ask("R", "S", 0.5, 90.0)], clearing="requests"))
    )
    assert (taken(result, "E"), taken(result, "S")) == pytest.approx((0.0, 0.5), abs=1e-6)
    assert result["proof"]["clean"]


def test_losses_are_settled_at_the_coupling_price(feeder, offer, read):
    offers = [offer("O", "1", 0.3, 10.0, "up")]
    case = read(
        feeder(
            p_mw=0.5,
            offers=offers,
            requests=[ask("R", "3", 0.3, 200.0)],
            clearing="requests",
            payment="nodal",
            coupling_price=80.0,
            energy="priced",
        )
    )
    result = cleared(case)
    assert taken(result, "O") == pytest.approx(0.3, abs=1e-6)
    assert result["objective_eur"] != pytest.approx(result["welfare_eur"], abs=1e-4)
    assert float(result["payments"]["coupling"]) == pytest.approx(
        result["welfare_eur"] - result["objective_eur"], abs=0.011
    )


def test_linear_physics_keeps_active_power_limits(feeder, offer, read):
    document = feeder(
        p_mw=0.0,
        offers=[offer("S", "S", 1.0, 10.0, "up"), offer("E", "3", 1.0, 40.0, "up")],
        requests=[ask("R", "3", 0.5, 90.0)],
        clearing="requests",
        physics="linear",
    )
    next(b for b in document["grid"]["branches"] if b["id"] == "L3")["max_s_mva"] = 0.2
    result = cleared(read(document))
    assert (taken(result, "S"), taken(result, "E")) == pytest.approx((0.2, 0.3), abs=1e-6)
    prices = result["prices"]["p_eur_per_mwh"]
    assert np.subtract(prices["3"]["total"], prices["2"]["total"])[0] == pytest.approx(30.0, abs=1e-5)


def test_a_request_of_several_buses_is_one_quantity(feeder, offer, read):
    requests = [ask("R", ["2", "3"], 0.4, 90.0)]
    result = cleared(
        read(feeder(p_mw=0.5, offers=[offer("O", "1", 1.0, 10.0, "up")], requests=requests, clearing="requests"))
    )
    assert taken(result, "O") == pytest.approx(0.4, abs=1e-6)
    assert sum(entry["quantity"] for entry in result["served"]["R"]) == pytest.approx(0.4, abs=1e-6)
