"""`launch.py needs --without ELEMENT`: needs of a day after an outage, and what would lose supply by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import launch
from app.bridge import simbench
from app.cli.exits import Exit

EXAMPLES = Path(__file__).parents[2] / "assets" / "demo" / "examples"
WORDS = ["needs", "--grid", "simbench:example", "--date", "2016-07-25"]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The three-bus example with its last line doubled; the name of that line."""
    network = json.loads((EXAMPLES / "three-bus.json").read_text())
    line = network["branches"][-1]
    network["branches"].append(line | {"id": "second system"})
    files = json.dumps(network), (EXAMPLES / "three-bus-2016-07-25.csv").read_text()
    monkeypatch.setattr(simbench, "region_files", lambda *_: files)
    monkeypatch.setenv("FLEXDESK_DATA_DIR", str(tmp_path))
    return str(line["id"])


def _needs(capsys: pytest.CaptureFixture[str]) -> int:
    summary = [text for text in capsys.readouterr().out.splitlines() if " needs of " in text]
    return int(summary[0].split()[0])


def test_needs_after_an_outage(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert launch.main(WORDS) == Exit.DONE
    before = _needs(capsys)
    assert launch.main([*WORDS, "--without", example]) == Exit.DONE
    assert _needs(capsys) > before


def test_what_would_lose_supply_is_named(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    network = json.loads((EXAMPLES / "three-bus.json").read_text())
    first = network["branches"][0]["id"]
    assert launch.main([*WORDS, "--without", first]) == Exit.INVALID
    assert f"without.{first}: Not connected to the coupling bus:" in capsys.readouterr().err


def test_an_unknown_element_is_named(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert launch.main([*WORDS, "--without", "nothing"]) == Exit.INVALID
    assert "The grid has no branch 'nothing'." in capsys.readouterr().err
