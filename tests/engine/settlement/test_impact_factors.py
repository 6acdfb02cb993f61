"""Impact factors equal finite differences of AC power flow; cost of relief follows from price and effect."""

from __future__ import annotations

import numpy as np
import pytest

from engine import assess, compile_network, impact_factors, power_flow

STEP_MW = 1e-3


@pytest.fixture
def case(feeder, offer, read):
    reactive = offer("Q", "2", 0.0, 0.0) | {"commodity": "Q", "quantity_mvar": 0.4, "price_eur_per_mvarh": 3.0}
    reactive = {k: v for k, v in reactive.items() if k not in ("quantity_mw", "price_eur_per_mwh")}
    storage = {
        "id": "S", "party": "S", "asset": "S", "bus": "1", "commodity": "storage", "price_eur_per_mwh": 5.0,
        "p_charge_max_mw": 0.1, "p_discharge_max_mw": 0.1, "energy_mwh": 1.0, "energy_start_mwh": 0.5,
    }  # fmt: skip
    offers = [
        offer("D", "3", [1.0, 0.0, 1.0], 40.0),
        offer("U", "2", 0.5, [60.0, 70.0, 80.0], "up"),
        reactive,
        storage,
    ]
    document = feeder(p_mw=[3.2, 3.2, -3.5], n_steps=3, offers=offers, max_i_ka=0.07)
    return read(document)


def _value(network, flow, need):
    if need.kind == "voltage":
        return flow.vm_pu[need.step, network.bus_index[need.element]]
    return flow.loading_percent[need.step, network.branch_index[need.element]]


def test_factors_are_the_slopes_of_a_power_flow(case):
    network, impact = compile_network(case.grid), impact_factors(case)
    kinds = {need.kind for need in impact.needs}
    assert kinds == {"voltage", "loading"}
    assert len({need.value > need.limit for need in impact.needs}) == 2
    for k, offer in enumerate(case.offers):
        states = []
        for change in (-STEP_MW, STEP_MW):
            p_mw, q_mvar = case.net_p_mw.copy(), case.net_q_mvar.copy()
            (q_mvar if offer.commodity == "Q" else p_mw)[:, network.bus_index[offer.bus]] += offer.sign * change
            states.append(power_flow(network, p_mw, q_mvar))
        for row, need in enumerate(impact.needs):
            low, high = (_value(network, state, need) for state in states)
            slope = (high - low) / (2 * STEP_MW) if offer.quantity[need.step] else 0.0
            assert impact.factor[row, k] == pytest.approx(slope, rel=1e-2, abs=1e-7)


def test_cost_of_relief_is_price_by_effect(case):
    impact, network = impact_factors(case), compile_network(case.grid)
    names = list(impact.offer_ids)
    for row, need in enumerate(impact.needs):
        k = names.index("D")
        factor, cost = impact.factor[row, k], impact.relief_cost[row, k]
        if need.step == 1 or need.step == 2:
            assert np.isinf(cost)
        elif need.kind == "voltage":
            assert cost == pytest.approx(40.0 / (-factor / 0.001))
        else:
            branch = network.branch_index[need.element]
            rating_mva = network.max_i_from_ka[branch] / network.i_from_ka[branch]
            assert cost == pytest.approx(40.0 / (-factor / 100.0 * rating_mva))
    raises = [row for row, need in enumerate(impact.needs) if need.step == 2 and need.kind == "voltage"]
    assert raises
    assert np.isfinite(impact.relief_cost[raises, names.index("U")]).all()


def test_an_assessment_of_the_same_case_is_used_and_another_grid_is_refused(case, feeder, read):
    assert (impact_factors(case, assess(case)).factor == impact_factors(case).factor).all()
    document = feeder()
    document["grid"]["buses"].append({"id": "4", "vn_kv": 20.0})
    document["grid"]["branches"].append({"id": "L4", "from": "3", "to": "4", "r_ohm": 1.0, "x_ohm": 1.0})
    with pytest.raises(ValueError, match="another grid"):
        impact_factors(case, assess(read(document)))


def test_no_needs_no_rows(feeder, offer, read):
    impact = impact_factors(read(feeder(p_mw=0.5, offers=[offer("A", "3", 1.0, 5.0)])))
    assert impact.factor.shape == impact.relief_cost.shape == (0, 1)
