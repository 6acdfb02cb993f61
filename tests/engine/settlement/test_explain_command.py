"""`launch.py explain` on a result file, with and without its case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import launch

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
    assert "at 39.99 EUR or less" in said


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
