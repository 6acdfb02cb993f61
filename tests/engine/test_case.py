"""Reading cases: every finding at once, each with its path; what is not supported by name."""

from __future__ import annotations

import copy
import json
import time
from typing import Any

import pytest

from engine import InvalidInput, canonical_json, expand_sources, read_case, read_grid, sha256_of


def _set(document: dict[str, Any], path: str, value: Any) -> None:
    *way, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in way:
        document = document[part]
    document[last] = value


WRONG = [
    ("grid/branches/3/x_ohm", float("nan"), "grid.branches[3].x_ohm", "not_finite"),
    ("grid/branches/3/x_ohm", True, "grid.branches[3].x_ohm", "not_a_number"),
    ("grid/branches/3/x_ohm", "4", "grid.branches[3].x_ohm", "not_a_number"),
    ("grid/branches/3/x_ohm", 10**400, "grid.branches[3].x_ohm", "out_of_range"),
    ("grid/branches/3/r_ohm", -1.0, "grid.branches[3].r_ohm", "out_of_range"),
    ("grid/branches/3/max_i_ka", 0.0, "grid.branches[3].max_i_ka", "out_of_range"),
    ("grid/branches/3/to", "nowhere", "grid.branches[3].to", "unknown_bus"),
    ("grid/branches/3/to", "2", "grid.branches[3].to", "same_bus"),
    ("grid/branches/3/id", "L2", "grid.branches[3].id", "duplicate_id"),
    ("grid/branches/3/id", "HV", "grid.branches[3].id", "duplicate_id"),
    ("grid/branches/3/colour", "red", "grid.branches[3].colour", "unknown_field"),
    ("grid/buses/1/id", "HV", "grid.buses[1].id", "duplicate_id"),
    ("grid/buses/1/vn_kv", -20, "grid.buses[1].vn_kv", "out_of_range"),
    ("grid/buses/1/vm_min_pu", 1.2, "grid.buses[1].vm_min_pu", "out_of_range"),
    ("grid/buses/1/id", "a\u0000", "grid.buses[1].id", "bad_text"),
    ("grid/buses", {}, "grid.buses", "not_a_list"),
    ("grid/coupling/bus", "X", "grid.coupling.bus", "unknown_bus"),
    ("grid", {"source": "simbench:x"}, "grid.source", "not_expanded"),
    ("time/n_steps", 2.5, "time.n_steps", "not_a_number"),
    ("time/start", "2026-07-26T00:00:00", "time.start", "not_a_time"),
    ("time/start", "yesterday", "time.start", "not_a_time"),
    ("baseline/units/0/p_mw", [1.0, 2.0], "baseline.units[0].p_mw", "wrong_length"),
    ("baseline/units/0/p_mw", [float("inf")], "baseline.units[0].p_mw[0]", "not_finite"),
    ("baseline/units/0/bus", "X", "baseline.units[0].bus", "unknown_bus"),
    ("baseline/units/0/kind", "sun", "baseline.units[0].kind", "not_a_choice"),
    ("offers/0/quantity_mw", -0.1, "offers[0].quantity_mw", "out_of_range"),
    ("offers/0/quantity_mw", [False], "offers[0].quantity_mw[0]", "not_a_number"),
    ("offers/0/price_eur_per_mwh", 10001.0, "offers[0].price_eur_per_mwh", "out_of_range"),
    ("offers/0/bus", "X", "offers[0].bus", "unknown_bus"),
    ("offers/0/party", "coupling", "offers[0].party", "reserved_name"),
    ("offers/0/submitted_at", None, "offers[0].submitted_at", "missing"),
    ("offers/0/block", "yes", "offers[0].block", "not_a_flag"),
    ("offers/0/min_acceptance", 1.5, "offers[0].min_acceptance", "out_of_range"),
    ("offers/0/ramp_mw_per_step", -0.1, "offers[0].ramp_mw_per_step", "out_of_range"),
    ("offers/0/s_max_mva", 1.0, "offers[0].asset", "missing"),
    ("offers/0/exclusive_group", 7, "offers[0].exclusive_group", "not_text"),
    ("offers/0/linked_to", "nobody", "offers[0].linked_to", "unknown_offer"),
    ("offers/0/linked_to", "O", "offers[0].linked_to", "circular"),
    ("offers/0/commodity", "Q", "offers[0].quantity_mw", "unknown_field"),
    ("offers/0/commodity", "Q", "offers[0].price_eur_per_mvarh", "missing"),
    ("offers/0/commodity", "storage", "offers[0].energy_mwh", "missing"),
    ("offers/0/commodity", "gas", "offers[0].commodity", "not_a_choice"),
    ("requests/0/buses/0", "X", "requests[0].buses[0]", "unknown_bus"),
    ("requests/0/buses", [], "requests[0].buses", "missing"),
    ("requests/0/buses", ["3", "3"], "requests[0].buses", "duplicate_id"),
    ("requests/0/conditional", True, "requests[0].conditional", "contradiction"),
    ("requests/0/commodity", "Q", "requests[0].quantity_mvar", "missing"),
    ("options/clearing", "magic", "options.clearing", "not_a_choice"),
    ("options/physics", "linear", "options.physics", "contradiction"),
    ("options/payment", "barter", "options.payment", "not_a_choice"),
    ("options/seed", -1, "options.seed", "out_of_range"),
    ("options/operator", "coupling", "options.operator", "reserved_name"),
    ("schema", "flexdesk.case/9", "schema", "not_a_choice"),
]


@pytest.fixture
def good(feeder, offer):
    request = {
        "id": "R",
        "party": "D",
        "buses": ["3"],
        "direction": "down",
        "quantity_mw": 1,
        "price_eur_per_mwh": 9,
    }
    return feeder(offers=[offer("O", "3", 0.5, 10.0)], requests=[request])


@pytest.mark.parametrize(("where", "value", "path", "code"), WRONG)
def test_each_error_is_named(where, value, path, code, good):
    assert read_case(good)[1] == ()
    document = copy.deepcopy(good)
    _set(document, where, value)
    case, findings = read_case(document)
    assert case is None
    assert (path, code) in {(finding.path, finding.code) for finding in findings}
    assert all(finding.sentence.endswith(".") for finding in findings)


def test_all_errors_come_at_once(good):
    wanted = [w for w in WRONG if w[0] in ("grid/branches/3/r_ohm", "time/start", "offers/0/bus", "options/seed")]
    for where, value, _, _ in wanted:
        _set(good, where, value)
    found = {finding.path for finding in read_case(good)[1]}
    assert {path for _, _, path, _ in wanted} <= found


def test_islands_are_named(good):
    good["grid"]["branches"].pop()
    (finding,) = read_case(good)[1]
    assert (finding.path, finding.code) == ("grid.buses", "island")
    assert finding.sentence == "Not connected to the coupling bus: 3."


def test_zero_impedance_is_named(good):
    good["grid"]["branches"][2] |= {"r_ohm": 0.0, "x_ohm": 0}
    assert [(f.path, f.code) for f in read_case(good)[1]] == [("grid.branches[2].x_ohm", "zero_impedance")]


def test_absurd_sizes_end_soon(good):
    good["grid"]["buses"] = [{"id": str(i), "vn_kv": 20.0} for i in range(1_000_000)]
    start = time.perf_counter()
    findings = read_case(good)[1]
    assert time.perf_counter() - start < 1.0
    assert ("grid.buses", "too_large") in {(finding.path, finding.code) for finding in findings}


def test_findings_are_listed_up_to_a_number(good):
    good["offers"] = [{} for _ in range(2000)]
    findings = read_case(good)[1]
    assert len(findings) == 501
    assert findings[-1].code == "more_findings"


@pytest.mark.parametrize(
    "document", [None, 3, "case", [], {}, {"grid": [], "time": 1, "offers": {}, "options": []}]
)
def test_anything_else_has_findings(document):
    case, findings = read_case(document)
    assert case is None
    assert findings


def test_per_unit_impedances_are_the_same_grid(feeder, read):
    ohm = feeder()
    pu = copy.deepcopy(ohm)
    pu["grid"]["base_mva"] = 10.0
    for branch in pu["grid"]["branches"]:
        base = (110.0 if branch["from"] == "HV" else 20.0) ** 2 / 10.0
        branch["r_pu"], branch["x_pu"] = branch.pop("r_ohm") / base, branch.pop("x_ohm") / base
        branch["b_pu"] = branch.pop("b_us") * 1e-6 * base
    for left, right in zip(read(ohm).grid.branches, read(pu).grid.branches, strict=True):
        assert (left.r_ohm, left.x_ohm, left.b_us) == pytest.approx(
            (right.r_ohm, right.x_ohm, right.b_us), rel=1e-12
        )


def test_a_net_baseline_is_the_units_sum(feeder, read):
    units = read(feeder(p_mw=[1.0, 2.0], n_steps=2))
    net = feeder(n_steps=2) | {
        "baseline": {"p_mw": {"3": [1.0, 2.0], "1": -0.1}, "q_mvar": {"1": [-0.03, -0.03]}},
    }
    assert read(net).net_p_mw.tolist() == units.net_p_mw.tolist()
    assert read(net).net_q_mvar.tolist() == units.net_q_mvar.tolist()


def test_a_storage_is_positive_when_it_injects(feeder, read):
    document = feeder()
    document["baseline"]["units"] = [{"id": "B", "bus": "2", "kind": "storage", "p_mw": 0.4}]
    assert read(document).net_p_mw[0].tolist() == [0.0, 0.0, 0.0, 0.4, 0.0]


def test_grid_document_alone_with_units(feeder):
    grid = feeder()["grid"] | {"schema": "flexdesk.grid/1", "units": [{"id": "U", "bus": "9", "kind": "load"}]}
    assert [(f.path, f.code) for f in read_grid(grid)[1]] == [("grid.units[0].bus", "unknown_bus")]
    grid["units"] = [{"id": "U", "bus": "3", "kind": "generator", "type": "PV", "p_max_mw": 0.5, "s_max_mva": 0.6}]
    read_back, findings = read_grid(json.loads(json.dumps(grid)))
    assert findings == ()
    assert read_back is not None
    assert (read_back.units[0].type, read_back.units[0].s_max_mva) == ("PV", 0.6)


def test_canonical_json_does_not_depend_on_order():
    assert canonical_json({"b": 1.50, "a": [True, None, "ä"]}) == '{"a":[true,null,"ä"],"b":1.5}'.encode()
    assert sha256_of({"x": 1, "y": 2}) == sha256_of({"y": 2, "x": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json(float("nan"))


@pytest.mark.parametrize(
    ("grid", "path", "code"),
    [
        ({"source": "simbench:nope"}, "grid.source", "unknown_source"),
        ({"source": "matpower:/etc/passwd"}, "grid.source", "not_supported"),
        ({"source": "pandapower:from_pickle"}, "grid.source", "unknown_source"),
        ({"source": "os:system"}, "grid.source", "unknown_source"),
        ({"source": 3}, "grid.source", "unknown_source"),
        ({"source": "simbench:x", "lines_out": "all"}, "grid.lines_out", "not_a_list"),
        ({"source": "simbench:x", "extra": 1}, "grid.extra", "unknown_field"),
    ],
)
def test_sources_are_refused_by_name(grid, path, code, good, tmp_path):
    with pytest.raises(InvalidInput) as refusal:
        expand_sources(good | {"grid": grid}, tmp_path)
    assert [(finding.path, finding.code) for finding in refusal.value.findings] == [(path, code)]


def test_a_built_in_network_is_expanded(tmp_path, read, load_case):
    document = load_case("case33bw", "case")
    grid = {"source": "pandapower:case33bw"}
    options = document["options"]
    case = read(expand_sources({**document, "grid": grid, "baseline": {}, "options": options}, tmp_path))
    assert len(case.grid.buses) == 33
    assert case.grid.branches[0].r_ohm == pytest.approx(0.0922)
    assert case.grid.branches[0].max_i_ka is None
