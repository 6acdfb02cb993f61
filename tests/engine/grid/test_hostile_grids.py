"""Bad grids: all findings, in bounded time and memory, and never another exception."""

from __future__ import annotations

import contextlib
import copy
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import InvalidInput, compile_network, power_flow, read_grid
from engine.grid.importers.matpower import grid_from_matpower

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
GRID = {
    "base_mva": 1.0,
    "buses": [
        {"id": b, "vn_kv": 20.0, "vm_min_pu": 0.9, "vm_max_pu": 1.1, "lon": 9.0, "lat": 53.0} for b in "abc"
    ],
    "branches": [
        {
            "id": "ab",
            "from": "a",
            "to": "b",
            "r_ohm": 0.1,
            "x_ohm": 0.2,
            "g_us": 0.0,
            "b_us": 1.0,
            "tap_ratio": 1.0,
        },
        {
            "id": "bc",
            "from": "b",
            "to": "c",
            "r_pu": 0.1,
            "x_pu": 0.2,
            "b_pu": 0.1,
            "max_i_ka": 0.3,
            "max_s_mva": 9,
        },
        {"id": "ca", "from": "c", "to": "a", "r_ohm": 0.1, "x_ohm": 0.2, "shift_degree": 0.0},
    ],
    "shunts": [{"bus": "b", "g_mw": 0.01, "b_mvar": 0.1}],
    "controls": [{"bus": "c", "vm_pu": 1.0, "q_min_mvar": -1.0, "q_max_mvar": 1.0}],
    "coupling": {"bus": "a", "vm_pu": 1.0},
    "units": [{"id": "u", "bus": "b", "kind": "load", "p_max_mw": 1.0}],
}
SHORT = {"id": "x", "from": "a", "to": "b", "r_ohm": 0, "x_ohm": 0}
PIECES = [
    *("mpc.bus = [", "mpc.gen = [", "mpc.branch=[", "];", "1 3 0 0 0 0 1 1 0 20 1 1.1 0.9;"),
    *(
        "2 1 5 2 0 0 1 1 0 0 1 1 1\n",
        "1 2 0.01 0.02 0 0 0 0 0 0 1;",
        "1 0 0 Inf -Inf 1 1 1 9 0",
        "mpc.baseMVA=100;",
    ),
    *("mpc.version='2';", "%x\n", "mpc.bus(:, PD) = mpc.bus(:, PD) * pf;", "pf = 0;", "Inf", "nan", "1e400", "'"),
    *("...\n", "{", "}", "pf=2;", "mpc.baseMVA=0;"),
    "mpc.branch(:, [BR_R BR_X]) = mpc.branch(:, [BR_R BR_X]) / (Vbase^2 / Sbase);",
]


def places(value, path=()):
    """Paths of everything inside a document."""
    yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*path, key))


def changed(document, path, value):
    if not path:
        return value
    document = copy.deepcopy(document)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return document


PLACES = list(places(GRID))


def test_the_grid_itself_has_no_findings():
    assert read_grid(GRID)[1] == ()


@settings(max_examples=400, deadline=None, derandomize=True)
@given(path=st.sampled_from(PLACES), value=ANY)
def test_any_change_gives_a_grid_that_solves_or_findings(path, value):
    grid, findings = read_grid(changed(GRID, path, value))
    assert (grid is None) == bool(findings)
    assert all(finding.path.startswith("grid") and finding.sentence for finding in findings)
    if grid is not None:
        network = compile_network(grid)
        zeros = [[0.0] * len(grid.buses)]
        flow = power_flow(network, np.array(zeros), np.array(zeros))
        assert flow.converged.shape == (1,)


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        (("branches", 0, "x_ohm"), 0.0, None),
        (("branches", 1, "to"), "z", ("grid.branches[1].to", "unknown_bus")),
        (("buses", 1, "id"), "a", ("grid.buses[1].id", "duplicate_id")),
        (("branches", 1, "id"), "ab", ("grid.branches[1].id", "duplicate_id")),
        (("branches", 1, "id"), "a", ("grid.branches[1].id", "duplicate_id")),
        (("coupling", "bus"), "z", ("grid.coupling.bus", "unknown_bus")),
        (("shunts", 0, "bus"), "z", ("grid.shunts[0].bus", "unknown_bus")),
        (("branches", 2, "r_ohm"), float("inf"), ("grid.branches[2].r_ohm", "not_finite")),
        (("buses", 0, "vn_kv"), True, ("grid.buses[0].vn_kv", "not_a_number")),
        (("branches", 0), SHORT, ("grid.branches[0].x_ohm", "zero_impedance")),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_path(path, value, found):
    findings = read_grid(changed(GRID, path, value))[1]
    assert (found in [(f.path, f.code) for f in findings]) if found else (findings == ())


def test_islands_are_named():
    grid = copy.deepcopy(GRID)
    grid["buses"] += [{"id": b, "vn_kv": 20.0} for b in "xyz"]
    grid["branches"].append({"id": "xy", "from": "x", "to": "y", "r_ohm": 0.1, "x_ohm": 0.1})
    findings = read_grid(grid)[1]
    assert [f.code for f in findings] == ["island", "island"]
    assert "x, y." in findings[0].sentence
    assert "z." in findings[1].sentence


def test_all_findings_at_once():
    grid = changed(changed(GRID, ("buses", 0, "vn_kv"), -1), ("branches", 2, "to"), "z")
    grid = changed(changed(grid, ("controls", 0, "bus"), "q"), ("coupling", "vm_pu"), "x")
    assert {f.path for f in read_grid(grid)[1]} == {
        "grid.buses[0].vn_kv", "grid.branches[2].to", "grid.controls[0].bus", "grid.coupling.vm_pu"
    }  # fmt: skip


@pytest.mark.parametrize("block", ["buses", "branches", "shunts", "controls", "units"])
def test_a_million_entries_are_named_in_little_memory(block):
    document = GRID | {block: [GRID[block][0]] * 1_000_000}
    tracemalloc.start()
    findings = read_grid(document)[1]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (f"grid.{block}", "too_large") in [(f.path, f.code) for f in findings]
    assert peak < 5e6


def test_as_many_wrong_buses_as_fit_are_named_up_to_a_bound():
    findings = read_grid(GRID | {"buses": [{}] * 3000})[1]
    assert len(findings) <= 501
    assert findings[-1].code == "more_findings"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_text_as_case_file_gives_a_grid_or_findings(text):
    made = None
    with contextlib.suppress(InvalidInput):
        made = grid_from_matpower(text)
    if made is not None:
        read_grid(made.document)
