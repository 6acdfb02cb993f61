"""Voltage-controlled buses: held voltages, reactive limits, derivatives, proof, bad input."""

from __future__ import annotations

import numpy as np
import pytest
from finite_differences import QUANTITIES, exact, finite

from engine import compile_network, power_flow, read_grid, sensitivities
from engine.market.proof import prove

TWO = (
    {"bus": "3", "vm_pu": 1.02, "q_min_mvar": -1.0, "q_max_mvar": 2.0},
    {"bus": "5", "vm_pu": 1.0, "q_min_mvar": -3.0, "q_max_mvar": 3.0},
)


@pytest.fixture
def network(ring):
    def make(controls):
        grid, findings = read_grid(ring(controls))
        assert findings == ()
        return grid, compile_network(grid)

    return make


def _sweep(n_steps, seed=None):
    p, q = np.zeros((2, n_steps, 7))
    p[:, 4], p[:, 5], q[:, 5] = np.linspace(-8.0, 4.0, n_steps), -2.0, -0.5
    if seed is not None:
        rng = np.random.default_rng(seed)
        p[:, 1:] += rng.normal(0.0, 2.0, (n_steps, 6))
        q[:, 1:] += rng.normal(0.0, 1.5, (n_steps, 6))
    return p, q


def test_a_held_bus_keeps_its_voltage_and_tells_its_reactive_power(network):
    _, net = network([{"bus": "3", "vm_pu": 1.02, "q_min_mvar": -9.0, "q_max_mvar": 9.0}])
    p, q = _sweep(5)
    flow = power_flow(net, p, q)
    assert flow.all_converged
    assert flow.held.all()
    assert flow.iterations.max() < 60, "the fixed point suffices"
    np.testing.assert_allclose(flow.vm_pu[:, 4], 1.02, atol=1e-10)
    drawn = (flow.v * np.conj(flow.v @ net.y_bus.T)).imag
    np.testing.assert_allclose(flow.control_q_mvar[:, 0], drawn[:, 4] - q[:, 4], atol=1e-8)


def test_the_same_reactive_power_without_control_gives_the_same_state(network):
    _, held = network([{"bus": "3", "vm_pu": 1.02, "q_min_mvar": -9.0, "q_max_mvar": 9.0}])
    _, plain = network([])
    p, q = _sweep(4)
    flow = power_flow(held, p, q)
    q[:, 4] += flow.control_q_mvar[:, 0]
    np.testing.assert_allclose(power_flow(plain, p, q).v, flow.v, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_every_control_holds_or_stands_at_the_limit_that_helps(network, seed):
    _, net = network(
        [
            *TWO,
            {"bus": "1", "vm_pu": 1.01, "q_min_mvar": -0.5, "q_max_mvar": 0.5},
            {"bus": "2", "vm_pu": 1.015, "q_min_mvar": -0.2, "q_max_mvar": 1.0},
        ]
    )
    flow = power_flow(net, *_sweep(300, seed))
    assert flow.all_converged
    controls, vm = net.controls, flow.vm_pu[:, net.controls.bus]
    at_max = ~flow.held & (flow.control_q_mvar == controls.q_max_mvar)
    at_min = ~flow.held & (flow.control_q_mvar == controls.q_min_mvar)
    assert (flow.held | at_max | at_min).all()
    assert flow.held.any(axis=0).all()
    assert at_max.any()
    assert at_min.any()
    assert np.abs(vm - controls.vm_pu)[flow.held].max() < 1e-9
    assert (flow.control_q_mvar <= controls.q_max_mvar + 2e-6).all()
    assert (flow.control_q_mvar >= controls.q_min_mvar - 2e-6).all()
    assert (vm - controls.vm_pu)[at_max].max() < 1e-8
    assert (vm - controls.vm_pu)[at_min].min() > -1e-8


@pytest.mark.parametrize("vm_pu", [0.9, 1.1])
def test_a_control_without_room_is_a_plain_injection(network, vm_pu):
    _, net = network([{"bus": "3", "vm_pu": vm_pu, "q_min_mvar": 0.7, "q_max_mvar": 0.7}])
    _, plain = network([])
    p, q = _sweep(3)
    flow = power_flow(net, p, q)
    assert flow.all_converged
    assert not flow.held.any()
    assert flow.control_q_mvar.tolist() == [[0.7]] * 3
    q[:, 4] += 0.7
    np.testing.assert_allclose(flow.v, power_flow(plain, p, q).v, atol=1e-12)


def test_a_voltage_that_cannot_be_kept_is_told(network):
    _, net = network([{"bus": "3", "vm_pu": 1.02, "q_min_mvar": -9e5, "q_max_mvar": 9e5}])
    p, q = np.zeros((2, 2, 7))
    p[1, 3] = -400.0
    assert power_flow(net, p, q).converged.tolist() == [True, False]


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("told", [True, False])
def test_derivatives_with_held_buses(network, quantity, told):
    """Against finite differences, in steps where both hold, one holds, none holds."""
    _, net = network(TWO)
    p, q = _sweep(6)
    base = power_flow(net, p, q)
    assert {tuple(row) for row in base.held.tolist()} == {(False, True), (False, False), (True, False)}
    at = sensitivities(net, base.v, base.held) if told else sensitivities(net, base.v)
    np.testing.assert_allclose(exact(net, at, quantity), finite(net, p, q, quantity), rtol=1e-6, atol=5e-8)


def test_proof_honours_controls(network):
    grid, net = network(TWO)
    p, q = _sweep(6)
    flow, proof = power_flow(net, p, q), prove(grid, p, q)
    assert not proof.diverged_steps
    assert proof.vm_min_pu == pytest.approx(flow.vm_pu[:, 1:].min(), abs=1e-8)
    assert proof.vm_max_pu == pytest.approx(flow.vm_pu[:, 1:].max(), abs=1e-8)
    assert proof.max_loading_percent == pytest.approx(flow.loading_percent.max(), abs=1e-4)
    without, plain = network([])
    assert power_flow(plain, p, q).vm_pu[:, 1:].min() != pytest.approx(proof.vm_min_pu, abs=1e-3)
    assert prove(without, p, q).vm_min_pu != pytest.approx(proof.vm_min_pu, abs=1e-3)


@pytest.mark.parametrize(
    ("control", "found"),
    [
        ({"bus": "9"}, ("grid.controls[0].bus", "unknown_bus")),
        ({"bus": "HV"}, ("grid.controls[0].bus", "controlled_twice")),
        ({"vm_pu": 3.0}, ("grid.controls[0].vm_pu", "out_of_range")),
        ({"vm_pu": float("nan")}, ("grid.controls[0].vm_pu", "not_finite")),
        ({"q_min_mvar": 5.0}, ("grid.controls[0].q_min_mvar", "out_of_range")),
        ({"q_max_mvar": None}, ("grid.controls[0].q_max_mvar", "missing")),
        ({"q_mvar": 1.0}, ("grid.controls[0].q_mvar", "unknown_field")),
    ],
)
def test_wrong_controls_are_named(ring, control, found):
    grid, findings = read_grid(ring([TWO[0] | control]))
    assert grid is None
    assert [(f.path, f.code) for f in findings] == [found]


def test_two_controls_at_one_bus_are_named(ring):
    _, findings = read_grid(ring([TWO[0], TWO[0]]))
    assert [(f.path, f.code) for f in findings] == [("grid.controls[1].bus", "duplicate_id")]
