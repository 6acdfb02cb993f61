"""Power flow, sensitivities and needs on small and published networks."""

from __future__ import annotations

import math

import numpy as np
import pandapower as pp
import pytest
from finite_differences import QUANTITIES, exact, finite

from engine import compile_network, find_needs, power_flow, read_grid, sensitivities
from engine.grid.importers.pandapower import grid_from_pandapower
from engine.grid.newton import Newton
from engine.market.proof import prove
from engine.status import InvalidInput


def test_case33bw_has_its_published_figures(load_case, read):
    case, expected = read(load_case("case33bw", "case")), load_case("case33bw", "expected")
    network = compile_network(case.grid)
    flow = power_flow(network, case.net_p_mw, case.net_q_mvar)
    assert flow.losses_mw[0] == pytest.approx(expected["losses_mw"], abs=expected["losses_tolerance_mw"])
    assert flow.vm_pu.min() == pytest.approx(expected["vm_min_pu"], abs=expected["vm_tolerance_pu"])
    assert network.bus_ids[int(flow.vm_pu[0].argmin())] == expected["vm_min_bus"]


def test_two_buses_by_hand(load_case, read):
    case = read(load_case("two-bus", "case"))
    network = compile_network(case.grid)
    flow = power_flow(network, case.net_p_mw, case.net_q_mvar)
    for step, p in enumerate((2.0, 1.0)):
        half = 0.5 + 0.04 * p
        u = half + math.sqrt(half**2 - 0.0025 * p**2)
        assert flow.vm_pu[step, 1] == pytest.approx(math.sqrt(u), abs=1e-12)
        current = p / (math.sqrt(3) * 20.0 * math.sqrt(u))
        assert flow.loading_percent[step, 0] == pytest.approx(100 * current / 0.2, abs=1e-9)


def test_newton_agrees_with_the_fixed_point(feeder, read):
    case = read(feeder())
    network = compile_network(case.grid)
    flow = power_flow(network, case.net_p_mw, case.net_q_mvar)
    s = case.net_p_mw[0] + 1j * case.net_q_mvar[0]
    start = np.full(len(s), network.vm_coupling_pu[0], dtype=np.complex128)
    start[network.free] *= network.no_load
    v, _, _, solved = Newton(network, np.zeros(0, dtype=np.int64)).solve(s, start, iterations_max=10)
    assert solved
    np.testing.assert_allclose(v, flow.v[0], atol=1e-12)


def test_newton_takes_over_where_the_fixed_point_does_not_contract(feeder, read):
    case = read(feeder(p_mw=[-5.8, 0.0], n_steps=2))
    network = compile_network(case.grid)
    flow = power_flow(network, case.net_p_mw, case.net_q_mvar)
    assert flow.iterations[0] > 60
    assert flow.all_converged
    drawn = flow.v * np.conj(flow.v @ network.y_bus.T)
    np.testing.assert_allclose(drawn[:, network.free].real, case.net_p_mw[:, network.free], atol=1e-8)


def test_no_solution_is_told_and_not_raised(feeder, read):
    case = read(feeder(p_mw=[-40.0, 0.0], n_steps=2))
    network = compile_network(case.grid)
    flow = power_flow(network, case.net_p_mw, case.net_q_mvar)
    assert flow.converged.tolist() == [False, True]
    assert np.isnan(flow.vm_pu[0]).all()
    assert {need.step for need in find_needs(network, flow)} <= {1}


def test_coupling_voltage_may_change_with_the_step(feeder, read):
    document = feeder(n_steps=2)
    document["grid"]["coupling"]["vm_pu"] = [1.0, 1.02]
    case = read(document)
    network = compile_network(case.grid)
    flow = power_flow(network, case.net_p_mw, case.net_q_mvar)
    assert flow.vm_pu[:, network.coupling].tolist() == [1.0, 1.02]
    proof = prove(case.grid, case.net_p_mw, case.net_q_mvar)
    assert proof.vm_max_pu == pytest.approx(flow.vm_pu[:, 1:].max(), abs=1e-8)
    assert proof.vm_min_pu == pytest.approx(flow.vm_pu[:, 1:].min(), abs=1e-8)


def test_wrong_shapes_are_misuse(feeder, read):
    network = compile_network(read(feeder()).grid)
    with pytest.raises(ValueError, match="n_steps, 5"):
        power_flow(network, np.zeros((1, 4)), np.zeros((1, 4)))


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_sensitivities_are_the_derivatives(quantity, feeder, read):
    case = read(feeder(p_mw=[2.5, -1.0], n_steps=2))
    network = compile_network(case.grid)
    base = power_flow(network, case.net_p_mw, case.net_q_mvar)
    found = finite(network, case.net_p_mw, case.net_q_mvar, quantity)
    np.testing.assert_allclose(
        exact(network, sensitivities(network, base.v), quantity), found, rtol=1e-6, atol=2e-8
    )


def _net() -> object:
    net = pp.create_empty_network()
    hv, lv, end, far = (
        pp.create_bus(net, vn_kv=v, name=n) for v, n in ((110, "HV"), (20, "MV"), (20, "A"), (20, "A"))
    )
    pp.create_ext_grid(net, hv, vm_pu=1.02)
    pp.create_transformer(net, hv, lv, "25 MVA 110/20 kV", name="T", tap_pos=-3)
    for a, b, name in ((lv, end, "one"), (end, far, "two"), (lv, far, "three")):
        pp.create_line(net, a, b, 7.0, "NA2XS2Y 1x185 RM/25 12/20 kV", name=name)
    pp.create_shunt(net, end, q_mvar=-0.4, p_mw=0.02)
    pp.create_load(net, end, 3.0, 1.0, name="load")
    pp.create_storage(net, end, p_mw=-0.5, max_e_mwh=2.0, name="battery")
    pp.create_switch(net, far, 1, et="l", closed=False)
    return net


def test_taps_shunts_and_open_ends_agree_with_runpp():
    net = _net()
    ids = grid_from_pandapower(net)
    grid, findings = read_grid(ids.document)
    assert findings == ()
    assert grid is not None
    assert [bus.id for bus in grid.buses][-1] == "two (open at A (3))"
    pp.runpp(net, numba=False)
    network = compile_network(grid)
    p, q = np.zeros((2, 1, len(grid.buses)))
    p[0, network.bus_index["A (2)"]], q[0, network.bus_index["A (2)"]] = -2.5, -1.0
    flow = power_flow(network, p, q)
    got = [flow.vm_pu[0, network.bus_index[ids.bus_of[i]]] for i in (0, 1, 2)]
    np.testing.assert_allclose(got, net.res_bus.vm_pu[:3], atol=1e-9)
    np.testing.assert_allclose(flow.loading_percent[0, :3], net.res_line.loading_percent, atol=1e-6)
    assert flow.loading_percent[0, 3] == pytest.approx(net.res_trafo.loading_percent[0], abs=1e-6)


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda net: pp.create_ward(net, 2, 1.0, 0.0, 0.0, 0.0), "ward"),
        (lambda net: net.load.__setitem__("const_z_p_percent", 50.0), "load.const_z_p_percent"),
        (lambda net: net.line.loc.__setitem__((2, "in_service"), False), "bus"),
        (lambda net: pp.create_ext_grid(net, 2), "ext_grid"),
        (lambda net: net.trafo.__setitem__("tap_dependency_table", True), "trafo[0]"),
    ],
)
def test_what_has_no_counterpart_is_refused_by_name(spoil, path):
    net = _net()
    spoil(net)
    with pytest.raises(InvalidInput) as refusal:
        grid_from_pandapower(net)
    assert [finding.path for finding in refusal.value.findings] == [path]
