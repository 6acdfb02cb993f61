"""Changes of a case that must leave its outcome as it is, or change it in a known way."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from random_cases import random_case

KINDS = [
    ("over-voltage", "P and Q"),
    ("over-voltage, price 50", "storage"),
    ("congestion, meshed, price 50", "P and Q"),
    ("under-voltage, meshed, price 50", "inverters"),
]
NEAR = {"rel": 2e-6, "abs": 2e-5}
Document = dict[str, Any]
SERIES = ("quantity_mw", "quantity_mvar", "p_mw", "q_mvar")
POWERS = (
    *("quantity_mw", "quantity_mvar", "p_mw", "q_mvar", "p_charge_max_mw", "p_discharge_max_mw", "energy_mwh"),
    *("energy_start_mwh", "energy_end_mwh", "s_max_mva", "max_energy_mwh", "ramp_mw_per_step", "max_i_ka"),
    *("b_us", "g_us"),
)


@pytest.fixture(params=KINDS, ids=" / ".join)
def document(request) -> Document:
    return random_case(*request.param, 1)


def _scaled(value: Any, factor: float) -> Any:
    if value is None:
        return None
    return [factor * v for v in value] if isinstance(value, list) else factor * value


def _accepted(result: Document) -> dict[str, np.ndarray]:
    return {name: np.array(award["accepted"]) for name, award in result["awards"].items()}


def _same_awards(left: Document, right: Document, factor: float = 1.0) -> None:
    here, there = _accepted(left), _accepted(right)
    assert here.keys() == there.keys()
    for name in here:
        assert there[name] == pytest.approx(factor * here[name], rel=1e-4, abs=1e-4 * factor), name


def test_permuted_offers_give_the_same_bytes(document, cleared):
    moved = copy.deepcopy(document)
    for field in ("offers",):
        moved[field] = moved[field][::-1]
    moved["baseline"]["units"].reverse()
    first, second = cleared(document), cleared(moved)
    for field in ("awards", "payments", "prices", "objective_eur", "unmet"):
        assert first[field] == second[field], field


def test_a_split_offer_is_accepted_as_one(document, cleared):
    whole = cleared(document)
    partly = {
        name: accepted
        for name, accepted in _accepted(whole).items()
        if not name.startswith("S") and accepted.max() > 0.01
    }
    name = max(partly, key=lambda n: partly[n].max())
    moved = copy.deepcopy(document)
    old = next(o for o in moved["offers"] if o["id"] == name)
    moved["offers"].remove(old)
    field = "quantity_mw" if old["commodity"] == "P" else "quantity_mvar"
    moved["offers"] += [
        old | {"id": f"{name} {part}", field: _scaled(old[field], share)}
        for part, share in (("a", 0.3), ("b", 0.7))
    ]
    parts = cleared(moved)
    assert parts["objective_eur"] == pytest.approx(whole["objective_eur"], **NEAR)
    together = _accepted(parts)
    assert together[f"{name} a"] + together[f"{name} b"] == pytest.approx(partly[name], abs=1e-4)
    for party, amount in whole["payments"].items():
        assert float(parts["payments"][party]) == pytest.approx(float(amount), abs=0.05)


def test_a_losing_offer_changes_nothing(document, cleared):
    before = cleared(document)
    moved = copy.deepcopy(document)
    offer = next(o for o in moved["offers"] if o["commodity"] == "P")
    moved["offers"].append(offer | {"id": "too dear", "price_eur_per_mwh": 9999.0, "party": "ESP-9"})
    after = cleared(moved)
    award = after["awards"].pop("too dear")
    assert award["accepted"] == [0.0] * document["time"]["n_steps"]
    assert after["objective_eur"] == pytest.approx(before["objective_eur"], **NEAR)
    _same_awards(before, after)
    assert {k: v for k, v in after["payments"].items() if k != "ESP-9"} == before["payments"]


@pytest.mark.parametrize("factor", [0.5, 4.0])
def test_prices_in_another_currency(factor, document, cleared):
    moved = copy.deepcopy(document)
    moved["coupling_price_eur_per_mwh"] = _scaled(moved["coupling_price_eur_per_mwh"], factor)
    moved["options"]["unmet_price_eur_per_mwh"] = factor * 10000.0
    for offer in moved["offers"]:
        for field in ("price_eur_per_mwh", "price_eur_per_mvarh"):
            if field in offer:
                offer[field] = _scaled(offer[field], factor)
    first, second = cleared(document), cleared(moved)
    assert second["objective_eur"] == pytest.approx(factor * first["objective_eur"], **NEAR)
    _same_awards(first, second)


def test_powers_in_another_unit(document, cleared):
    """Ten times the power through a tenth of the impedance: the same voltages, ten times the cost."""
    moved = copy.deepcopy(document)
    for entry in (*moved["offers"], *moved["baseline"]["units"], *moved["grid"]["branches"]):
        for field in POWERS:
            if field in entry:
                entry[field] = _scaled(entry[field], 10.0)
    for branch in moved["grid"]["branches"]:
        branch["r_ohm"], branch["x_ohm"] = branch["r_ohm"] / 10.0, branch["x_ohm"] / 10.0
    first, second = cleared(document), cleared(moved)
    assert second["objective_eur"] == pytest.approx(10.0 * first["objective_eur"], **NEAR)
    _same_awards(first, second, 10.0)


def test_impedances_per_unit(document, cleared):
    moved = copy.deepcopy(document)
    moved["grid"]["base_mva"] = 25.0
    vn_kv = {bus["id"]: bus["vn_kv"] for bus in moved["grid"]["buses"]}
    for branch in moved["grid"]["branches"]:
        base = vn_kv[branch["from"]] ** 2 / 25.0
        for letter in "rx":
            branch[f"{letter}_pu"] = branch.pop(f"{letter}_ohm") / base
        branch["b_pu"] = branch.pop("b_us") * 1e-6 * base
    first, second = cleared(document), cleared(moved)
    assert second["objective_eur"] == pytest.approx(first["objective_eur"], **NEAR)
    _same_awards(first, second)


def test_steps_of_another_length(cleared):
    """Without anything that ties steps together a quarter of the time is a quarter of the cost."""
    document = random_case("congestion, meshed, price 50", "P and Q", 1)
    moved = copy.deepcopy(document)
    moved["time"]["mtu_minutes"] = 15
    first, second = cleared(document), cleared(moved)
    assert second["objective_eur"] == pytest.approx(first["objective_eur"] / 4.0, **NEAR)
    _same_awards(first, second)


def test_relabelled_buses(document, cleared):
    names = [bus["id"] for bus in document["grid"]["buses"]]
    turned = dict(zip(names, [f"Z{len(names) - i:02}" for i in range(len(names))], strict=True))
    moved = copy.deepcopy(document)
    for bus in moved["grid"]["buses"]:
        bus["id"] = turned[bus["id"]]
    for branch in moved["grid"]["branches"]:
        branch["from"], branch["to"] = turned[branch["from"]], turned[branch["to"]]
    moved["grid"]["coupling"]["bus"] = turned[moved["grid"]["coupling"]["bus"]]
    for entry in (*moved["offers"], *moved["baseline"]["units"]):
        entry["bus"] = turned[entry["bus"]]
    moved["grid"]["buses"].reverse()
    first, second = cleared(document), cleared(moved)
    assert second["objective_eur"] == pytest.approx(first["objective_eur"], **NEAR)
    _same_awards(first, second)
    for bus, prices in first["prices"]["p_eur_per_mwh"].items():
        there = second["prices"]["p_eur_per_mwh"][turned[bus]]["total"]
        assert there == pytest.approx(prices["total"], abs=0.02), bus
