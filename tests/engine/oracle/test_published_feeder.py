"""The 15-bus feeder of Papavasiliou 2018: its published import, and prices per bus against the reference."""

from __future__ import annotations

import numpy as np
import pytest
from reference import solve_reference

from engine import clear, read_case

PRICE_TOLERANCE = 1e-4


def _document(load_case, with_limits):
    document = load_case("feeder15", "case")
    if with_limits:
        limits = load_case("feeder15", "expected")["max_s_mva"]
        document["grid"]["branches"] = [b | {"max_s_mva": limits[b["id"]]} for b in document["grid"]["branches"]]
    return document


def test_published_import(load_case):
    case, _ = read_case(_document(load_case, with_limits=False))
    expected = load_case("feeder15", "expected")
    cleared = clear(case)
    assert cleared.result["proof"]["clean"]
    assert cleared.after is not None
    assert cleared.after.import_mw[0] == pytest.approx(expected["import_mw"], abs=expected["import_tolerance_mw"])


@pytest.mark.parametrize("with_limits", [False, True])
def test_prices_of_p_and_q_at_every_bus(with_limits, load_case, cleared):
    document = _document(load_case, with_limits)
    result, found = cleared(document), solve_reference(document, starts=1)
    assert result["proof"]["clean"]
    for unit, expected in (("p_eur_per_mwh", found.p_price), ("q_eur_per_mvarh", found.q_price)):
        got = {bus: parts["total"][0] for bus, parts in result["prices"][unit].items()}
        assert got == pytest.approx({bus: price[0] for bus, price in expected.items()}, abs=PRICE_TOLERANCE)
    behind = [result["prices"]["p_eur_per_mwh"][bus]["total"][0] for bus in ("7", "8", "9", "10", "11")]
    assert (np.array(behind) < 10.2).all() == with_limits
