"""MATPOWER case files: own text of known networks against pandapower, the published figures, hostile text."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandapower.networks
import pytest
from pandapower.converter.matpower.to_mpc import to_mpc

from engine import InvalidInput, compile_network, power_flow, read_grid
from engine.grid.importers.matpower import grid_from_matpower

CASES = Path(__file__).parents[2] / "cases"
HEAD = "function mpc = anything\n%% a comment with mpc.bus = [ in it\nmpc.version = '2';\nmpc.baseMVA = 10;\n"
OHM = """
[PQ, PV, REF, NONE, BUS_I, BUS_TYPE, PD, QD, GS, BS, BUS_AREA, VM, ...
    VA, BASE_KV] = idx_bus;
[F_BUS, T_BUS, BR_R, BR_X] = idx_brch;
Vbase = mpc.bus(1, BASE_KV) * 1e3;   %% in Volts
Sbase = mpc.baseMVA * 1e6;
mpc.branch(:, [BR_R BR_X]) = mpc.branch(:, [BR_R BR_X]) / (Vbase^2 / Sbase);
mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;
"""
POWER_FACTOR = """
pf = 0.85;
mpc.bus(:, QD) = mpc.bus(:, PD) * sin(acos(pf));
mpc.bus(:, PD) = mpc.bus(:, PD) * pf;
"""
TWO = {
    "bus": [[1, 3, 0, 0, 0, 0, 1, 1, 0, 20, 1, 1.1, 0.9], [2, 1, 5, 2, 0, 0, 1, 1, 0, 20, 1, 1.1, 0.9]],
    "gen": [[1, 0, 0, 10, -10, 1.02, 100, 1, 10, 0]],
    "branch": [[1, 2, 0.01, 0.02, 0.001, 30, 0, 0, 0, 0, 1, -360, 360]],
}


def text(tables, tail="", head=HEAD):
    """A case file of rows of numbers."""
    parts = [head]
    for name, rows in tables.items():
        lines = "\n".join("\t" + "\t".join(repr(float(x)) for x in row) + ";" for row in rows)
        parts.append(f"mpc.{name} = [  % rows\n{lines}\n];\n")
    return "".join(parts) + tail


def solved(made, at_own_point):
    grid, findings = read_grid(made.document)
    assert findings == ()
    network = compile_network(grid)
    return network, power_flow(network, *at_own_point(network, made.baseline))


def feeder(name):
    """The published feeder's tables in ohm and kW, as MATPOWER keeps its distribution cases."""
    case = json.loads((CASES / name / "case.json").read_text())
    load = {unit["bus"]: unit for unit in case["baseline"]["units"]}
    buses = []
    for bus in case["grid"]["buses"]:
        p, q = (load.get(bus["id"], {}).get(key, 0.0) * 1e3 for key in ("p_mw", "q_mvar"))
        kind = 3 if bus["id"] == "1" else 1
        buses.append([int(bus["id"]), kind, p, q, 0, 0, 1, 1, 0, bus["vn_kv"], 1, 1.1, 0.9])
    branches = [
        [int(b["from"]), int(b["to"]), b["r_ohm"], b["x_ohm"], 0, 0, 0, 0, 0, 0, 1]
        for b in case["grid"]["branches"]
    ]
    return {"bus": buses, "gen": [[1, 0, 0, 10, -10, 1, 100, 1, 10, 0]], "branch": branches}


def test_conversions_at_the_end_of_a_distribution_case(at_own_point):
    _, flow = solved(grid_from_matpower(text(feeder("case69"), OHM)), at_own_point)
    assert flow.losses_mw[0] == pytest.approx(0.224992, abs=5e-7)


def test_power_factor_of_case141(at_own_point):
    """Figures of the file with all its statements; see tests/cases/case141/README.md."""
    network, flow = solved(grid_from_matpower(text(feeder("case141"), OHM + POWER_FACTOR)), at_own_point)
    assert flow.losses_mw[0] == pytest.approx(0.632696, abs=5e-7)
    assert flow.vm_pu[0, network.bus_index["87"]] == pytest.approx(0.92786, abs=5e-6)
    assert flow.vm_pu.min() == flow.vm_pu[0, network.bus_index["87"]]


@pytest.mark.parametrize("name", ["case14", "case57", "case118", "case39", "case9"])
def test_files_that_pandapower_writes_agree_with_its_power_flow(name, at_own_point):
    """Meshed cases with taps, shifts, shunts, generators within limits; reference: pandapower itself."""
    net = getattr(pandapower.networks, name)()
    pandapower.runpp(net, numba=False, enforce_q_lims=True, calculate_voltage_angles=True, tolerance_mva=1e-9)
    expected = net.res_bus.vm_pu.to_numpy()
    mpc = to_mpc(net, init="flat", calculate_voltage_angles=True)["mpc"]
    tables = {key: np.nan_to_num(np.real(np.asarray(mpc[key])), posinf=1e9, neginf=-1e9) for key in TWO}
    tables["gen"] = tables["gen"][:, :10]
    made = grid_from_matpower(text(tables, head=HEAD.replace("10", str(mpc["baseMVA"]))))
    network, flow = solved(made, at_own_point)
    assert flow.all_converged
    by_id = [flow.vm_pu[0, network.bus_index[str(int(row[0]))]] for row in tables["bus"]]
    np.testing.assert_allclose(by_id, expected, atol=1e-6)


def test_rules_of_the_translation():
    tables = json.loads(json.dumps(TWO))
    tables["bus"] += [
        [3, 2, 0, 0, 1.0, -2.0, 1, 1, 0, 20, 1, 1.1, 0.9],
        [4, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1.1, 0.9],
        [9, 4, 7, 7, 0, 0, 1, 1, 0, 20, 1, 1.1, 0.9],
    ]
    tables["gen"] += [[3, 4, 1, 2, -1, 1.01, 100, 1, 8, 0], [3, 1, 0, float("inf"), -1, 1.01, 100, 1, 8, 0]]
    tables["gen"] += [[2, 1.5, 0.5, 9, -9, 1.0, 100, 1, 2, 0], [2, 99, 0, 9, -9, 1, 100, 0, 0, 0]]
    tables["branch"] += [[2, 3, 0.01, 0.02, 0, 0, 0, 0, 0.98, 30, 1], [1, 2, 0.01, 0.02, 0, 0, 0, 0, 0, 0, 0]]
    tables["branch"] += [[1, 2, 0.01, 0.02, 0, 0, 0, 0, 0, 0, 1], [3, 4, 0.1, 0.2, 0, 0, 0, 0, 0, 0, 1]]
    tables["branch"] += [[4, 9, 0.1, 0.2, 0, 0, 0, 0, 0, 0, 1]]
    made = grid_from_matpower(text(tables, "mpc.bus_name = {\n 'a % b'; 'x';\n};\n"))
    document = made.document
    assert document["coupling"] == {"bus": "1", "vm_pu": 1.02}
    assert [bus["id"] for bus in document["buses"]] == ["1", "2", "3", "4"]
    assert document["buses"][3]["vn_kv"] == 1.0
    assert [branch["id"] for branch in document["branches"]] == ["1-2", "2-3", "1-2 (2)", "3-4"]
    assert document["branches"][0]["max_s_mva"] == 30.0
    assert "max_s_mva" not in document["branches"][1]
    assert (document["branches"][1]["tap_ratio"], document["branches"][1]["shift_degree"]) == (0.98, 30.0)
    assert document["shunts"] == [{"bus": "3", "g_mw": 1.0, "b_mvar": -2.0}]
    assert document["controls"] == [{"bus": "3", "vm_pu": 1.01, "q_min_mvar": -2.0, "q_max_mvar": 1_000_002.0}]
    assert [(u["id"], u["p_mw"], u["q_mvar"]) for u in made.baseline] == [
        ("load 2", 5.0, 2.0),
        ("generator 2 at 3", 4.0, 0.0),
        ("generator 3 at 3", 1.0, 0.0),
        ("generator 4 at 2", 1.5, 0.5),
    ]
    assert read_grid(document)[1] == ()


@pytest.mark.parametrize(
    ("spoiled", "code"),
    [
        (text(TWO, "mpc.bus(2, 3) = 1000;"), "not_supported"),
        (text(TWO, "system('touch /tmp/x')"), "not_supported"),
        (text(TWO, "mpc.dcline = [1 2 1 10 8];"), "not_supported"),
        (text(TWO).replace("'2'", "'1'"), "not_supported"),
        (text(TWO).replace("baseMVA = 10", "baseMVA = ten"), "not_a_number"),
        (text(TWO).replace("mpc.baseMVA = 10;", ""), "missing"),
        (text({"bus": TWO["bus"]}), "missing"),
        (text(TWO | {"gen": [[7, 0, 0, 1, 1, 1, 1, 1, 1, 0]]}), "unknown_bus"),
        (text(TWO | {"bus": TWO["bus"] * 2}), "duplicate_id"),
        (text(TWO | {"bus": [TWO["bus"][1]]}), "not_supported"),
        (text(TWO | {"branch": [[1, 2, 3]]}), "wrong_length"),
        (text(TWO) + "mpc.bus = ones(1000000);", "not_a_list"),
        ("mpc.bus = [" + "1 2 3;\n" * 10_000 + "];", "too_large"),
        ("", "missing"),
    ],
)
def test_what_cannot_be_read_is_named(spoiled, code):
    with pytest.raises(InvalidInput) as refusal:
        grid_from_matpower(spoiled)
    assert code in [finding.code for finding in refusal.value.findings]


def test_a_short_circuit_between_buses_is_named():
    tables = TWO | {"branch": [[1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1]]}
    _, findings = read_grid(grid_from_matpower(text(tables)).document)
    assert [(f.path, f.code) for f in findings] == [("grid.branches[0].x_ohm", "zero_impedance")]
