"""The benchmark runs: a tiny row through the command line, contestants, cases, environments."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import launch
from app.bench import cases, contest, environments, rows
from app.bench.cases import Draw
from app.bench.contest import MODULES, OURS, Contestant, Job
from app.bench.contestants.flat_grid import flat_grid
from app.bench.contestants.protocol import load_case, save_case
from app.bench.environments import MissingPeerError
from app.bench.figures import Bar, Figure, seconds_of, times_faster
from app.bench.rows import ROWS, Row
from app.bridge.bench import DataSet
from app.cli.exits import Exit
from engine import compile_network, read_case, read_grid

PEERS = sorted(set(MODULES) - {OURS})
BUS = {"vn_kv": 20.0, "vm_min_pu": 0.95, "vm_max_pu": 1.05}


def grid() -> dict[str, Any]:
    """Eight buses: a transformer and a feeder behind it."""
    line = {"r_ohm": 0.5, "x_ohm": 0.4, "b_us": 20.0, "max_i_ka": 0.3}
    trafo = {"r_ohm": 2.0, "x_ohm": 60.0, "g_us": 1.0, "b_us": -5.0, "shift_degree": 150.0, "tap_ratio": 0.99}
    return {
        "buses": [{"id": "HV", "vn_kv": 110.0}, *({"id": f"B{i}", **BUS} for i in range(7))],
        "branches": [
            {"id": "T", "from": "HV", "to": "B0", **trafo},
            *({"id": f"L{i}", "from": f"B{i}", "to": f"B{i + 1}", **line} for i in range(6)),
        ],
        "shunts": [{"bus": "B3", "g_mw": 0.01, "b_mvar": 0.2}],
        "coupling": {"bus": "HV", "vm_pu": 1.01},
    }


def tiny_year(draw: Draw) -> dict[str, Any]:
    p_mw = np.zeros((4, 8))
    p_mw[:, 7] = draw.rng.uniform(4.0, 6.0, 4)
    return {"grid": grid(), "p_mw": p_mw, "q_mvar": np.zeros((4, 8))}


TINY = Row(
    name="tiny",
    title="Needs of four steps",
    make=tiny_year,
    jobs={OURS: Job(task="needs", settings={"first": 0, "watched": 2}), "casadi": Job(task="clear")},
    figures=(
        Figure(name="our seconds", unit="s", measure=seconds_of(OURS), bar=Bar(limit=60.0, sense="at_most")),
        Figure(name="ratio", unit="x", measure=times_faster("casadi")),
    ),
)


@pytest.fixture(autouse=True)
def no_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests install nothing: making an environment fails as it does without a network."""
    monkeypatch.setenv("FLEXDESK_DATA_DIR", str(tmp_path / "var"))

    def fail(peer: str, _command: list[str]) -> None:
        raise MissingPeerError(f"{peer}: no network")

    monkeypatch.setattr(environments, "_run", fail)


def test_a_tiny_row_runs_and_a_missing_peer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rows, "ROWS", (TINY,))
    out = tmp_path / "bench.json"
    assert launch.main(["bench", "--only", "tiny", "--cases", "2", "--quick", "--out", str(out)]) == Exit.DONE
    printed = capsys.readouterr().out
    assert re.search(r"tiny +our seconds +[\d.e-]+ .* <= 60 +met", printed)
    assert "tiny: missing peer casadi: no network" in printed
    assert "tiny: not told: ratio" in printed
    document = json.loads(out.read_text())
    (row,) = document["rows"]
    assert (document["schema"], document["threads"], document["quick"]) == ("flexdesk.bench/1", 1, True)
    assert document["machine"]["cores"] >= 1
    assert document["versions"]["casadi"]["casadi"] == "3.8.2"
    assert (row["cases"], row["missing"], row["refused"]) == (2, ["casadi: no network"], {})
    seconds, ratio = row["figures"]
    assert len(seconds["values"]) == 2
    assert 0 < seconds["median"] <= seconds["worst"]
    assert (ratio["values"], ratio["median"], ratio["met"]) == ([], None, None)


def test_an_unknown_row_is_refused_and_the_rows_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert launch.main(["bench", "--only", "speed"]) == Exit.INVALID
    told = capsys.readouterr().err
    assert "no row speed" in told
    assert "needs-year" in told


@pytest.mark.parametrize("cases_wanted", ["0", "-1", "1001", "many"])
def test_a_number_of_cases_must_make_sense(cases_wanted: str) -> None:
    with pytest.raises(SystemExit) as ended:
        launch.main(["bench", "--cases", cases_wanted])
    assert ended.value.code == Exit.INVALID


# -- contestants --------------------------------------------------------------------------------------------------


@pytest.fixture
def year(tmp_path: Path) -> Path:
    return save_case(tmp_path / "case", tiny_year(Draw(rng=np.random.default_rng(1), cache_dir=tmp_path)))


def test_a_contestant_answers_refuses_and_goes_on(year: Path, tmp_path: Path) -> None:
    contestant = Contestant(OURS, tmp_path)
    try:
        good = Job(task="needs", settings={"first": 0, "watched": 2}, repeats=3)
        answer = contestant.solve(year, good)
        assert answer.refused == ""
        assert answer.seconds > 0
        assert answer.peak_mb > 10
        assert np.shape(answer.values["vm_pu"]) == (2, 8)
        assert answer.values["needs"] > 0
        assert contestant.solve(year, Job(task="clear")).refused
        assert contestant.solve(year, good).values == answer.values
    finally:
        contestant.close()


def test_a_contestant_that_takes_too_long_is_ended(year: Path, tmp_path: Path) -> None:
    contestant = Contestant(OURS, tmp_path)
    job = Job(task="needs", settings={"first": 0, "watched": 2}, limit_s=0.01)
    try:
        assert contestant.solve(year, job).refused == "no answer within 0.01 s"
        assert contestant.solve(year, Job(task="needs", limit_s=5.0)).refused == "the process ended"
    finally:
        contestant.close()


def test_a_case_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    arrays = tiny_year(Draw(rng=np.random.default_rng(1), cache_dir=tmp_path))
    read = load_case(save_case(tmp_path / "case", arrays))
    assert read["grid"] == arrays["grid"]
    np.testing.assert_array_equal(read["p_mw"], arrays["p_mw"])
    assert load_case(save_case(tmp_path / "case", {"a": [1, "x"]})) == {"a": [1, "x"]}


def test_the_peers_see_the_admittances_of_the_engine() -> None:
    ours, _ = read_grid(grid())
    assert ours is not None
    network, flat = compile_network(ours), flat_grid(grid())
    np.testing.assert_allclose(flat.y_bus, network.y_bus, rtol=1e-12)
    np.testing.assert_allclose(flat.max_i_pu, network.max_i_from_ka / network.i_from_ka)


# -- cases --------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three days of the small grid in the place of the data sets."""
    sun = np.clip(np.sin(np.linspace(0, 6 * np.pi, 288)), 0, None)[:, None]
    load, feed = np.full((288, 8), 0.2), sun * np.linspace(0, 2, 8)
    load[:, 0] = 0.0
    data = DataSet(grid=grid(), load_mw=load, load_mvar=0.3 * load, feed_mw=feed, feed_mvar=0.0 * feed)
    monkeypatch.setattr(cases, "SETS", dict.fromkeys(cases.SETS, lambda _cache: data))
    cases._data.cache_clear()


@pytest.mark.usefixtures("small_sets")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_rows_cases_are_valid_and_come_from_their_seeds(row: Row, tmp_path: Path) -> None:
    made = [row.make(Draw(rng=np.random.default_rng(seed), cache_dir=tmp_path, quick=True)) for seed in (1, 1, 2)]
    texts = [json.dumps(case, default=lambda array: array.tolist()) for case in made]
    assert texts[0] == texts[1] != texts[2]
    if "p_mw" in made[0]:
        assert read_grid(made[0]["grid"])[1] == ()
    else:
        assert [(f.path, f.sentence) for f in read_case(made[0])[1]] == []
    row.facts(made[0])
    cases._data.cache_clear()


def test_orders_are_counted_in_every_step() -> None:
    assert cases.n_orders({"time": {"n_steps": 3}, "offers": [{}, {}], "requests": [{}]}) == 9


def test_rows_have_names_of_their_own_and_know_their_contestants() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert OURS in row.jobs
        assert set(row.jobs) <= set(MODULES)


# -- environments -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("peer", PEERS)
def test_a_peers_requirements_are_pinned_with_hashes_and_name_no_host(peer: str) -> None:
    text = (environments.REQUIREMENTS / f"{peer}.txt").read_text()
    pins = re.findall(r"^[a-z].*", text, re.MULTILINE)
    assert all("==" in pin for pin in pins)
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text
    assert peer in environments.versions(peer)
    assert (contest.ROOT / "app" / "bench" / "contestants" / f"{MODULES[peer]}.py").is_file()


def test_an_environment_is_made_once_and_anew_when_its_requirements_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def pretend(_peer: str, command: list[str]) -> None:
        calls.append(command)
        (tmp_path / "casadi").mkdir(exist_ok=True)

    monkeypatch.setattr(environments, "_run", pretend)
    python = environments.python_of("casadi", tmp_path)
    assert python == tmp_path / "casadi" / "bin" / "python"
    assert [command[2] for command in calls] == ["venv", "pip"]
    environments.python_of("casadi", tmp_path)
    assert len(calls) == 2
    (tmp_path / "casadi" / environments.STAMP).write_text("casadi==1.0\n")
    environments.python_of("casadi", tmp_path)
    assert len(calls) == 4


def test_a_peer_whose_tools_fail_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    with pytest.raises(MissingPeerError, match=r"casadi: its environment cannot be made: .*nothing"):
        environments._run("casadi", ["python3", "-c", "raise SystemExit('nothing')"])
    with pytest.raises(MissingPeerError, match="casadi: "):
        environments._run("casadi", [str(tmp_path / "absent")])
