"""Both demo regions on 2016-07-25 against pandapower, step by step, and their clearing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandapower as pp
import pytest
import simbench as simbench_package

from engine import assess, clear, compile_network, find_needs, power_flow, propose_requests, read_grid
from engine.grid.importers import simbench
from engine.grid.importers.pandapower import grid_from_pandapower
from engine.grid.importers.planned_work import with_planned_work
from engine.status import InvalidInput

RURAL, SEMIURB = "1-MV-rural--2-sw", "1-MV-semiurb--2-sw"
DAY_ROW = 19772
REGIONS = pytest.mark.parametrize("code", [RURAL, SEMIURB])


@pytest.fixture(scope="module")
def profiles(simbench_net: Any) -> Any:
    """Absolute values of the day's rows for a code, as SimBench itself makes them."""

    def make(code: str) -> dict[tuple[str, str], Any]:
        frames = simbench_package.get_absolute_values(simbench_net(code), profiles_instead_of_study_cases=True)
        return {key: frame.iloc[DAY_ROW : DAY_ROW + 96] for key, frame in frames.items() if len(frame.columns)}

    return make


@REGIONS
def test_agrees_with_runpp_in_every_step(code, simbench_net, simbench_day, profiles, read):
    work = {RURAL: ((), ()), SEMIURB: (["MV2.101 Line 99"], ["MV2.101 loop_line_switch 3.2"])}[code]
    net = with_planned_work(simbench_net(code), *work)
    for table in ("load", "sgen", "storage"):
        net[table] = net[table].copy()
    ids = grid_from_pandapower(net)
    assessment = assess(read(simbench_day(code)))
    network, flow = assessment.network, assessment.flow
    buses = [network.bus_index[ids.bus_of[i]] for i in net.bus.index]
    rows = [(table, i) for table in ("line", "trafo") for i in net[table].index if (table, i) in ids.branch_of]
    branches = [network.branch_index[ids.branch_of[key]] for key in rows]
    frames = profiles(code)
    assert flow.all_converged
    for step in range(96):
        for (table, column), frame in frames.items():
            net[table].loc[frame.columns, column] = frame.iloc[step].to_numpy()
        pp.runpp(net, numba=False, init="results" if step else "auto", check_connectivity=False)
        np.testing.assert_allclose(flow.vm_pu[step, buses], net.res_bus.vm_pu, rtol=0, atol=1e-6)
        loading = [net[f"res_{table}"].loading_percent.at[i] for table, i in rows]
        np.testing.assert_allclose(flow.loading_percent[step, branches], loading, rtol=0, atol=0.01)
        assert flow.import_mw[step] == pytest.approx(net.res_ext_grid.p_mw.sum(), abs=1e-5)


def test_needs_of_the_day(simbench_day, read):
    rural = assess(read(simbench_day(RURAL))).needs
    semiurb = assess(read(simbench_day(SEMIURB))).needs
    assert {need.kind for need in rural} == {"voltage"}
    assert {need.element for need in rural if need.step == 0} == {"MV1.101 Bus 14", "MV1.101 Bus 15"}
    assert max(need.value for need in rural) == pytest.approx(1.0773, abs=1e-4)
    overloaded = {need.element for need in semiurb if need.kind == "loading"}
    assert overloaded == {f"MV2.101 Line {i}" for i in range(1, 8)}
    assert max(need.value for need in semiurb if need.kind == "loading") == pytest.approx(127.95, abs=0.01)


@REGIONS
def test_needs_of_a_day_against_runpp_in_a_loop(code, simbench_net, simbench_day, read):
    """At least 40 times pandapower's own loop, both as the best of five, in CPU seconds of this process."""
    case, net = read(simbench_day(code)), simbench_net(code)
    network = compile_network(case.grid)
    pp.runpp(net)
    day_s = _best_of_five(lambda: find_needs(network, power_flow(network, case.net_p_mw, case.net_q_mvar)))
    step_s = _best_of_five(lambda: pp.runpp(net, init="results"))
    assert 96 * step_s / day_s > 40


def _best_of_five(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(5):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def _offers(document: dict[str, Any], make: Any) -> list[dict[str, Any]]:
    """Every generator and charging storage's counterpart: nine tenths of generation downward, at 40 EUR/MWh."""
    generators = [unit for unit in document["baseline"]["units"] if unit["kind"] == "generator"]
    return [
        make(u["id"], u["bus"], [round(0.9 * max(p, 0.0), 6) for p in u["p_mw"]], 40.0, party=f"ESP-{i % 2}")
        for i, u in enumerate(generators)
    ]


@REGIONS
def test_offers_cure_the_day(code, simbench_day, read, offer):
    document = simbench_day(code)
    cleared = clear(read({**document, "offers": _offers(document, offer)}))
    assert (cleared.result["status"], cleared.result["unmet"]) == ("cleared", [])
    assert cleared.result["proof"]["clean"]
    assert cleared.result["needs"]
    assert cleared.after is not None
    assert find_needs(cleared.network, cleared.after) == ()


def test_least_change_cures_and_less_does_not(simbench_day, read):
    case = read(simbench_day(SEMIURB))
    proposal = propose_requests(case)
    network = proposal.assessment.network
    change = proposal.up_mw - proposal.down_mw
    assert proposal.reason is None
    assert {c.zone for c in proposal.changes} == {"Feeder MV2.101 Line 1"}
    assert find_needs(network, power_flow(network, case.net_p_mw + change, case.net_q_mvar)) == ()
    less = power_flow(network, case.net_p_mw + 0.99 * change, case.net_q_mvar)
    substantial = set(np.flatnonzero(np.abs(change).sum(axis=1) > 0.05))
    assert len(substantial) > 20
    assert substantial <= {need.step for need in find_needs(network, less)}
    total = np.sum([c.quantity_mw for c in proposal.changes], axis=0)
    np.testing.assert_allclose(total, np.abs(change).sum(axis=1), atol=1e-9)


def test_schedules_are_the_data_sets_with_storages_turned(simbench_net, simbench_day, profiles):
    ids = grid_from_pandapower(simbench_net(RURAL))
    units = {unit["id"]: unit for unit in simbench_day(RURAL)["baseline"]["units"]}
    frames = profiles(RURAL)
    for (table, i), name in ids.unit_of.items():
        sense = -1.0 if table == "storage" else 1.0
        np.testing.assert_array_equal(units[name]["p_mw"], sense * frames[table, "p_mw"][i].to_numpy())
    load = ids.unit_of["load", 5]
    np.testing.assert_array_equal(units[load]["q_mvar"], frames["load", "q_mvar"][5].to_numpy())
    storages = [unit for unit in units.values() if unit["kind"] == "storage"]
    assert len(storages) == 90
    assert all(min(unit["p_mw"]) >= 0 < max(unit["p_mw"]) for unit in storages), "they only discharge that day"


def test_rows_beyond_the_year_are_refused(simbench_day, simbench_net, tmp_path, monkeypatch):
    monkeypatch.setattr(simbench, "_load", simbench_net)
    with pytest.raises(InvalidInput, match="0 to 35135"):
        simbench.simbench_schedules(RURAL, tmp_path, 35100, 96)
    assert not list(tmp_path.rglob("*.pkl"))


@pytest.mark.parametrize("code", ["../../etc", "no-such-grid", "", "1-MV-rural--2-sw/x"])
def test_unknown_codes_are_refused(code, tmp_path):
    with pytest.raises(InvalidInput):
        simbench.simbench_grid(code, tmp_path)
    assert not list(tmp_path.rglob("*.json"))


def test_names_stay_readable(simbench_day):
    grid = simbench_day(RURAL)["grid"]
    ids = [bus["id"] for bus in grid["buses"]]
    assert "HV1 Bus 17" in ids
    assert "HV1 Bus 18" not in ids, "fused by the closed bus coupler"
    assert "MV1.101 loop_line 1 (open at MV1.101 Bus 47)" in ids
    read_back, findings = read_grid(grid)
    assert findings == ()
    assert read_back is not None
    assert read_back.units[0].kind == "load"
