"""Texts that people and programs send: bounded, readable, storable."""

from __future__ import annotations

import unicodedata

from domain.errors import Finding

NAME = 80
REASON = 400
_UNREADABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories refused in one-line texts: control, invisible formatting, surrogates, line breaks."""


def text_findings(value: str, field: str, most: int = NAME) -> list[Finding]:
    """What is wrong with a one-line text: blank, longer than `most`, or with control characters."""
    if not value.strip():
        return [Finding(code="missing", field=field, sentence="Write something here.")]
    if len(value) > most:
        sentence = f"{len(value)} characters; at most {most} are allowed."
        return [Finding(code="out_of_range", field=field, sentence=sentence)]
    if any(unicodedata.category(character) in _UNREADABLE for character in value):
        sentence = "Control characters and line breaks are not allowed."
        return [Finding(code="malformed", field=field, sentence=sentence)]
    return []


def csv_safe(value: str) -> str:
    """A text for a cell of a CSV: what a spreadsheet would run as a formula gets a leading apostrophe."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value


def storable(value: str) -> bool:
    """Whether a text can be kept as UTF-8 in every database: no lone surrogate and no NUL."""
    return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
