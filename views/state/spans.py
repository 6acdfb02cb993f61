"""Stretches of a delivery day in words, and findings sorted by the field they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from domain.errors import Finding, Refused
from domain.time import DeliveryDay
from views.state.common import MISSING


def span(day: DeliveryDay, first_step: int, last_step: int) -> str:
    """Local clock times from the first quarter hour's start to the last one's end, such as `10:15–16:30`."""
    end = "24:00" if last_step + 1 == day.n_steps else day.label(last_step + 1)
    return f"{day.label(first_step)}–{end}"


def span_utc(day: DeliveryDay, first_step: int, last_step: int) -> str:
    """The same span in UTC, for the hover text."""
    start, end = day.instant(first_step), day.instant(last_step + 1)
    return f"{start:%Y-%m-%d %H:%M}–{end:%H:%M} UTC"


def ends(values: Sequence[Decimal]) -> tuple[int, int] | None:
    """First and last step that is not zero; None when all are."""
    steps = [step for step, value in enumerate(values) if value]
    return (steps[0], steps[-1]) if steps else None


def active_span(day: DeliveryDay, values: Sequence[Decimal]) -> str:
    """From the first to the last step that is not zero."""
    found = ends(values)
    return MISSING if found is None else span(day, *found)


def active_span_utc(day: DeliveryDay, values: Sequence[Decimal]) -> str:
    found = ends(values)
    return "" if found is None else span_utc(day, *found)


def plural(count: int, noun: str) -> str:
    """Such as `1 offer` or `3 offers`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def by_field(findings: Iterable[Finding], rules: Mapping[str, str]) -> list[tuple[str, str]]:
    """(field of the form, sentence) of each finding; "" where the form has no field for it.

    rules : what the finding's field starts with -> the form's field; the longest match counts
    """
    sorted_rules = sorted(rules.items(), key=lambda rule: -len(rule[0]))
    return [
        (next((name for start, name in sorted_rules if finding.field.startswith(start)), ""), finding.sentence)
        for finding in findings
    ]


def located(refused: Refused) -> list[dict[str, str]]:
    """Findings as rows: where (row, path), what, code."""
    return [{"where": f.field, "what": f.sentence, "code": f.code} for f in refused.findings]
