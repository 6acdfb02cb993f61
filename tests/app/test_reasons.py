"""Why a session is not cleared: a sentence for every reason that the engine documents."""

from __future__ import annotations

import re
from pathlib import Path

from app.letters.reasons import CANCELLED, REASONS, reason_sentence

ENGINE = Path(__file__).resolve().parents[2] / "docs" / "engine.md"


def test_every_reason_of_the_engine_has_a_sentence() -> None:
    (paragraph,) = re.findall(r"^\*\*Reasons\.\*\*(.+?)\n\n", ENGINE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    codes = re.findall(r"`([^`]+)`", paragraph)
    assert "solver: ..." in codes
    assert set(codes) - {"solver: ..."} == set(REASONS) - {CANCELLED}
    for code in [*codes, "solver: iteration limit", CANCELLED]:
        assert re.fullmatch(r"[A-Z][^:_]+\.", reason_sentence(code)), code


def test_a_sentence_stays_as_it_is() -> None:
    assert reason_sentence("The worker process ended unexpectedly.") == "The worker process ended unexpectedly."
