"""How much of an exchange a network bears: closed forms, a plain scan, and pandapower's own power flow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandapower as pp
import pandapower.networks
import pytest

from engine import (
    CouplingLimits,
    InvalidInput,
    compile_network,
    curtailment,
    find_needs,
    power_flow,
    read_grid,
)

MILLIONTH = 1e-6
R_OHM, X_OHM, VN_KV = 8.0, 20.0, 20.0
Z_PU = complex(R_OHM, X_OHM) / VN_KV**2


@pytest.fixture
def pair():
    """Coupling bus S at 1 pu and bus A behind 8 + j20 ohm, per MW: r 0.02, x 0.05 pu."""

    def make(vm_pu=1.0, max_i_ka=None, **band):
        band = band or {"vm_min_pu": 0.95, "vm_max_pu": 1.05}
        grid, findings = read_grid(
            {
                "buses": [{"id": "S", "vn_kv": VN_KV}, {"id": "A", "vn_kv": VN_KV, **band}],
                "branches": [
                    {"id": "L", "from": "S", "to": "A", "r_ohm": R_OHM, "x_ohm": X_OHM, "max_i_ka": max_i_ka}
                ],
                "coupling": {"bus": "S", "vm_pu": vm_pu},
            },
            n_steps=len(vm_pu) if isinstance(vm_pu, list) else 1,
        )
        assert findings == ()
        return compile_network(grid)

    return make


def injected(*p_mw):
    """[n_steps, 2] at bus A."""
    return np.array([[0.0, p] for p in p_mw])


def shares(network, base, curve, coupling=None):
    return curtailment(network, base, np.zeros_like(base), curve, coupling)


def injections_at(vm_pu):
    """Both injections in MW at A, without reactive power, that make its voltage: from
    1 = v^2 - 2 r P + |z|^2 P^2 / v^2."""
    return np.sort(np.roots([abs(Z_PU) ** 2 / vm_pu**2, -2.0 * Z_PU.real, vm_pu**2 - 1.0]))


def test_all_of_it_where_nothing_is_in_the_way(pair):
    found = shares(pair(), injected(0.0, 0.0), injected(1.0, -1.0))
    assert [(part.share, part.binding) for part in (found.dso, found.tso, found.both)] == [(1.0, None)] * 3


def test_the_voltage_limit_in_closed_form(pair):
    found = shares(pair(vm_min_pu=0.9, vm_max_pu=1.02), injected(0.0, 0.0, 0.0), injected(1.0, 4.0, 2.0)).both
    lowest, _ = injections_at(1.02 + 1e-6)
    assert round(found.share / MILLIONTH) == int(lowest / 4.0 / MILLIONTH)
    binding = found.binding
    assert (binding.operator, binding.element, binding.kind, binding.step) == ("dso", "A", "voltage", 1)
    assert (binding.limit, binding.base) == (1.02, pytest.approx(1.0))
    assert binding.value == pytest.approx(1.02, abs=3e-6)
    assert binding.whole > binding.value


def test_the_lower_limit_and_the_loading(pair):
    consumed, _ = injections_at(0.95 - 1e-6)
    found = shares(pair(), injected(0.0), injected(-4.0)).both
    assert found.share == pytest.approx(-consumed / 4.0, abs=2e-6)
    assert (found.binding.kind, found.binding.limit) == ("voltage", 0.95)
    found = shares(pair(max_i_ka=0.04), injected(0.0), injected(-3.0)).both
    assert (found.binding.kind, found.binding.element, found.binding.limit) == ("loading", "L", 100.0)
    flow = power_flow(pair(max_i_ka=0.04), injected(-3.0 * found.share), np.zeros((1, 2)))
    assert flow.i_to_ka[0, 0] == pytest.approx(0.04, abs=1e-6)


def test_what_is_beyond_its_limit_already_may_stay_but_not_get_worse(pair):
    network, base = pair(vm_min_pu=0.95, vm_max_pu=1.01), injected(2.0)
    assert find_needs(network, power_flow(network, base, np.zeros((1, 2))))
    worse = shares(network, base, injected(0.5)).both
    assert worse.share < 2e-4  # what a millionth pu leaves
    assert worse.binding.limit == 1.01
    assert worse.binding.base > 1.02
    assert shares(network, base, injected(-0.5)).both.share == 1.0  # still beyond, but less
    # From too high to too low: the lower limit is not the one that was passed already.
    consumed, _ = injections_at(0.95 - 1e-6)
    down = shares(network, base, injected(-10.0)).both
    assert down.share == pytest.approx((2.0 - consumed) / 10.0, abs=2e-6)
    assert down.binding.limit == 0.95


def test_one_share_for_all_steps_but_each_step_by_its_own_base(pair):
    network = pair(vm_min_pu=0.95, vm_max_pu=1.02)
    each = [shares(network, injected(p), injected(c)).dso.share for p, c in ((0.5, 3.0), (-1.0, 4.0), (1.5, -6.0))]
    assert len(set(each)) == 3
    found = shares(network, injected(0.5, -1.0, 1.5), injected(3.0, 4.0, -6.0)).dso
    assert found.share == min(each)
    assert found.binding.step == int(np.argmin(each))


def test_only_the_delivered_point_counts(pair):
    """The voltage rises with injection, and falls again when the reactive losses are larger."""
    network = pair(vm_min_pu=0.9, vm_max_pu=1.05)
    rising, falling = injections_at(1.05 + 1e-6)
    curve = injected(13.0)
    assert rising < 6.5 < falling < 13.0
    half = power_flow(network, 0.5 * curve, np.zeros((1, 2)))
    assert half.vm_pu[0, 1] > 1.05
    assert shares(network, injected(0.0), curve).dso.share == 1.0


def test_where_the_smaller_share_lies_in_a_gap_of_the_other(pair):
    network = pair(vm_min_pu=0.9, vm_max_pu=1.05)
    rising, _ = injections_at(1.05 + 1e-6)
    found = shares(network, injected(0.0), injected(13.0), CouplingLimits(export_max_mw=5.0))
    assert found.dso.share == 1.0
    assert found.tso.binding.operator == "tso"
    assert rising / 13.0 < found.tso.share < 1.0
    assert found.both.share == pytest.approx(rising / 13.0, abs=2e-6)
    assert (found.both.binding.operator, found.both.binding.kind) == ("dso", "voltage")


def test_the_tsos_limits(pair):
    network, still = pair(vm_min_pu=0.8, vm_max_pu=1.2), np.zeros((1, 2))
    for limits, curve, kind in (
        (CouplingLimits(import_max_mw=1.5), -2.0, "import"),
        (CouplingLimits(export_max_mw=1.5), 2.0, "export"),
        (CouplingLimits(s_max_mva=1.5), 2.0, "apparent"),
    ):
        found = shares(network, injected(0.0), injected(curve), limits)
        binding = found.both.binding
        assert found.dso.share == 1.0
        assert found.both == found.tso
        assert (binding.operator, binding.element, binding.kind, binding.limit) == ("tso", "S", kind, 1.5)
        flow = power_flow(network, injected(curve * found.tso.share), still)
        reached = {"import": flow.import_mw, "export": -flow.import_mw}.get(
            kind, np.hypot(flow.import_mw, flow.import_mvar)
        )
        assert reached[0] == pytest.approx(1.5, abs=5e-6) == binding.value
    # Passed without the exchange: kept from getting worse.
    found = shares(network, injected(-2.0), injected(-1.0), CouplingLimits(import_max_mw=1.5))
    assert found.tso.share < 2e-6
    assert found.tso.binding.base > 2.0


def test_without_a_solution_a_share_is_not_allowed(pair):
    """The most that the line carries is V^2 / (2 (r + |z|))."""
    network = pair(vm_min_pu=None, vm_max_pu=None)
    most_mw = 1.0 / (2.0 * (Z_PU.real + abs(Z_PU)))
    found = shares(network, injected(0.0, 0.0), injected(-1.0, -5000.0))
    assert found.both.share * 5000.0 == pytest.approx(most_mw, rel=1e-3)
    assert (found.both.binding.kind, found.both.binding.step) == ("no_solution", 1)
    assert np.isnan([found.both.binding.limit, found.both.binding.value]).all()
    assert found.dso.share == found.tso.share == found.both.share
    above = injected(-5000.0 * (found.both.share + MILLIONTH))
    assert not power_flow(network, above, np.zeros((1, 2))).all_converged


def test_every_step_has_its_own_voltage_at_the_coupling_bus(pair):
    network = pair(vm_pu=[1.0, 1.03, 0.98])
    found = shares(network, injected(0.0, 0.0, 0.0), injected(3.0, 3.0, 3.0)).both
    alone = shares(pair(vm_pu=1.03), injected(0.0), injected(3.0)).both
    assert found.share == alone.share < 1.0
    assert found.binding == replace(alone.binding, step=1)


def test_a_base_without_a_solution_and_wrong_curves_are_refused(pair):
    with pytest.raises(InvalidInput, match="no solution in step 1"):
        shares(pair(), injected(0.0, -500.0), injected(1.0, 1.0))
    with pytest.raises(ValueError, match="finite"):
        shares(pair(), injected(0.0), injected(np.inf))
    with pytest.raises(ValueError, match="finite"):
        shares(pair(), injected(0.0), injected(1.0, 1.0))


def bears(network, p_mw, q_mvar, curve_mw, share):
    """Whether every passed limit of every step was passed as far before, by the list of needs; the plain way."""
    flow = power_flow(network, p_mw + share * curve_mw, q_mvar)
    if not flow.all_converged:
        return False
    base = power_flow(network, p_mw, q_mvar)
    before = {
        (n.element, n.kind, n.step, n.limit): n.excess
        for n in find_needs(network, base, voltage_tolerance_pu=0.0, loading_tolerance_percent=0.0)
    }
    tolerance = {"voltage": 1e-6, "loading": 1e-3}
    return all(
        n.excess <= before.get((n.element, n.kind, n.step, n.limit), 0.0) + tolerance[n.kind]
        for n in find_needs(network, flow)
    )


def assert_last(network, p_mw, q_mvar, curve_mw, share, n=100):
    """Allowed, and nothing above it is: not one millionth more, nor any of a scan."""
    assert bears(network, p_mw, q_mvar, curve_mw, share)
    above = [share + MILLIONTH, *np.linspace(share, 1.0, n + 1)[1:]] if share < 1.0 else []
    assert not any(bears(network, p_mw, q_mvar, curve_mw, s) for s in above if s > share + MILLIONTH / 2)


@pytest.mark.parametrize("seed", range(9))
def test_against_a_plain_scan(seed, ring):
    rng = np.random.default_rng(seed)
    controls = [{"bus": "3", "vm_pu": 1.02, "q_min_mvar": -0.6, "q_max_mvar": 0.6}] if seed % 3 == 0 else []
    document = ring(controls=controls)
    band = 0.05 if seed % 2 else 0.02
    for bus in document["buses"][1:]:
        bus |= {"vm_min_pu": 1.0 - band, "vm_max_pu": 1.0 + band}
    for line in document["branches"][1:]:
        line["max_i_ka"] = float(rng.uniform(0.05, 0.3))
    grid, findings = read_grid(document)
    assert findings == ()
    network = compile_network(grid)
    p_mw, q_mvar, curve_mw = rng.normal(0.0, [[[1.5]], [[0.5]], [[4.0]]], (3, 3, 7))
    curve_mw[:, rng.permutation(7)[:5]] = 0.0
    found = curtailment(network, p_mw, q_mvar, curve_mw)
    assert found.tso.share == 1.0
    assert_last(network, p_mw, q_mvar, curve_mw, found.both.share)


def test_against_pandapower(imported):
    """CIGRE's medium voltage network: voltages and loadings by pandapower at the share and a little above."""
    net = pandapower.networks.create_cigre_network_mv(with_der="pv_wind")
    net.bus["min_vm_pu"], net.bus["max_vm_pu"] = 0.9, 1.05
    net.ext_grid["vm_pu"] = 1.0
    made = imported(net)
    curve = np.zeros_like(made.p_mw)
    bus = next(i for i in net.bus.index if made.ids.bus_of[i].endswith("11"))
    curve[0, made.network.bus_index[made.ids.bus_of[bus]]] = 30.0
    found = curtailment(made.network, made.p_mw, made.q_mvar, curve).dso
    pp.runpp(net, numba=False)
    before = net.res_bus.vm_pu.copy(), net.res_line.loading_percent.copy(), net.res_trafo.loading_percent.copy()
    added = pp.create_sgen(net, bus, p_mw=0.0)

    def beyond(share):
        """pu or percent / 100 beyond what is allowed, the most."""
        net.sgen.loc[added, "p_mw"] = 30.0 * share
        pp.runpp(net, numba=False)
        vm, line, trafo = net.res_bus.vm_pu, net.res_line.loading_percent, net.res_trafo.loading_percent
        return max(
            (vm - np.maximum(before[0], 1.05)).max(),
            (np.minimum(before[0], 0.9) - vm).max(),
            (line - np.maximum(before[1], 100.0)).max() / 100.0,
            (trafo - np.maximum(before[2], 100.0)).max() / 100.0,
        )

    assert 0.0 < found.share < 1.0
    assert abs(beyond(found.share)) < 2e-5
    assert beyond(found.share + 1e-3) > 2e-5
    assert all(beyond(share) > 0.0 for share in np.linspace(found.share + 1e-3, 1.0, 8))
