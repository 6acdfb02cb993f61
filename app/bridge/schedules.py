"""A region's day of schedules as CSV, per generator, load and storage.

Header: `unit_id,quantity`, then the UTC start of every quarter hour of the local delivery day
(`2016-07-24T22:00Z`). One row per unit with quantity `p_mw`, and optionally one with `q_mvar` (0 without it).
Values are in the unit's own sense: a generator feeds in, a load consumes and a storage charges with a positive
sign. The facts that are read from it have the market's sign, injection positive.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from app.bridge import networks
from app.bridge.networks import NetworkFacts, UnitFacts
from domain.errors import Finding, raise_if, refuse
from domain.time import DeliveryDay
from domain.units import MAX_P_MW, Series, number_findings

MAX_CHARS = 8_000_000
MAX_FINDINGS = 50
MAX_SHOWN = 40
HEAD = ("unit_id", "quantity")
QUANTITIES = {"p_mw": "MW", "q_mvar": "Mvar"}
SENSE = {"generator": 1, "load": -1, "storage": -1}
"""From the unit's own sense to injection."""

_NUMBER = re.compile(r"[+-]?(\d{1,12}(\.\d{0,12})?|\.\d{1,12})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class ScheduleFacts:
    """Injection by unit id: `p_mw`, `q_mvar` [n_steps], MW and Mvar; units without a q row are not in `q_mvar`."""

    day: date
    p_mw: Mapping[str, Series] = field(repr=False)
    q_mvar: Mapping[str, Series] = field(repr=False)
    sha256: str


def columns(day: date) -> tuple[str, ...]:
    """The header's column for each quarter hour: its start in UTC."""
    delivery = DeliveryDay(day=day)
    return tuple(delivery.instant(step).strftime("%Y-%m-%dT%H:%MZ") for step in range(delivery.n_steps))


def read(network: str, document: str, day: date) -> ScheduleFacts:
    """The facts of a schedule file for the units of a network document; cached.

    Raises:
        Refused: every finding (the first fifty), `field` being `row N, column M`, counted from 1 as a
            spreadsheet shows them; the network's own findings.
    """
    return _read(network, document, day)


@lru_cache(maxsize=16)
def _read(network: str, document: str, day: date) -> ScheduleFacts:
    if len(document) > MAX_CHARS:
        raise refuse("too_large", "document", f"{len(document)} characters; at most {MAX_CHARS} are taken.")
    facts = networks.read(network)
    rows = rows_of(document)
    findings = header_findings(rows[0], day)
    raise_if(findings)
    table = _Table(facts, len(rows[0]))
    for number, row in enumerate(rows[1:], start=2):
        table.take(number, row)
    raise_if(table.finish()[:MAX_FINDINGS])
    return ScheduleFacts(
        day=day, p_mw=table.values["p_mw"], q_mvar=table.values["q_mvar"], sha256=networks.sha256_of(document)
    )


def write(day: date, units: Sequence[UnitFacts], p_mw: Mapping[str, Series], q_mvar: Mapping[str, Series]) -> str:
    """Inverse of `read`: the CSV of injections; q rows that are zero throughout are left out."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow((*HEAD, *columns(day)))
    for unit in units:
        for quantity, by_unit in (("p_mw", p_mw), ("q_mvar", q_mvar)):
            values = by_unit.get(unit.unit_id)
            if values is not None and (quantity == "p_mw" or any(values)):
                writer.writerow(
                    (unit.unit_id, quantity, *(_text(_turned(value, SENSE[unit.kind])) for value in values))
                )
    return buffer.getvalue()


def _turned(value: Decimal, sense: int) -> Decimal:
    return value if sense > 0 else Decimal(0) - value


def _text(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rows_of(document: str) -> list[list[str]]:
    """The rows of a CSV text without empty ones at its end. Raises `Refused`: `malformed`, `missing`."""
    try:
        rows = list(csv.reader(io.StringIO(document.removeprefix("\ufeff")), strict=True))
    except csv.Error as error:
        raise refuse("malformed", "document", f"This is no valid CSV: {error}.") from None
    while rows and not rows[-1]:
        rows.pop()
    if not rows:
        raise refuse("missing", "document", "The file is empty.")
    return rows


def _invalid(where: str, sentence: str) -> Finding:
    return Finding(code="invalid_schedule", field=where, sentence=sentence)


def shown(text: str) -> str:
    """A cell as a finding repeats it, cut where it is long."""
    return repr(text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "...")


def header_findings(
    header: Sequence[str], day: date, head: Sequence[str] = HEAD, code: str = "invalid_schedule"
) -> list[Finding]:
    """What is wrong with the first row: `head`, then the day's quarter hours."""
    expected = (*head, *columns(day))
    if len(header) != len(expected):
        sentence = (
            f"{len(header)} columns; {day:%d.%m.%Y} needs {len(expected)}: {', '.join(head)}, quarter hours."
        )
        return [Finding(code="wrong_length", field="row 1", sentence=sentence)]
    return [
        Finding(
            code=code, field=f"row 1, column {number}", sentence=f"{shown(cell)} is here; {wanted} is expected."
        )
        for number, (cell, wanted) in enumerate(zip(header, expected, strict=True), start=1)
        if cell.strip() != wanted
    ][:MAX_FINDINGS]


class _Table:
    """Takes rows one by one; keeps what is good in `values` and what is wrong in `findings`."""

    def __init__(self, facts: NetworkFacts, width: int) -> None:
        self.values: dict[str, dict[str, Series]] = {quantity: {} for quantity in QUANTITIES}
        self._facts, self._width = facts, width
        self._findings: list[Finding] = []
        self._named: dict[tuple[str, str], int] = {}

    def take(self, number: int, row: Sequence[str]) -> None:
        """One data row, `number` counted from 1."""
        if len(self._findings) >= MAX_FINDINGS:
            return
        if len(row) != self._width:
            sentence = f"{len(row)} columns; the header has {self._width}."
            self._findings.append(Finding(code="wrong_length", field=f"row {number}", sentence=sentence))
            return
        unit = self._unit(number, row[0], row[1])
        if unit is None:
            return
        low = Decimal(0) if unit.kind != "storage" and row[1] == "p_mw" else -MAX_P_MW
        cells = [_cell(text, number, column, row[1], low) for column, text in enumerate(row[2:], start=3)]
        self._findings += [cell for cell in cells if isinstance(cell, Finding)]
        values = (cell for cell in cells if isinstance(cell, Decimal))
        self.values[row[1]][unit.unit_id] = tuple(_turned(value, SENSE[unit.kind]) for value in values)

    def finish(self) -> list[Finding]:
        """All findings, units without a row of active power among them."""
        missing = [unit.unit_id for unit in self._facts.units if (unit.unit_id, "p_mw") not in self._named]
        return self._findings + [
            Finding(code="missing", field="document", sentence=f"There is no p_mw row for the unit {shown(unit)}.")
            for unit in missing
        ]

    def _unit(self, number: int, unit_id: str, quantity: str) -> UnitFacts | None:
        unit = self._facts.unit_of.get(unit_id)
        if unit is None:
            sentence = f"The network has no unit {shown(unit_id)}."
            self._findings.append(Finding(code="unknown_unit", field=f"row {number}, column 1", sentence=sentence))
            return None
        if quantity not in QUANTITIES:
            sentence = f"{shown(quantity)} is here; p_mw or q_mvar is expected."
            self._findings.append(_invalid(f"row {number}, column 2", sentence))
            return None
        first = self._named.setdefault((unit_id, quantity), number)
        if first != number:
            sentence = f"{quantity} of {shown(unit_id)} is already in row {first}."
            self._findings.append(_invalid(f"row {number}", sentence))
            return None
        return unit


def _cell(text: str, row: int, column: int, quantity: str, low: Decimal) -> Decimal | Finding:
    return cell(text, f"row {row}, column {column}", QUANTITIES[quantity], low)


def cell(text: str, where: str, unit: str, low: Decimal) -> Decimal | Finding:
    """A number in a cell, or what is wrong with it."""
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        return Finding(code="not_finite", field=where, sentence=f"{shown(text)} is not a number.")
    value = Decimal(stripped)
    found = number_findings(value, where, unit=unit, places=6, low=low, high=MAX_P_MW)
    return found[0] if found else value
