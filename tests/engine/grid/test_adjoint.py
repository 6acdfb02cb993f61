"""Derivatives of limits by the adjoint system are those by the derivatives of all voltages."""

from __future__ import annotations

import numpy as np
import pytest

from engine import compile_network, power_flow
from engine.grid.adjoint import row_derivatives
from engine.grid.sensitivities import sensitivities
from engine.market.limits import excess, gradients, rows_of, weights_of


@pytest.fixture(scope="module")
def grid():
    from engine import read_grid

    document = {
        "buses": [
            {"id": str(k), "vn_kv": vn, "vm_min_pu": 0.95, "vm_max_pu": 1.05}
            for k, vn in enumerate((110.0, 20.0, 20.0, 20.0, 20.0))
        ],
        "branches": [
            {"id": "T", "from": "0", "to": "1", "r_ohm": 1.5, "x_ohm": 60.0, "g_us": 2.0, "b_us": -8.0,
             "tap_ratio": 1.02, "shift_degree": 150.0, "max_s_mva": 25.0},
            *(
                {"id": f"L{a}{b}", "from": a, "to": b, "r_ohm": 0.4, "x_ohm": 0.5, "b_us": 90.0, "max_i_ka": 0.2,
                 "max_s_mva": 8.0}
                for a, b in ("12", "23", "34", "41")
            ),
        ],
        "coupling": {"bus": "0", "vm_pu": [1.01, 0.99]},
    }  # fmt: skip
    read, findings = read_grid(document, 2)
    assert findings == ()
    return read


def test_the_two_ways_agree(grid):
    network = compile_network(grid)
    p_mw = np.array([[0.0, 0.5, -2.0, 3.0, 1.0], [0.0, -1.0, 4.0, 0.5, -2.0]])
    flow = power_flow(network, p_mw, 0.3 * p_mw[:, ::-1])
    assert flow.all_converged
    rows = rows_of([np.isfinite(beyond) for beyond in excess(network, flow)])
    assert set(rows.kind.tolist()) == {0, 1, 2, 3, 4, 5}
    every = np.arange(2)
    wanted = gradients(network, flow, sensitivities(network, flow.v), every, rows)
    found = row_derivatives(network, flow.v, rows.step, weights_of(network, flow, rows))
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)
