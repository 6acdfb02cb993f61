"""Saved pandapower nets and built-in ones: read safely, the same as the net itself, hostile files refused."""

from __future__ import annotations

import builtins
import contextlib
import importlib
import inspect
import json
import random
import sys

import numpy as np
import pandapower as pp
import pandapower.networks
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import InvalidInput, compile_network, power_flow, read_grid
from engine.grid.importers.builtin import NAMES, builtin_grid
from engine.grid.importers.pandapower import grid_from_pandapower
from engine.grid.importers.pandapower_json import grid_from_json


def saved(net):
    return json.loads(pp.to_json(net))


def table(document, name):
    """A table of a saved net as columns, index, data."""
    return json.loads(document["_object"][name]["_object"])


def with_table(document, name, content):
    content = content if isinstance(content, str) else json.dumps(content)
    return document | {"_object": document["_object"] | {name: document["_object"][name] | {"_object": content}}}


def with_part(document, name, value):
    return document | {"_object": document["_object"] | {name: value}}


def one_column(index, data):
    return {"columns": ["a"], "index": index, "data": data}


def with_cell(document, name, column, value):
    content = table(document, name)
    content["data"][0][content["columns"].index(column)] = value
    return with_table(document, name, content)


def codes(document):
    with pytest.raises(InvalidInput) as refusal:
        grid_from_json(document if isinstance(document, str) else json.dumps(document))
    return {(finding.path, finding.code) for finding in refusal.value.findings}


@pytest.fixture(scope="module")
def case9():
    return saved(pandapower.networks.case9())


@pytest.mark.parametrize("name", ["case9", "case118", "example_simple", "create_cigre_network_mv"])
def test_a_saved_net_is_the_net(name):
    net = getattr(pandapower.networks, name)()
    direct, read = grid_from_pandapower(net), grid_from_json(pp.to_json(net))
    assert read.bus_of == direct.bus_of
    assert read.branch_of == direct.branch_of
    for block in ("buses", "branches", "units", "shunts", "coupling", "controls"):
        assert _close(read.document.get(block), direct.document.get(block))
    assert _close(read.baseline, direct.baseline)


def _close(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_close(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_close, one, other))
    return one == pytest.approx(other, rel=1e-9) if isinstance(one, float) else one == other


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda d: with_cell(d, "line", "r_ohm_per_km", "x"), ("line[0].r_ohm_per_km", "not_a_number")),
        (lambda d: with_cell(d, "line", "from_bus", 77), ("line[0].from_bus", "unknown_bus")),
        (lambda d: with_cell(d, "line", "from_bus", -1), ("line[0].from_bus", "not_a_number")),
        (lambda d: with_cell(d, "line", "in_service", "yes"), ("line[0].in_service", "not_a_flag")),
        (lambda d: with_cell(d, "line", "length_km", 0), ("line[0].length_km", "out_of_range")),
        (lambda d: with_cell(d, "bus", "vn_kv", 1e300), ("bus[0].vn_kv", "out_of_range")),
        (lambda d: with_table(d, "bus", "{not json"), ("bus", "not_json")),
        (lambda d: with_table(d, "bus", "[" * 200_000), ("bus", "not_json")),
        (lambda d: with_table(d, "bus", "/etc/passwd"), ("bus", "not_json")),
        (lambda d: with_table(d, "bus", {"columns": [], "index": []}), ("bus", "not_a_table")),
        (lambda d: with_table(d, "bus", {"columns": [1], "index": [], "data": []}), ("bus", "not_text")),
        (lambda d: with_table(d, "bus", one_column([0, 0], [[1], [2]])), ("bus[0]", "duplicate_id")),
        (lambda d: with_table(d, "bus", one_column([0], [[1, 2]])), ("bus[0]", "wrong_length")),
        (lambda d: with_table(d, "bus", one_column([0], [])), ("bus", "wrong_length")),
        (lambda d: with_part(d, "format_version", "2.14.0"), ("format_version", "not_supported")),
        (lambda d: d | {"_class": "function"}, ("$", "not_a_net")),
        (lambda d: [d], ("$", "not_a_net")),
        (lambda d: "{", ("$", "not_a_net")),
        (lambda d: with_part(d, "f_hz", "50"), ("f_hz", "not_a_number")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(spoil, found, case9):
    assert found in codes(spoil(case9))


def test_absurd_sizes_are_named(case9):
    many = {"columns": ["vn_kv", "in_service"], "index": list(range(300_000)), "data": [[1.0, 1]] * 300_000}
    assert ("bus", "too_large") in codes(with_table(case9, "bus", many))
    assert codes(" " * 50_000_001) == {("$", "too_large")}
    some = {"columns": ["vn_kv"], "index": list(range(13_000)), "data": [[1.0]] * 13_000}
    assert ("bus", "too_large") in codes(with_table(case9, "bus", some))


@pytest.fixture
def nothing_happens(monkeypatch):
    """Any import, opened file or run code while the reader works is a failure."""

    def forbid(*args, **kwargs):
        raise AssertionError(f"the reader called out: {args[:1]}")

    for module, name in ((builtins, "open"), (builtins, "eval"), (builtins, "exec"), (importlib, "import_module")):
        monkeypatch.setattr(module, name, forbid)
    before = set(sys.modules)
    yield
    assert set(sys.modules) == before


HOSTILE = [
    {"_module": "antigravity", "_class": "Anything", "_object": "{}"},
    {"_module": "os", "_class": "function", "_object": "system"},
    {"_module": "pandas.core.frame", "_class": "DataFrame", "_object": "/etc/passwd", "orient": "split"},
    {"_module": "pandas.core.frame", "_class": "DataFrame", "_object": "http://127.0.0.1:1/x", "orient": "split"},
    {"_module": "pandapower.control", "_class": "ConstControl", "_object": "{}"},
]


@pytest.mark.parametrize("part", HOSTILE)
@pytest.mark.parametrize("place", ["bus", "controller", "std_types", "line", "anything"])
def test_a_hostile_file_imports_nothing_opens_nothing_runs_nothing(part, place, case9, nothing_happens):
    document = with_part(case9, place, part)
    if place in ("bus", "line"):
        assert {path for path, _ in codes(document)} == {place}
    else:
        assert len(grid_from_json(json.dumps(document)).document["buses"]) == 9


def test_a_hostile_cell_is_no_object(case9, nothing_happens):
    for cell in HOSTILE:
        assert ("bus[0].vn_kv", "missing") in codes(with_cell(case9, "bus", "vn_kv", cell))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
CELLS = st.tuples(
    st.sampled_from(["bus", "line", "gen", "ext_grid", "load", "switch", "trafo3w", "impedance", "shunt"]),
    st.integers(0, 30),
    JSON,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(changes=st.lists(CELLS, min_size=1, max_size=4), whole=st.none() | JSON)
def test_any_cells_give_a_grid_or_findings(changes, whole):
    document = saved_simple()
    for name, place, value in changes:
        content = table(document, name)
        if content["data"]:
            row = content["data"][place % len(content["data"])]
            row[place % len(row)] = value
            document = with_table(document, name, content)
    if whole is not None:
        document = with_part(document, changes[0][0], whole)
    made = None
    with contextlib.suppress(InvalidInput):
        made = grid_from_json(json.dumps(document))
    if made is not None:
        read_grid(made.document)


_SIMPLE = {}


def saved_simple():
    """A net with one of almost everything, saved once."""
    if not _SIMPLE:
        net = pandapower.networks.example_simple()
        pp.create_switch(net, 0, 1, et="b", closed=False)
        pp.create_impedance(net, 2, 3, 0.1, 0.1, 10.0)
        b = pp.create_bus(net, 10.0), pp.create_bus(net, 10.0)
        pp.create_transformer3w(net, 1, *b, "63/25/38 MVA 110/20/10 kV")
        net.trafo3w["tap_dependency_table"] = False
        _SIMPLE.update(saved(net))
    return _SIMPLE


def test_the_fuzzed_net_itself_has_no_findings():
    assert read_grid(grid_from_json(json.dumps(saved_simple())).document)[1] == ()


def test_the_list_of_built_in_networks_is_what_pandapower_has():
    functions = dict(inspect.getmembers(pandapower.networks, inspect.isfunction))
    assert set(NAMES) <= set(functions)
    for name in NAMES:
        needed = [
            p for p in inspect.signature(functions[name]).parameters.values()
            if p.default is p.empty and p.kind is not p.VAR_KEYWORD
        ]  # fmt: skip
        assert not needed


def test_no_built_in_network_is_drawn_by_lot(monkeypatch):
    def lot(*args):
        raise AssertionError("drawn by lot")

    for name in ("random", "choice", "uniform", "randint", "sample", "shuffle"):
        monkeypatch.setattr(random, name, lot)
        monkeypatch.setattr(np.random, name, lot, raising=False)
    for name in NAMES:
        if name.startswith(("create_kerber", "create_synthetic", "kb_")):
            getattr(pandapower.networks, name)()


@pytest.mark.parametrize(
    "name", ["case33bw", "kb_extrem_landnetz_freileitung", "simple_four_bus_system", "case6ww"]
)
def test_built_in_networks(name, at_own_point):
    made = builtin_grid(name)
    grid, findings = read_grid(made.document)
    assert findings == ()
    network = compile_network(grid)
    flow = power_flow(network, *at_own_point(network, made.baseline))
    net = getattr(pandapower.networks, name)()
    pp.runpp(net, numba=False, enforce_q_lims=True, calculate_voltage_angles=True)
    live = [i for i in net.bus.index if i in made.bus_of]
    got = [flow.vm_pu[0, network.bus_index[made.bus_of[i]]] for i in live]
    np.testing.assert_allclose(got, net.res_bus.vm_pu.loc[live], atol=1e-6)


@pytest.mark.parametrize("name", ["from_json", "case9241pegase", "__import__", "", "create_kerber_dorfnetz"])
def test_other_names_are_refused(name):
    with pytest.raises(InvalidInput, match="no built-in network"):
        builtin_grid(name)
