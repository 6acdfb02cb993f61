"""The documentation's example is what the engine answers today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import clear, read_case

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture(scope="module")
def solved():
    case, findings = read_case(json.loads((EXAMPLES / "feeder-case.json").read_text()))
    assert findings == ()
    return clear(case).result


def test_the_stored_result_is_the_cleared_case(solved):
    stored = json.loads((EXAMPLES / "feeder-result.json").read_text())
    assert solved["solve"]["case_sha256"] == stored["solve"]["case_sha256"]
    for name, award in stored["awards"].items():
        assert solved["awards"][name]["accepted"] == pytest.approx(award["accepted"], abs=2e-9), name
        assert solved["awards"][name]["price"] == pytest.approx(award["price"], abs=2e-6), name
        assert (solved["awards"][name]["why"] is None) == (award["why"] is None), name
    assert solved["payments"] == stored["payments"]


def test_what_the_page_says_of_it(solved):
    prices = solved["prices"]["p_eur_per_mwh"]
    assert prices["3"]["total"] == pytest.approx([-46.0] * 4, abs=1e-5)
    assert prices["HV"]["total"] == [40.0, 35.0, 30.0, 38.0]
    assert solved["awards"]["O3"]["why"]["local_price"] == pytest.approx(20.87, abs=0.005)
    assert solved["awards"]["O4"]["why"]["accepted_if"]["price"] == pytest.approx(22.98, abs=0.005)
    assert round(sum(map(float, solved["payments"].values())), 2) == 0.0


@pytest.mark.parametrize(("price", "is_taken"), [(22.98, True), (23.3, False)])
def test_the_offer_that_follows_its_explanation_is_taken(price, is_taken):
    document = json.loads((EXAMPLES / "feeder-case.json").read_text())
    next(o for o in document["offers"] if o["id"] == "O4")["price_eur_per_mwh"] = price
    case, _ = read_case(document)
    assert any(clear(case).result["awards"]["O4"]["accepted"]) is is_taken
