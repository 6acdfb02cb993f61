"""Cases for the engine's tests: small ones made here, published ones from `tests/cases`, SimBench days."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.grid.importers import simbench
from engine.market.case import Case, read_case

CASES = Path(__file__).parents[1] / "cases"
DAY_ROW = 19772
RURAL, SEMIURB = "1-MV-rural--2-sw", "1-MV-semiurb--2-sw"
PLANNED_WORK = {RURAL: ((), ()), SEMIURB: (("MV2.101 Line 99",), ("MV2.101 loop_line_switch 3.2",))}
OPTIONS = {"clearing": "network", "physics": "ac", "payment": "pay_as_bid", "energy": "ignored", "operator": "DSO"}

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def load_case() -> Callable[[str, str], Any]:
    """A JSON file of a case folder."""
    return lambda folder, name: json.loads((CASES / folder / f"{name}.json").read_text())


@pytest.fixture
def offer() -> Make:
    """An offer of P with everything given."""

    def make(
        name: str, bus: str, quantity: Any, price: Any, direction: str = "down", **fields: Any
    ) -> dict[str, Any]:
        party = fields.pop("party", f"party of {name}")
        at = fields.pop("at", "2026-07-25T09:00:00Z")
        return {
            "id": name,
            "party": party,
            "bus": bus,
            "commodity": "P",
            "direction": direction,
            "submitted_at": at,
            "quantity_mw": quantity,
            "price_eur_per_mwh": price,
            **fields,
        }

    return make


@pytest.fixture
def feeder() -> Make:
    """A feeder S - 1 - 2 - 3 of 16 + j12 ohm behind a transformer, generation p_mw at bus 3 (2.5 MW: too high)."""

    def make(
        p_mw: Any = 2.5, offers: Any = (), requests: Any = (), n_steps: int = 1, **options: Any
    ) -> dict[str, Any]:
        coupling_price = options.pop("coupling_price", 0.0)
        max_i_ka = options.pop("max_i_ka", 0.3)
        band = {"vm_min_pu": 0.95, "vm_max_pu": 1.05}
        nodes = [("S", "1"), ("1", "2"), ("2", "3")]
        lines = [
            {"id": f"L{b}", "from": a, "to": b, "r_ohm": 5.0, "x_ohm": 4.0, "b_us": 50.0, "max_i_ka": max_i_ka}
            for a, b in nodes
        ]
        trafo = {"id": "T", "from": "HV", "to": "S", "r_ohm": 2.0, "x_ohm": 60.0, "g_us": 1.0, "b_us": -5.0}
        return {
            "schema": "flexdesk.case/1",
            "grid": {
                "buses": [{"id": "HV", "vn_kv": 110.0}, *({"id": b, "vn_kv": 20.0, **band} for b in "S123")],
                "branches": [trafo | {"shift_degree": 150.0, "tap_ratio": 0.99, "max_i_ka": 0.1}, *lines],
                "coupling": {"bus": "HV", "vm_pu": 1.01},
            },
            "time": {"start": "2026-07-26T00:00:00Z", "mtu_minutes": 15, "n_steps": n_steps},
            "baseline": {
                "units": [
                    {"id": "PV", "bus": "3", "kind": "generator", "p_mw": p_mw},
                    {"id": "LD", "bus": "1", "kind": "load", "p_mw": 0.1, "q_mvar": 0.03},
                ]
            },
            "coupling_price_eur_per_mwh": coupling_price,
            "offers": list(offers),
            "requests": list(requests),
            "options": {**OPTIONS, **options},
        }

    return make


@pytest.fixture
def read() -> Callable[[Any], Case]:
    """A case from a document that has no findings."""

    def make(document: Any) -> Case:
        case, findings = read_case(document)
        assert findings == ()
        assert case is not None
        return case

    return make


@pytest.fixture(scope="session")
def simbench_net() -> Callable[[str], Any]:
    """The data set's net, loaded once in the session; tests must not change it."""
    return cache(simbench._load)


@pytest.fixture(scope="session")
def simbench_day(simbench_net: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    """The case of 2016-07-25 without offers, through the importer and its cache."""
    folder = tmp_path_factory.mktemp("cache")

    @cache
    def make(code: str) -> dict[str, Any]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(simbench, "_load", simbench_net)
            grid = simbench.simbench_grid(code, folder, *PLANNED_WORK[code])
            schedules = simbench.simbench_schedules(code, folder, DAY_ROW, 96)
        return {
            "schema": "flexdesk.case/1",
            "grid": grid,
            "time": {"start": "2016-07-24T22:00:00Z", "mtu_minutes": 15, "n_steps": 96},
            "baseline": {"units": simbench.baseline_units(grid, schedules)},
            "offers": [],
            "options": dict(OPTIONS),
        }

    return make
