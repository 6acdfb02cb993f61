"""Which state of several the power flow takes: the one that grows out of nominal voltages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import compile_network, power_flow, read_case, read_grid
from engine.grid.fixedpoint import fixed_point
from engine.grid.newton import Newton
from engine.grid.roots import follow
from engine.market.proof import prove

NOBODY = np.zeros(0, dtype=np.int64), np.zeros(0)


@pytest.fixture
def pglib(load_case):
    def make(folder):
        case, findings = read_case(load_case(folder, "case"))
        assert findings == ()
        return case, compile_network(case.grid)

    return make


def test_a_root_at_three_times_the_rating_is_passed_over(pglib):
    """Without load this network's cables stand at 3.6 pu, and from there the fixed point finds such a state."""
    case, net = pglib("pglib-case118")
    s = case.net_p_mw + 1j * case.net_q_mvar
    v, _, _ = fixed_point(net, s, net.vm_coupling_pu, *NOBODY)
    assert np.abs(v).max() > 3.0
    np.testing.assert_allclose((v * np.conj(v @ net.y_bus.T))[:, net.free], s[:, net.free], atol=1e-7)
    flow, proof = power_flow(net, case.net_p_mw, case.net_q_mvar), prove(case.grid, case.net_p_mw, case.net_q_mvar)
    assert flow.all_converged
    limited = net.vm_max_pu < np.inf
    assert flow.vm_pu[0, limited].max() == pytest.approx(proof.vm_max_pu, abs=1e-8)
    assert flow.vm_pu[0, limited].min() == pytest.approx(proof.vm_min_pu, abs=1e-8)
    assert flow.loading_percent.max() == pytest.approx(proof.max_loading_percent, abs=1e-4)


@pytest.mark.parametrize("scale", [0.0, 0.2])
@pytest.mark.parametrize("folder", ["pglib-case118", "pglib-case3"])
def test_without_a_state_near_nominal_voltages_a_step_has_none(scale, folder, pglib):
    """With little load both networks only have states above 1.5 pu (and collapsed ones)."""
    case, _ = pglib(folder)
    plain = _without_controls(case)
    s = scale * (case.net_p_mw + 1j * case.net_q_mvar)
    v, _, _ = fixed_point(plain, s, plain.vm_coupling_pu, *NOBODY)
    assert np.abs(v).max() > 1.5
    assert not power_flow(plain, s.real, s.imag).converged[0]


def test_of_two_plausible_roots_the_one_that_grows_from_nominal_voltages(pglib):
    """At the published optimum's injections; the optimum itself is the other root, which a control chooses."""
    case, net = pglib("pglib-case3")
    plain = _without_controls(case)
    p, q = np.array([[-110.0, 60.00628806, -95.0]]), np.array([[-40.0, -48.79113614, -54.84263662]])
    np.testing.assert_allclose(power_flow(plain, p, q).vm_pu[0], [1.1, 1.14028, 1.10564], atol=1e-5)
    q[0, 2] = -50.0
    np.testing.assert_allclose(power_flow(net, p, q).vm_pu[0], [1.1, 0.92617, 0.9], atol=1e-5)


def test_nominal_is_what_ratios_make_of_the_coupling_voltage(feeder):
    """A transformer far from its rating is no reason to look for another root."""
    document = feeder()["grid"]
    document["branches"][0]["tap_ratio"] = 0.55
    grid, findings = read_grid({"schema": "flexdesk.grid/1", **document, "units": []})
    assert findings == ()
    net = compile_network(grid)
    np.testing.assert_allclose(net.nominal, [1.0, *[1 / 0.55] * 4], rtol=1e-12)
    flow = power_flow(net, np.zeros((1, 5)), np.zeros((1, 5)))
    assert flow.all_converged
    assert flow.iterations[0] < 10, "the fixed point suffices"
    assert flow.vm_pu.max() > 1.8


def test_a_path_ends_where_a_good_start_does(pglib):
    case, net = pglib("pglib-case118")
    newton = Newton(net, NOBODY[0])
    s = case.net_p_mw[0] + 1j * case.net_q_mvar[0]
    start = (net.nominal * net.vm_coupling_pu[0]).astype(np.complex128)
    v, _, iterations = follow(newton, s, start)
    assert iterations > 10
    np.testing.assert_allclose(v, power_flow(net, case.net_p_mw, case.net_q_mvar).v[0], atol=1e-9)


def test_a_path_into_nowhere_ends(pglib):
    case, net = pglib("pglib-case118")
    flow = power_flow(net, 1.5 * case.net_p_mw, 1.5 * case.net_q_mvar)
    assert not flow.converged[0]
    assert flow.iterations[0] < 200


def _without_controls(case):
    return compile_network(replace(case.grid, controls=()))
