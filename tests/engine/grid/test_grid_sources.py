"""Sources of a case's grid and baseline: built-in networks, and files that lie beside the case."""

from __future__ import annotations

import json

import pandapower as pp
import pandapower.networks
import pytest

from engine import InvalidInput, assess, expand_sources, read_case
from engine.market import sources

CASE = {
    "schema": "flexdesk.case/1",
    "time": {"start": "2026-07-26T00:00:00Z", "mtu_minutes": 15, "n_steps": 2},
    "options": {"payment": "pay_as_bid", "energy": "ignored"},
}
CASE9 = {"source": "pandapower:case9"}
TWO_BUSES = """mpc.version = '2'; mpc.baseMVA = 10;
mpc.bus = [1 3 0 0 0 0 1 1 0 20 1 1.1 0.9; 2 1 5 2 0 0 1 1 0 20 1 1.1 0.9];
mpc.gen = [1 0 0 10 -10 1.02 100 1 10 0];
mpc.branch = [1 2 0.01 0.02 0.001 30 0 0 0 0 1];
"""


def refusal(grid, baseline, folder, cache):
    with pytest.raises(InvalidInput) as refused:
        expand_sources(CASE | {"grid": grid, "baseline": baseline}, cache, folder)
    return [(finding.path, finding.code) for finding in refused.value.findings]


@pytest.mark.parametrize("name", ["FILE.m", "NET.json", "case14"])
def test_grid_and_baseline_of_one_source(name, tmp_path):
    (tmp_path / "FILE.m").write_text(TWO_BUSES)
    (tmp_path / "NET.json").write_text(pp.to_json(pandapower.networks.case9()))
    kind = "matpower" if name.endswith(".m") else "pandapower"
    document = CASE | {"grid": {"source": f"{kind}:{name}"}, "baseline": {"source": kind}}
    expanded = expand_sources(document, tmp_path, tmp_path)
    case, findings = read_case(expanded)
    assert findings == ()
    flow = assess(case).flow
    assert flow.all_converged
    assert (flow.v[0] == flow.v[1]).all()
    lowest = {"FILE.m": 1.01108, "NET.json": 0.9576, "case14": 1.01}[name]
    assert flow.vm_pu.min() == pytest.approx(lowest, abs=5e-5)
    assert document["grid"] == {"source": f"{kind}:{name}"}


def test_a_grid_without_baseline_has_none(tmp_path):
    expanded = expand_sources(CASE | {"grid": {"source": "pandapower:case9"}}, tmp_path)
    case, findings = read_case(expanded)
    assert findings == ()
    assert not case.net_p_mw.any()


def test_files_outside_the_folder_stay_closed(tmp_path, monkeypatch):
    inside = tmp_path / "cases"
    inside.mkdir()
    (tmp_path / "secret.m").write_text(TWO_BUSES)
    (inside / "link.m").symlink_to(tmp_path / "secret.m")
    (inside / "folder.m").mkdir()
    (inside / "binary.m").write_bytes(b"\xff\xfe\x00")
    names = [
        "../secret.m",
        str(tmp_path / "secret.m"),
        "link.m",
        "folder.m",
        "none.m",
        "binary.m",
        "",
        "a\0b",
        "/dev/zero",
    ]
    for name in names:
        assert refusal({"source": f"matpower:{name}"}, {}, inside, tmp_path) == [("grid.source", "unknown_source")]
    monkeypatch.setattr(sources, "FILE_BYTES_MAX", 10)
    assert refusal({"source": "matpower:secret.m"}, {}, tmp_path, tmp_path) == [("grid.source", "too_large")]


def test_without_a_folder_no_file_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE.m").write_text(TWO_BUSES)
    assert refusal({"source": "matpower:FILE.m"}, {}, None, tmp_path) == [("grid.source", "not_supported")]
    assert refusal({"source": "pandapower:FILE.json"}, {}, None, tmp_path) == [("grid.source", "not_supported")]


@pytest.mark.parametrize(
    ("grid", "baseline", "found"),
    [
        ({"source": "pandapower:nothing"}, {}, ("grid.source", "unknown_source")),
        ({"source": "cgmes:x"}, {}, ("grid.source", "unknown_source")),
        ({"source": 3}, {}, ("grid.source", "unknown_source")),
        ({"source": "pandapower:case9", "lines_out": []}, {}, ("grid.lines_out", "not_supported")),
        ({"source": "pandapower:case9", "x": 1}, {}, ("grid.x", "unknown_field")),
        (CASE9, {"source": "matpower"}, ("baseline.source", "unknown_source")),
        (CASE9, {"source": "pandapower", "first_row": 0}, ("baseline.first_row", "unknown_field")),
        ({"buses": []}, {"source": "pandapower"}, ("baseline.source", "unknown_source")),
        ({"buses": []}, {"source": ["a"]}, ("baseline.source", "unknown_source")),
    ],
)  # fmt: skip
def test_wrong_sources_are_named(grid, baseline, found, tmp_path):
    assert refusal(grid, baseline, tmp_path, tmp_path) == [found]


def test_the_expanded_case_is_plain_json(tmp_path):
    document = CASE | {"grid": {"source": "pandapower:case30"}, "baseline": {"source": "pandapower"}}
    expanded = expand_sources(document, tmp_path)
    assert json.loads(json.dumps(expanded, allow_nan=False)) == expanded
