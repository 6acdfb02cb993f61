"""Clearing: by hand, degenerate cases, ties, caps, budgets, proof and replay."""

from __future__ import annotations

import copy
import math
from decimal import Decimal

import numpy as np
import pytest

from engine import Cancelled, assess, clear, find_needs, propose_requests, replay, result_sha256
from engine.market.awards import accepted_quanta
from engine.market.columns import OFFER, market_columns
from engine.market.payments import euros
from engine.market.proof import prove


def _sum_accepted(result: dict) -> float:
    return sum(sum(award["accepted"]) for award in result["awards"].values())


def test_two_buses_by_hand(load_case, read):
    result = clear(read(load_case("two-bus", "case"))).result
    expected = load_case("two-bus", "expected")
    assert result["status"] == expected["status"]
    need, known = result["needs"][0], expected["needs"][0]
    assert len(result["needs"]) == 1
    assert need == known | {"value": pytest.approx(known["value"], abs=5e-7)}
    for name, accepted in expected["accepted"].items():
        assert result["awards"][name]["accepted"] == pytest.approx(accepted, abs=5e-6)
    assert result["payments"] == expected["payments"]
    assert result["objective_eur"] == pytest.approx(8.37, abs=1e-4)
    assert result["proof"]["clean"]


def test_nothing_to_do(feeder, offer, read):
    result = clear(read(feeder(p_mw=0.5, offers=[offer("O", "3", 0.4, 10.0)]))).result
    assert (result["status"], result["needs"], result["unmet"]) == ("cleared", [], [])
    assert result["awards"]["O"]["accepted"] == [0.0]
    assert set(result["payments"].values()) == {"0.00"}


def test_an_offer_that_pays_for_being_accepted_is_taken_up_to_the_limit(feeder, offer, read):
    cleared = clear(read(feeder(p_mw=0.3, offers=[offer("O", "3", 5.0, -3.0, "up")])))
    accepted = cleared.result["awards"]["O"]["accepted"][0]
    assert 0.1 < accepted < 5.0
    assert cleared.after.vm_pu.max() == pytest.approx(1.05, abs=2e-6)
    assert Decimal(cleared.result["payments"]["DSO"]) > 0


def test_no_offers_leave_named_unmet_need(feeder, read):
    result = clear(read(feeder())).result
    assert result["status"] == "cleared_with_unmet"
    changes = [entry for entry in result["unmet"] if "bus" in entry]
    excess = [entry for entry in result["unmet"] if "element" in entry]
    assert [entry | {"reason": "no_offer"} for entry in result["needs"]] == excess
    assert {entry["reason"] for entry in changes} == {"no_offer"}
    assert all(entry["price_eur_per_mwh"] == 10000.0 and entry["request"] is None for entry in changes)
    assert not result["proof"]["clean"]
    assert result["proof"]["worst"]["element"] == "3"


def test_the_unmet_change_would_cure(feeder, read):
    case = read(feeder())
    proposal = propose_requests(case)
    from engine import power_flow

    p_mw = case.net_p_mw + proposal.up_mw - proposal.down_mw
    assert (
        find_needs(proposal.assessment.network, power_flow(proposal.assessment.network, p_mw, case.net_q_mvar))
        == ()
    )
    (change,) = proposal.changes
    assert (change.zone, change.direction, list(change.by_bus)) == ("Feeder L1", "down", ["3"])


def test_too_little_offered_is_used_up_and_the_rest_is_unmet(feeder, offer, read):
    full = propose_requests(read(feeder())).down_mw.sum()
    result = clear(read(feeder(offers=[offer("O", "3", round(full / 2, 6), 40.0)]))).result
    assert result["awards"]["O"]["accepted"] == [round(full / 2, 6)]
    assert {entry["reason"] for entry in result["unmet"]} == {"no_offer"}


@pytest.mark.parametrize("price", [60.0, 150.0, 400.0, 2000.0])
def test_a_curable_case_is_cured_at_any_price_below_the_last_resort(price, feeder, offer, read):
    result = clear(read(feeder(offers=[offer("O", "3", 2.0, price)]))).result
    assert (result["status"], result["unmet"]) == ("cleared", [])


def _request(cap: float, quantity: float = 2.0) -> dict:
    fields = {"id": "R", "party": "DSO", "buses": ["2", "3"], "commodity": "P", "direction": "down"}
    return fields | {"quantity_mw": quantity, "price_eur_per_mwh": cap}


def test_a_cap_below_the_cheapest_cure_leaves_it_unmet(feeder, offer, read):
    result = clear(read(feeder(offers=[offer("O", "3", 2.0, 60.0)], requests=[_request(50.0)]))).result
    assert result["awards"]["O"]["accepted"] == [0.0]
    (change,) = [entry for entry in result["unmet"] if "bus" in entry]
    assert (change["request"], change["reason"], change["price_eur_per_mwh"]) == ("R", "above_cap", 50.0)
    assert {entry["reason"] for entry in result["unmet"]} == {"above_cap"}


def test_a_cap_above_the_offer_changes_nothing(feeder, offer, read):
    offers = [offer("O", "3", 2.0, 60.0)]
    with_cap = clear(read(feeder(offers=offers, requests=[_request(61.0)]))).result
    without = clear(read(feeder(offers=offers))).result
    assert with_cap["awards"] == without["awards"]
    assert with_cap["unmet"] == []


def test_a_request_is_shared_over_its_buses(feeder, offer, read):
    result = clear(read(feeder(offers=[offer("O", "3", 2.0, 60.0)], requests=[_request(50.0, 0.1)]))).result
    unmet = [entry for entry in result["unmet"] if "bus" in entry]
    assert sum(entry["quantity_mw"] for entry in unmet) == pytest.approx(0.1, abs=2e-6)
    assert result["awards"]["O"]["accepted"][0] > 0.1


def test_overload_is_cured_as_well(feeder, offer, read):
    document = feeder(p_mw=2.5, max_i_ka=0.04, offers=[offer("O", "3", 2.4, 40.0)])
    for bus in document["grid"]["buses"][1:]:
        bus["vm_max_pu"] = 1.08
    case = read(document)
    assert {need.kind for need in assess(case).needs} == {"voltage", "loading"}
    cleared = clear(case)
    assert cleared.result["status"] == "cleared"
    assert cleared.after.loading_percent.max() == pytest.approx(100.0, abs=1e-3)


def test_low_voltage_is_raised(feeder, offer, read):
    case = read(feeder(p_mw=-2.3, offers=[offer("O", "3", 2.0, 40.0, "up"), offer("no", "3", 2.0, 1.0, "down")]))
    assert {need.limit for need in assess(case).needs} == {0.95}
    cleared = clear(case)
    assert cleared.result["status"] == "cleared"
    assert cleared.after.vm_pu[0, 1:].min() == pytest.approx(0.95, abs=2e-6)
    assert cleared.result["awards"]["no"]["accepted"] == [0.0]


def test_apparent_power_limits_bind(feeder, offer, read):
    document = feeder(offers=[offer("O", "3", 2.4, 40.0)])
    document["grid"]["branches"][2]["max_s_mva"] = 0.6
    cleared = clear(read(document))
    assert cleared.result["status"] == "cleared"
    assert max(cleared.after.s_from_mva[0, 2], cleared.after.s_to_mva[0, 2]) == pytest.approx(0.6, abs=1e-5)


def test_equal_prices_go_by_time_then_id(feeder, offer, read):
    """Two and a half offers of four are needed: the early one, then of the three late ones by id."""
    needed = propose_requests(read(feeder())).down_mw.sum()
    each = round(needed / 2.5, 6)
    early, late = "2026-07-25T08:00:00Z", "2026-07-25T10:00:00Z"
    offers = [offer(name, "3", each, 40.0, at=early if name == "Z" else late) for name in ("C", "A", "Z", "B")]
    dear = offer("0", "3", 3.0, 40.01, at="2026-07-24T10:00:00Z")
    awards = clear(read(feeder(offers=[*offers, dear]))).result["awards"]
    got = {name: award["accepted"][0] for name, award in awards.items()}
    assert got == {"Z": each, "A": each, "B": pytest.approx(each / 2, abs=1e-5), "C": 0.0, "0": 0.0}


def test_virtual_changes_left_out_at_first_come_in_where_they_pay(feeder, read, monkeypatch):
    from engine.market.linearisation import Linearisation

    case = read(feeder())
    full = clear(case).result

    def weak(self):
        return self.problem.columns.bus == self.problem.network.bus_index["1"]

    monkeypatch.setattr(Linearisation, "strongest", weak)
    assert clear(case).result["unmet"] == full["unmet"]
    monkeypatch.setattr(Linearisation, "strongest", lambda self: np.zeros(len(self.problem.columns), dtype=bool))
    assert clear(case).result["unmet"] == full["unmet"]


def test_order_of_offers_and_fields_does_not_matter(feeder, offer, read):
    offers = [offer(f"O{i}", "123"[i % 3], 0.4, 30.0 + i // 4) for i in range(9)]
    first = clear(read(feeder(offers=offers))).result
    second = clear(read(feeder(offers=offers[::-1]))).result
    assert list(first["awards"].items()) == list(second["awards"].items())
    assert first["payments"] == second["payments"]


def test_an_energy_budget_holds_over_the_day(feeder, offer, read):
    offers = [offer("cheap", "3", 1.5, 20.0, max_energy_mwh=0.3), offer("dear", "3", 1.5, 50.0)]
    result = clear(read(feeder(n_steps=4, offers=offers))).result
    cheap = result["awards"]["cheap"]["accepted"]
    assert result["status"] == "cleared"
    assert sum(cheap) * 0.25 == pytest.approx(0.3, abs=1e-6)
    assert sum(cheap) * 0.25 <= 0.3 + 1e-12
    assert sum(result["awards"]["dear"]["accepted"]) > 0


def test_priced_energy_finds_the_smooth_optimum(feeder, offer, read):
    """Where losses make the optimum smooth: no better acceptance on a fine grid of alternatives."""
    offers = [offer("O", "3", 2.0, 0.0)]
    document = feeder(offers=offers, energy="priced", coupling_price=-50.0, p_mw=1.0)
    result = clear(read(document)).result
    assert result["status"] == "cleared"
    best = result["objective_eur"]
    accepted = result["awards"]["O"]["accepted"][0]
    from engine import compile_network, power_flow

    case = read(document)
    network = compile_network(case.grid)
    tried = np.linspace(0.0, 2.0, 401)
    p_mw = np.repeat(case.net_p_mw, len(tried), axis=0)
    p_mw[:, network.bus_index["3"]] -= tried
    flow = power_flow(network, p_mw, np.repeat(case.net_q_mvar, len(tried), axis=0))
    cost = -50.0 * 0.25 * flow.import_mw
    allowed = (flow.vm_pu[:, 1:] >= 0.95).all(axis=1) & (flow.vm_pu[:, 1:] <= 1.05).all(axis=1)
    assert best <= cost[allowed].min() + 1e-5
    assert abs(accepted - tried[allowed][cost[allowed].argmin()]) < 0.02
    assert Decimal(result["payments"]["coupling"]) == -Decimal(result["payments"]["DSO"])
    assert Decimal(result["payments"]["coupling"]) != 0


def test_a_baseline_without_solution_is_not_cleared(feeder, read):
    result = clear(read(feeder(p_mw=-40.0))).result
    assert (result["status"], result["reason"]) == ("not_cleared", "power_flow_diverged")
    assert (result["awards"], result["payments"]) == ({}, {})


def test_a_solver_that_stops_early_is_told(feeder, offer, read, monkeypatch):
    from engine.market import program

    monkeypatch.setitem(program.HIGHS_OPTIONS, "simplex_iteration_limit", 0)
    monkeypatch.setitem(program.HIGHS_OPTIONS, "presolve", "off")
    result = clear(read(feeder(offers=[offer("O", "3", 2.0, 40.0)]))).result
    assert result["status"] == "not_cleared"
    assert result["reason"].startswith("solver: ")


def test_awards_that_fail_their_proof_are_not_published(feeder, offer, read, monkeypatch):
    from engine.market import answer

    real = answer.accepted_quanta
    monkeypatch.setattr(answer, "accepted_quanta", lambda *given: real(*given) * 99 // 100)
    result = clear(read(feeder(offers=[offer("O", "3", 2.0, 40.0)]))).result
    assert (result["status"], result["reason"]) == ("not_cleared", "proof_failed")
    assert (result["awards"], result["payments"]) == ({}, {})
    assert result["proof"]["worst"]["element"] == "3"


def test_unmet_need_excuses_its_own_steps_only(feeder, offer, read, monkeypatch):
    """Step 0 has no offer; a wrong award in step 1 is not explained by that."""
    from engine.market import answer

    case = read(feeder(n_steps=2, offers=[offer("O", "3", [0.0, 2.0], 40.0)]))
    right = clear(case).result
    assert (right["status"], right["proof"]["clean"]) == ("cleared_with_unmet", False)
    real = answer.accepted_quanta
    monkeypatch.setattr(answer, "accepted_quanta", lambda *given: real(*given) * 99 // 100)
    result = clear(case).result
    assert (result["status"], result["reason"]) == ("not_cleared", "proof_failed")


def test_progress_is_told_and_can_cancel(feeder, offer, read):
    case = read(feeder(offers=[offer("O", "3", 2.0, 40.0)]))
    seen = []
    clear(case, lambda stage, share: seen.append((stage, share)))
    assert [s for i, (s, _) in enumerate(seen) if i == 0 or seen[i - 1][0] != s] == [
        "needs",
        "clearing",
        "proof",
        "done",
    ]
    assert all(0.0 <= share <= 1.0 for _, share in seen)

    def stop(stage, share):
        if stage == "clearing":
            raise Cancelled

    with pytest.raises(Cancelled):
        clear(case, stop)


def test_replay_says_what_is_the_same(feeder, offer, read):
    document = feeder(offers=[offer("O", "3", 2.0, 40.0)])
    result = clear(read(document)).result
    again = replay(document, result)
    assert (again.same_case, again.stored_intact, again.same_bytes, again.within_tolerance) == (True,) * 4
    forged = copy.deepcopy(result)
    forged["awards"]["O"]["accepted"][0] += 0.1
    told = replay(document, forged)
    assert (told.stored_intact, told.same_bytes, told.within_tolerance) == (False, True, False)
    other = replay(feeder(p_mw=2.4, offers=[offer("O", "3", 2.0, 40.0)]), result)
    assert (other.same_case, other.same_bytes, other.within_tolerance) == (False, False, False)


def test_seconds_and_versions_are_outside_of_the_hash(feeder, read):
    result = clear(read(feeder())).result
    moved = copy.deepcopy(result)
    moved["solve"]["seconds"], moved["solve"]["versions"] = {"x": 1.0}, {}
    assert result_sha256(moved) == result["solve"]["result_sha256"]
    moved["objective_eur"] = 1.0
    assert result_sha256(moved) != result["solve"]["result_sha256"]


def test_the_proof_sees_what_the_power_flow_sees(feeder, read):
    case = read(feeder(p_mw=[2.5, 0.3, -0.5], n_steps=3))
    flow = assess(case).flow
    proof = prove(case.grid, case.net_p_mw, case.net_q_mvar)
    assert not proof.clean
    assert proof.worst.element == "3"
    assert proof.worst.value == pytest.approx(flow.vm_pu[0, 4], abs=1e-8)
    assert proof.max_loading_percent == pytest.approx(flow.loading_percent.max(), abs=1e-5)


def test_the_proof_counts_the_transformers_core(feeder, read):
    document = feeder(p_mw=0.2)
    for line in document["grid"]["branches"][1:]:
        line["max_i_ka"] = None
    document["grid"]["branches"][0] |= {"g_us": 20.0, "b_us": -80.0}
    case = read(document)
    flow = assess(case).flow
    proof = prove(case.grid, case.net_p_mw, case.net_q_mvar)
    assert flow.i_from_ka[0, 0] != pytest.approx(flow.i_to_ka[0, 0] * 20 / 110, rel=0.05)
    assert proof.max_loading_percent == pytest.approx(flow.loading_percent[0, 0], abs=1e-6)


def test_the_proof_names_steps_without_solution(feeder, read):
    case = read(feeder(p_mw=[0.3, -40.0, 0.3], n_steps=3))
    proof = prove(case.grid, case.net_p_mw, case.net_q_mvar)
    assert (proof.clean, proof.diverged_steps) == (False, (1,))
    assert math.isfinite(proof.vm_max_pu)


def test_a_thousand_offers_on_one_bus(feeder, offer, read):
    offers = [offer(f"O{i:04}", "3", 0.002, 40.0 + (i % 7)) for i in range(1000)]
    result = clear(read(feeder(offers=offers))).result
    needed = propose_requests(read(feeder())).down_mw.sum()
    assert _sum_accepted(result) == pytest.approx(needed, abs=1e-4)
    partly = [a for a in result["awards"].values() if 0 < a["accepted"][0] < 0.002]
    assert len(partly) <= 1


@pytest.mark.parametrize(("cents", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-123456, "-1234.56")])
def test_cents_are_written_as_euros(cents, text):
    assert euros(cents) == text


@pytest.mark.parametrize(("quantity", "amount"), [(0.001, "0.00"), (0.003, "0.02"), (0.005, "0.02")])
def test_amounts_are_rounded_half_even(quantity, amount, feeder, offer, read):
    """At -20 EUR/MWh for a quarter hour, 1, 3 and 5 kW are worth 0.5, 1.5 and 2.5 cents."""
    result = clear(read(feeder(p_mw=0.3, offers=[offer("O", "3", quantity, -20.0, party="ESP")]))).result
    assert result["awards"]["O"]["accepted"] == [quantity]
    assert Decimal(result["payments"]["ESP"]) == -Decimal(amount)
    assert Decimal(result["payments"]["DSO"]) == Decimal(amount)


@pytest.mark.parametrize(
    ("x_mw", "price", "milliwatts"),
    [
        (0.1234561231, 40.0, 123456124),
        (0.1234561231, -40.0, 123456123),
        (0.1234561230001, 40.0, 123456123),
        (0.1234561229999, -40.0, 123456123),
        (0.5, 40.0, 500000000),
    ],
)
def test_awards_are_whole_milliwatts_on_the_safe_side(x_mw, price, milliwatts, feeder, offer, read):
    case = read(feeder(offers=[offer("O", "3", 0.5, price)]))
    columns = market_columns(case, assess(case).network)
    x = np.where(columns.kind == OFFER, x_mw, 0.0)
    assert accepted_quanta(case, columns, x).tolist() == [[milliwatts]]


def test_the_proof_names_the_steps_that_pass_a_limit(feeder, read):
    case = read(feeder(p_mw=[0.5, 2.5, 0.5, 2.4], n_steps=4))
    proof = prove(case.grid, case.net_p_mw, case.net_q_mvar)
    assert proof.violated_steps == (1, 3)
