"""Network documents: what is read, and that every fault is named with its place."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.bridge import networks
from domain.errors import Refused

EXAMPLES = Path(__file__).parents[3] / "assets" / "demo" / "examples"


def example() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXAMPLES / "three-bus.json").read_text())
    return document


def findings(text: str) -> set[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        networks.read(text)
    return {(finding.code, finding.field) for finding in refused.value.findings}


def test_facts_of_the_example() -> None:
    facts = networks.read((EXAMPLES / "three-bus.json").read_text())
    assert facts.bus_ids == ("Substation", "Village", "Solar park")
    assert facts.coupling_bus == "Substation"
    assert facts.unit_of["BAT-1"].p_max_mw == Decimal("1.000000")
    assert facts.unit_of["PV-1"].bus == "Solar park"
    assert set(facts.zone_of_bus) == set(facts.bus_ids)
    assert len(facts.sha256) == 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", ("malformed", "document")),
        ("[]", ("invalid_network", "document")),
        ('{"schema": NaN}', ("malformed", "document")),
        ('{"name": "a", "name": "b"}', ("malformed", "document")),
        ("[" * 100_000, ("malformed", "document")),
        (" " * 8_000_001, ("too_large", "document")),
    ],
)
def test_text_that_is_no_document(text: str, expected: tuple[str, str]) -> None:
    assert expected in findings(text)


def test_all_faults_are_named_at_once() -> None:
    document = example()
    document["schema"] = "other"
    document["outages"] = [7]
    document["buses"][1]["vn_kv"] = -1
    document["branches"][0]["to"] = "Nowhere"
    document["units"][0].pop("p_max_mw")
    document["units"][1]["bus"] = "Elsewhere"
    document["surprise"] = 1
    found = findings(json.dumps(document))
    places = {field for _, field in found}
    assert {"schema", "outages", "grid.buses[1].vn_kv", "grid.branches[0].to", "grid.units[1].bus"} <= places
    assert ("missing", "grid.units[0].p_max_mw") in found
    assert ("unknown_field", "grid.surprise") in found


def test_a_network_without_units_is_refused() -> None:
    assert ("missing", "units") in findings(json.dumps(example() | {"units": []}))
