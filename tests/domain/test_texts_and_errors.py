"""One-line texts, storable texts, and refusals as data."""

from __future__ import annotations

import pickle

import pytest

from domain.errors import Finding, Kind, Refused, raise_if, refuse
from domain.texts import storable, text_findings


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "missing"),
        (" \t\n", "missing"),
        ("x" * 81, "out_of_range"),
        ("a\x00", "malformed"),
        ("a\u2028b", "malformed"),
        ("\ud800", "malformed"),
        ("\u202egnp.exe", "malformed"),
    ],
)
def test_bad_texts(text: str, code: str) -> None:
    assert [finding.code for finding in text_findings(text, "name")] == [code]


@pytest.mark.parametrize("text", ["Mühle, Strang 2", "x" * 80, "<b>", "風力 3", "🌞"])
def test_good_texts(text: str) -> None:
    assert text_findings(text, "name") == []


def test_storable() -> None:
    assert storable("two\nlines, ümlaut 🌞")
    assert not storable("a\x00b")
    assert not storable("\udfff")


def test_a_refusal_carries_all_findings_also_between_processes() -> None:
    findings = (
        Finding(code="negative", field="p_mw[3]", sentence="-1 MW is below the least allowed, 0."),
        Finding(code="missing", field="name", sentence="Write something here."),
    )
    with pytest.raises(Refused) as caught:
        raise_if(findings)
    assert pickle.loads(pickle.dumps(caught.value)).findings == findings
    assert caught.value.kind is Kind.INVALID
    raise_if([])


def test_codes_are_registered_and_a_refusal_needs_a_finding() -> None:
    with pytest.raises(ValueError, match="unregistered"):
        refuse("no_such_code", "x", "y")
    with pytest.raises(ValueError, match="needs a finding"):
        Refused([])
