"""Meshed networks with shifts, taps, shunts, iron, three windings and generators against pandapower's runpp."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandapower as pp
import pandapower.networks
import pytest

from engine import compile_network, find_needs, power_flow, read_grid
from engine.grid import network as network_module
from engine.market.proof import prove

NETS = (
    "case1354pegase",
    "case14",
    "case30",
    "case57",
    "case118",
    "case39",
    "case_ieee30",
    "create_cigre_network_hv",
)


def _compare(net, made, flow):
    pp.runpp(net, numba=False, enforce_q_lims=True, calculate_voltage_angles=True, tolerance_mva=1e-9)
    at = [made.network.bus_index[made.ids.bus_of[i]] for i in net.bus.index if i in made.ids.bus_of]
    live = [i for i in net.bus.index if i in made.ids.bus_of]
    assert flow.all_converged
    np.testing.assert_allclose(flow.vm_pu[0, at], net.res_bus.vm_pu.loc[live], rtol=0, atol=1e-6)
    angle = np.degrees(np.angle(flow.v[0, at])) - (
        net.res_bus.va_degree.loc[live] - net.ext_grid.va_degree.iloc[0]
    )
    np.testing.assert_allclose((angle + 180) % 360 - 180, 0.0, atol=1e-5)
    for table, end in (("line", "from"), ("trafo", "hv")):
        for (kind, i), name in made.ids.branch_of.items():
            if kind == table:
                expected = net[f"res_{table}"][f"i_{end}_ka"].at[i]
                assert flow.i_from_ka[0, made.network.branch_index[name]] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", NETS)
def test_agrees_with_runpp(name, imported):
    net = getattr(pandapower.networks, name)()
    made = imported(net)
    _compare(net, made, power_flow(made.network, made.p_mw, made.q_mvar))
    assert made.network.controls.bus.size == len(net.gen[~net.gen.bus.isin(net.ext_grid.bus)])


@pytest.mark.parametrize("name", ["case14", "case118"])
def test_sparse_factors_give_what_dense_ones_give(name, imported, monkeypatch):
    made = imported(getattr(pandapower.networks, name)())
    scale = np.linspace(0.5, 1.0, 7)[:, None]
    dense = power_flow(made.network, made.p_mw * scale, made.q_mvar * scale)
    monkeypatch.setattr(network_module, "DENSE_BUSES_MAX", 5)
    sparse_network = compile_network(made.grid)
    assert not sparse_network.is_dense
    flow = power_flow(sparse_network, made.p_mw * scale, made.q_mvar * scale)
    np.testing.assert_allclose(flow.v, dense.v, atol=1e-11)
    np.testing.assert_allclose(sparse_network.z, made.network.z, atol=1e-12 * np.abs(made.network.z).max())


def test_thousands_of_steps_are_the_same_as_one_by_one(ring, monkeypatch):
    grid, _ = read_grid(ring())
    rng = np.random.default_rng(1)
    p, q = rng.normal(0, 1.0, (2, 10_001, 7))
    dense = power_flow(compile_network(grid), p, q)
    assert dense.all_converged
    monkeypatch.setattr(network_module, "DENSE_BUSES_MAX", 1)
    factored = power_flow(compile_network(grid), p, q)
    np.testing.assert_allclose(factored.v, dense.v, atol=1e-12)
    for step in (0, 4680, 4681, 4682, 10_000):
        one = power_flow(compile_network(grid), p[step : step + 1], q[step : step + 1])
        np.testing.assert_allclose(one.v[0], dense.v[step], atol=1e-12)


def _three_windings(tap_side="hv", loss_side="mv"):
    net = pp.create_empty_network()
    hv, mv, lv, far = (
        pp.create_bus(net, vn_kv=v, name=n) for v, n in ((110, "A"), (20, "B"), (10, "C"), (20, "D"))
    )
    pp.create_ext_grid(net, hv, vm_pu=1.02)
    pp.create_transformer3w_from_parameters(
        net, hv, mv, lv, 110.0, 21.0, 10.5, 40.0, 25.0, 15.0, 10.4, 11.0, 12.0, 0.3, 0.31, 0.33, 30.0, 0.1,
        shift_mv_degree=30.0, shift_lv_degree=150.0, tap_side=tap_side, tap_step_percent=1.5, tap_pos=3,
        tap_neutral=0, tap_min=-9, tap_max=9, tap_changer_type="Ratio", name="T3", loss_side=loss_side,
    )  # fmt: skip
    net.trafo3w["loss_side"] = loss_side
    pp.create_line(net, mv, far, 6.0, "NA2XS2Y 1x185 RM/25 12/20 kV", name="L")
    pp.create_load(net, far, 8.0, 3.0)
    pp.create_load(net, lv, 5.0, -1.0, scaling=0.8)
    pp.create_gen(net, mv, p_mw=3.0, vm_pu=1.01, min_q_mvar=-2.0, max_q_mvar=2.0)
    pp.create_shunt(net, lv, q_mvar=-1.5, p_mw=0.05, step=2)
    return net


@pytest.mark.parametrize("tap_side", ["hv", "mv", "lv"])
@pytest.mark.parametrize("loss_side", ["hv", "mv", "lv"])
def test_three_windings_agree_with_runpp(tap_side, loss_side, imported):
    net = _three_windings(tap_side, loss_side)
    made = imported(net)
    flow = power_flow(made.network, made.p_mw, made.q_mvar)
    _compare(net, made, flow)
    arms = [made.network.branch_index[f"T3 ({side})"] for side in ("hv", "mv", "lv")]
    # The star's ends have limits too, so that ratios other than the nominal one tighten what pandapower has.
    ratio = flow.loading_percent[0, arms].max() / net.res_trafo3w.loading_percent[0]
    assert 1.0 - 1e-9 < ratio < 1.11


@pytest.mark.parametrize(
    ("kind", "step_percent", "step_degree", "side"),
    [
        *(("Ratio", 2.0, 25.0, "hv"), ("Ratio", 2.0, 90.0, "lv"), ("Ideal", 0.0, 4.0, "hv")),
        *(("Ideal", 3.0, 0.0, "lv"), ("Symmetrical", 2.0, 60.0, "hv")),
    ],
)
def test_phase_shifting_taps_in_a_mesh_agree_with_runpp(kind, step_percent, step_degree, side, imported):
    net = pp.create_empty_network()
    hv, lv = pp.create_bus(net, vn_kv=110), pp.create_bus(net, vn_kv=20)
    pp.create_ext_grid(net, hv, vm_pu=1.01)
    for tap_pos in (0, 2):
        pp.create_transformer(net, hv, lv, "25 MVA 110/20 kV", tap_pos=tap_pos)
    columns = {"tap_changer_type": kind, "tap_step_percent": step_percent, "tap_step_degree": step_degree}
    for column, value in (columns | {"tap_side": side}).items():
        net.trafo[column] = value
    pp.create_load(net, lv, 20.0, 5.0)
    made = imported(net)
    _compare(net, made, power_flow(made.network, made.p_mw, made.q_mvar))


def test_proof_of_a_mesh_with_controls_and_shifts(imported):
    made = imported(pandapower.networks.case14())
    flow = power_flow(made.network, made.p_mw, made.q_mvar)
    proof = prove(made.grid, made.p_mw, made.q_mvar)
    assert not proof.diverged_steps
    assert proof.vm_max_pu == pytest.approx(flow.vm_pu.max(), abs=1e-7)
    assert proof.vm_min_pu == pytest.approx(flow.vm_pu.min(), abs=1e-7)


def test_working_memory_does_not_grow_with_the_steps(ring):
    grid, _ = read_grid(ring())
    network = compile_network(grid)
    p, q = np.zeros((2, 35_136, 7))
    p[:, 3] = np.sin(np.arange(35_136))
    tracemalloc.start()
    flow = power_flow(network, p, q)
    needs = find_needs(network, flow)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert flow.all_converged
    assert needs == ()
    kept = sum(x.nbytes for x in (flow.v, flow.vm_pu, flow.loading_percent, flow.import_mw, flow.iterations))
    assert peak < 1.5 * kept + 6e6
