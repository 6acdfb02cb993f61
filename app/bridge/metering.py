"""A day's meter readings as CSV, per point of delivery.

Header: `pod_id,quantity`, then the UTC start of every quarter hour of the local delivery day, as in a schedule
file. One row per point of delivery with quantity `p_mw`, and optionally one with `q_mvar`. Values are injection,
up positive; an empty cell is a quarter hour without a reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.bridge.schedules import (
    MAX_CHARS,
    MAX_FINDINGS,
    QUANTITIES,
    cell,
    columns,
    header_findings,
    rows_of,
    shown,
)
from domain.errors import Finding, raise_if, refuse
from domain.flexibility.metering import Readings, pod_findings
from domain.ids import PodId
from domain.units import MAX_P_MW

HEAD = ("pod_id", "quantity")
CODE = "invalid_metering"
Q_MVAR = "q_mvar"


@dataclass(frozen=True, kw_only=True)
class Metered:
    """One point of delivery's readings [n_steps], MW and Mvar; `q_mvar` is empty where the file has none."""

    p_mw: Readings
    q_mvar: Readings = ()


def read(document: str, day: date) -> dict[PodId, Metered]:
    """The readings of a file.

    Raises:
        Refused: every finding (the first fifty), `field` being `row N, column M`, counted from 1.
    """
    if len(document) > MAX_CHARS:
        raise refuse("too_large", "document", f"{len(document)} characters; at most {MAX_CHARS} are taken.")
    rows = rows_of(document)
    raise_if(header_findings(rows[0], day, HEAD, CODE))
    if len(rows) == 1:
        raise refuse("missing", "document", "The file has no row of readings.")
    findings: list[Finding] = []
    found: dict[tuple[str, str], Readings] = {}
    first: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows[1:], start=2):
        wrong = _row_findings(number, row, len(rows[0]), first)
        values, bad = _values(number, row) if not wrong else ((), [])
        findings += wrong + bad
        if len(findings) >= MAX_FINDINGS:
            break
        if not wrong:
            found[row[0].strip(), row[1]] = values
    findings += [
        Finding(code=CODE, field=f"row {first[pod, Q_MVAR]}", sentence=f"{shown(pod)} has no p_mw row.")
        for pod, quantity in found
        if quantity == Q_MVAR and (pod, "p_mw") not in found
    ]
    raise_if(findings[:MAX_FINDINGS])
    return {
        PodId(pod): Metered(p_mw=values, q_mvar=found.get((pod, Q_MVAR), ()))
        for (pod, quantity), values in found.items()
        if quantity == "p_mw"
    }


def _row_findings(number: int, row: Sequence[str], width: int, first: dict[tuple[str, str], int]) -> list[Finding]:
    """What keeps a row from being read; notes it in `first` otherwise."""
    at = f"row {number}"
    if len(row) != width:
        return [Finding(code="wrong_length", field=at, sentence=f"{len(row)} columns; the header has {width}.")]
    pod, quantity = row[0].strip(), row[1]
    found = pod_findings(pod, f"{at}, column 1")
    if quantity not in QUANTITIES:
        sentence = f"{shown(quantity)} is here; p_mw or q_mvar is expected."
        found.append(Finding(code=CODE, field=f"{at}, column 2", sentence=sentence))
    earlier = first.setdefault((pod, quantity), number)
    if not found and earlier != number:
        sentence = f"{quantity} of {shown(pod)} is already in row {earlier}."
        found.append(Finding(code=CODE, field=at, sentence=sentence))
    return found


def _values(number: int, row: Sequence[str]) -> tuple[Readings, list[Finding]]:
    unit = QUANTITIES[row[1]]
    values: list[Decimal | None] = []
    findings: list[Finding] = []
    for column, text in enumerate(row[2:], start=3):
        value = None if not text.strip() else cell(text, f"row {number}, column {column}", unit, -MAX_P_MW)
        if isinstance(value, Finding):
            findings.append(value)
        else:
            values.append(value)
    if not findings and all(value is None for value in values):
        findings.append(Finding(code="missing", field=f"row {number}", sentence="Every quarter hour is empty."))
    return tuple(values), findings


def document_of(day: date, readings: Mapping[PodId, Metered]) -> str:
    """Readings as such a file: the inverse of `read`."""
    lines = [",".join((*HEAD, *columns(day)))]
    for pod, metered in readings.items():
        for quantity, values in (("p_mw", metered.p_mw), (Q_MVAR, metered.q_mvar)):
            if values:
                lines.append(",".join((pod, quantity, *("" if v is None else f"{v:f}" for v in values))))
    return "\n".join(lines) + "\n"
