"""Needs after the outage of named branches."""

from __future__ import annotations

import numpy as np
import pytest

from engine import InvalidInput, assess, compile_network, power_flow, read_case, read_grid, without_branches


def _case(ring, **grid):
    units = [{"id": f"load {bus}", "bus": bus, "kind": "load", "p_mw": [3.0, 0.5], "q_mvar": 0.5} for bus in "135"]
    document = {
        "schema": "flexdesk.case/1",
        "grid": ring(**grid),
        "time": {"start": "2026-07-26T00:00:00Z", "mtu_minutes": 15, "n_steps": 2},
        "baseline": {"units": units},
        "options": {"payment": "pay_as_bid", "energy": "ignored"},
    }
    case, findings = read_case(document)
    assert findings == ()
    return case


def test_needs_of_an_opened_ring(ring):
    case = _case(ring)
    whole, opened = assess(case), assess(case, ["L0"])
    assert whole.needs == ()
    assert {(need.element, need.step) for need in opened.needs} == {("1", 0), ("2", 0), ("3", 0)}
    assert "L0" not in opened.network.branch_ids
    by_hand = ring()
    by_hand["branches"] = [branch for branch in by_hand["branches"] if branch["id"] != "L0"]
    grid, _ = read_grid(by_hand)
    flow = power_flow(compile_network(grid), case.net_p_mw, case.net_q_mvar)
    np.testing.assert_array_equal(opened.flow.vm_pu, flow.vm_pu)


def test_what_would_lose_supply_is_named(ring):
    case = _case(ring)
    with pytest.raises(InvalidInput) as refusal:
        assess(case, ["L0", "L2"])
    finding = refusal.value.findings[0]
    assert (finding.path, finding.code) == ("without", "island")
    assert finding.sentence.endswith(": 1, 2.")
    with pytest.raises(InvalidInput) as refusal:
        assess(case, ["T"])
    assert [(f.path, f.code) for f in refusal.value.findings] == [("without.T", "island")]


def test_an_unknown_branch_is_named(ring):
    with pytest.raises(InvalidInput) as refusal:
        assess(_case(ring), ["L9", "L8", "L9"])
    assert [f.code for f in refusal.value.findings] == ["unknown_element"] * 2
    assert "'L9'" in refusal.value.findings[0].sentence


def _with_open_end(ring):
    document = ring()
    document["buses"].insert(1, {"id": "end", "vn_kv": 20.0})
    document["branches"].append({"id": "stub", "from": "2", "to": "end", "r_ohm": 1.0, "x_ohm": 1.0, "b_us": 90.0})
    return document


def test_an_open_end_goes_with_its_branch(ring):
    grid, findings = read_grid(_with_open_end(ring))
    assert findings == ()
    left, kept = without_branches(grid, ["stub"])
    assert kept.tolist() == [0, 2, 3, 4, 5, 6, 7]
    assert left.buses == read_grid(ring())[0].buses
    assert left.branches == read_grid(ring())[0].branches


def test_a_bus_with_load_does_not_go_silently(ring):
    case = _case(lambda: _with_open_end(ring))
    assert assess(case, ["stub"]).flow.all_converged
    case.net_q_mvar[1, 1] = -0.1
    with pytest.raises(InvalidInput, match="lose supply"):
        assess(case, ["stub"])
