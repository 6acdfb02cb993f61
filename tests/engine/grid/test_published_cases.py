"""Case folders with published figures of their base case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import assess, read_case

CASES = Path(__file__).parents[2] / "cases"
PUBLISHED = sorted(folder.name for folder in CASES.iterdir() if (folder / "expected.json").exists())
PUBLISHED = [name for name in PUBLISHED if "losses_mw" in json.loads((CASES / name / "expected.json").read_text())]


def test_the_published_feeders_are_here():
    assert {"case33bw", "case69", "case141"} <= set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_base_case(name):
    expected = json.loads((CASES / name / "expected.json").read_text())
    case, findings = read_case(json.loads((CASES / name / "case.json").read_text()))
    assert findings == ()
    state = assess(case)
    flow, network = state.flow, state.network
    assert flow.losses_mw[0] == pytest.approx(expected["losses_mw"], abs=expected["losses_tolerance_mw"])
    assert flow.vm_pu.min() == pytest.approx(expected["vm_min_pu"], abs=expected["vm_tolerance_pu"])
    at_lowest = flow.vm_pu[0, network.bus_index[expected["vm_min_bus"]]]
    assert at_lowest == pytest.approx(flow.vm_pu.min(), abs=1e-9)
