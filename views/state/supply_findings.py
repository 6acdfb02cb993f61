"""What the market finds in a composed offer, by the composer's fields."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import Finding

FIELDS = (
    ("offers[1]", "reactive_share"),
    ("reactive_price", "reactive_price"),
    ("reactive_share", "reactive_share"),
    ("terms.min_acceptance", "min_acceptance"),
    ("terms.max_energy_mwh", "max_energy_mwh"),
    ("terms.ramp", "ramp_mw_per_step"),
    ("terms", "block"),
    ("quantity_mw", "quantity"),
    ("price", "price"),
    ("lines", "assets"),
    ("asset", "assets"),
    ("session", "session"),
    ("replaces", "session"),
)


def field_of(finding_field: str) -> str:
    """The composer's field that a finding of its offers is about."""
    return next((name for part, name in FIELDS if part in finding_field), "")


MOST_SENTENCES = 3


def problems_of(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """(field, sentence): repeated sentences once, at most three per field and then how many more."""
    by_field: dict[str, list[str]] = {}
    for finding in findings:
        sentences = by_field.setdefault(field_of(finding.field), [])
        if finding.sentence not in sentences:
            sentences.append(finding.sentence)
    shown = []
    for field, sentences in by_field.items():
        shown += [(field, sentence) for sentence in sentences[:MOST_SENTENCES]]
        if len(sentences) > MOST_SENTENCES:
            shown.append((field, f"And {len(sentences) - MOST_SENTENCES} more of this kind."))
    return shown
