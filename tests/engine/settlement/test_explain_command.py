"""`launch.py explain` on a result file, with and without its case."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import launch
from engine import clear, read_case

MARKET = ("CHEAP", 2.0, 40.0), ("DEAR", 2.0, 70.0)


@pytest.fixture
def cleared(feeder, offer, tmp_path, monkeypatch) -> tuple[Path, Path]:
    """Case and result files of a market with a block that is left out."""
    monkeypatch.setenv("FLEXDESK_DATA_DIR", str(tmp_path / "data"))
    block = offer("BLOCK", "3", 1.0, 60.0, block=True)
    document = feeder(p_mw=[2.5, 2.4], n_steps=2, offers=[*(offer(n, "3", q, p) for n, q, p in MARKET), block])
    case, result = tmp_path / "case.json", tmp_path / "result.json"
    case.write_text(json.dumps(document))
    assert launch.main(["clear", str(case), "--out", str(result)]) == 0
    return case, result


def test_it_says_at_which_price_an_offer_would_have_been_accepted(cleared, capsys):
    _, result = cleared
    capsys.readouterr()
    assert launch.main(["explain", str(result), "DEAR"]) == 0
    said = capsys.readouterr().out
    assert "nothing accepted" in said
    assert "voltage limit at bus 3" in said
    assert "breaks even at 39.99 EUR" in said


def test_a_block_is_forced_in_for_the_exact_figure(cleared, capsys):
    """1 MW of the block replaces 1 MW at 40 EUR in two quarter hours: 20 EUR per MW and hour more."""
    case, result = cleared
    capsys.readouterr()
    assert launch.main(["explain", str(result), "BLOCK"]) == 0
    assert "Name the case" in capsys.readouterr().out
    assert launch.main(["explain", str(result), "BLOCK", "--case", str(case)]) == 0
    said = capsys.readouterr().out
    assert "0.5 MWh" in said
    assert "10.00 EUR more" in said
    assert "breaks even exactly at 40.00 EUR" in said


def test_unknown_offers_and_foreign_cases_are_refused(cleared, capsys, tmp_path):
    case, result = cleared
    assert launch.main(["explain", str(result), "NOBODY"]) == 2
    other = tmp_path / "other.json"
    other.write_text(case.read_text().replace("0.25", "0.26").replace("60.0", "61.0"))
    assert launch.main(["explain", str(result), "BLOCK", "--case", str(other)]) == 2
    result.write_text("[]")
    assert launch.main(["explain", str(result), "BLOCK"]) == 2


@pytest.fixture
def bent(feeder, offer, tmp_path, monkeypatch) -> tuple[Path, Path]:
    """Case and result files of a market whose grid bends: 2 MW at bus 1 for what bus 3 gives."""
    monkeypatch.setenv("FLEXDESK_DATA_DIR", str(tmp_path / "data"))
    offers = [offer("CHEAP", "3", 2.0, 40.0), offer("BENT", "1", 2.0, 70.0)]
    case, result = tmp_path / "case.json", tmp_path / "result.json"
    case.write_text(json.dumps(feeder(offers=offers, energy="ignored")))
    assert launch.main(["clear", str(case), "--out", str(result)]) == 0
    return case, result


def test_an_inexact_price_is_found_by_clearing_again(bent, capsys):
    case, result = bent
    told = json.loads(result.read_text())["awards"]["BENT"]["why"]
    assert told["exact"] is False
    capsys.readouterr()
    assert launch.main(["explain", str(result), "BENT", "--case", str(case)]) == 0
    said = capsys.readouterr().out
    accepted, refused = (float(word) for word in re.findall(r"at (-?[\d.]+) EUR", said.splitlines()[-1]) if word)
    assert told["accepted_if"]["price"] - 0.01 < accepted < refused < accepted + 0.0151
    for price, taken in ((accepted, True), (refused + 0.005, False)):
        document = json.loads(case.read_text())
        document["offers"][1]["price_eur_per_mwh"] = price
        award = clear(read_case(document)[0]).result["awards"]["BENT"]
        assert (award["accepted"][0] > 1e-6) == taken


def test_what_was_not_cleared_has_nothing_to_explain(cleared, capsys):
    _, result = cleared
    stored = json.loads(result.read_text()) | {"status": "not_cleared", "reason": "not_settled", "awards": {}}
    result.write_text(json.dumps(stored))
    assert launch.main(["explain", str(result), "DEAR"]) == 2
    assert "not cleared (not_settled)" in capsys.readouterr().err


def test_an_accepted_offer_needs_no_explanation(cleared, capsys):
    _, result = cleared
    stored = json.loads(result.read_text())
    stored["awards"]["DEAR"]["why"] = None
    result.write_text(json.dumps(stored))
    assert launch.main(["explain", str(result), "DEAR"]) == 0
    assert "nothing to explain" in capsys.readouterr().out


def test_an_order_of_a_session_stands(feeder, offer, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FLEXDESK_DATA_DIR", str(tmp_path / "data"))
    ask = {
        "id": "R",
        "party": "D",
        "buses": ["1"],
        "direction": "down",
        "quantity_mw": 0.2,
        "price_eur_per_mwh": 30.0,
    }
    offers = [offer("DEAR", "1", 0.2, 90.0)]
    document = feeder(p_mw=0.5, offers=offers, requests=[ask], clearing="continuous")
    case, result = tmp_path / "case.json", tmp_path / "result.json"
    case.write_text(json.dumps(document))
    assert launch.main(["clear", str(case), "--out", str(result)]) == 0
    capsys.readouterr()
    assert launch.main(["explain", str(result), "DEAR", "--case", str(case)]) == 0
    assert "no order of the other side" in capsys.readouterr().out
