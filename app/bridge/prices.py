"""A day's wholesale or balancing prices as CSV: `start_utc,price_eur_per_mwh`, one row for each quarter hour."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from app.bridge.schedules import columns
from domain.errors import Finding, raise_if, refuse
from domain.units import Series, price_findings

HEAD = ("start_utc", "price_eur_per_mwh")
MAX_CHARS = 20_000
MAX_SHOWN = 40

_NUMBER = re.compile(r"[+-]?\d{1,9}(\.\d{1,9})?", re.ASCII)


def read(document: str, day: date) -> Series:
    """The prices of a delivery day, [n_steps] EUR/MWh.

    Raises:
        Refused: every finding, `field` being `row N, column M` counted from 1.
    """
    if len(document) > MAX_CHARS:
        raise refuse("too_large", "document", f"{len(document)} characters; at most {MAX_CHARS} are taken.")
    try:
        rows = list(csv.reader(io.StringIO(document.removeprefix("\ufeff")), strict=True))
    except csv.Error as error:
        raise refuse("malformed", "document", f"This is no valid CSV: {error}.") from None
    starts = columns(day)
    while rows and not rows[-1]:
        rows.pop()
    if not rows or tuple(cell.strip() for cell in rows[0]) != HEAD:
        raise refuse("malformed", "row 1", f"The header has to be {','.join(HEAD)}.")
    if len(rows) - 1 != len(starts):
        sentence = f"{len(rows) - 1} rows; {day:%d.%m.%Y} has {len(starts)} quarter hours."
        raise refuse("wrong_length", "document", sentence)
    cells = [
        _cell(row, number, start) for number, (row, start) in enumerate(zip(rows[1:], starts, strict=True), 2)
    ]
    raise_if(finding for cell in cells if not isinstance(cell, Decimal) for finding in cell)
    return tuple(cell for cell in cells if isinstance(cell, Decimal))


def write(day: date, prices: Series) -> str:
    """Inverse of `read`."""
    pairs = zip(columns(day), prices, strict=True)
    return "\n".join([",".join(HEAD), *(f"{start},{price:f}" for start, price in pairs)]) + "\n"


def _cell(row: Sequence[str], number: int, start: str) -> Decimal | list[Finding]:
    if len(row) != len(HEAD):
        sentence = f"{len(row)} columns; {len(HEAD)} are expected."
        return [Finding(code="wrong_length", field=f"row {number}", sentence=sentence)]
    if row[0].strip() != start:
        sentence = f"{row[0][:MAX_SHOWN]!r} is here; {start} is expected."
        return [Finding(code="malformed", field=f"row {number}, column 1", sentence=sentence)]
    text, where = row[1].strip(), f"row {number}, column 2"
    if not _NUMBER.fullmatch(text):
        return [Finding(code="not_finite", field=where, sentence=f"{text[:MAX_SHOWN]!r} is not a number.")]
    return price_findings(Decimal(text), where) or Decimal(text)
