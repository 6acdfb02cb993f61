"""A baseline file: one value per quarter hour, read with every finding at once."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from domain.errors import Finding, raise_if, refuse
from domain.time import DeliveryDay
from domain.units import Series, decimals
from views.state.files import csv_rows

PLACES = 6
MAX_BYTES = 64 * 1024
MAX_FINDINGS = 20
COLUMN = "p_mw"
FORMAT = (
    "One value per quarter hour of the local day, MW, injection positive: either plain values, one per line, "
    "or CSV with a header that has a column p_mw (other columns are ignored)."
)


def example(day: DeliveryDay, p_mw: Series) -> str:
    """A file that `read` takes: local time and `p_mw`."""
    rows = "".join(f"{day.label(step)},{value}\n" for step, value in enumerate(p_mw))
    return f"time,{COLUMN}\n{rows}"


def read(content: bytes, day: DeliveryDay) -> Series:
    """The values [n_steps], MW.

    Raises:
        Refused: `too_large`, `malformed`, `missing`, `wrong_length`, and per row `not_finite` or
            `too_many_decimals` with the row as its field.
    """
    if len(content) > MAX_BYTES:
        raise refuse("too_large", "file", f"The file has more than {MAX_BYTES // 1024} kB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refuse("malformed", "file", "The file is not text in UTF-8.") from None
    cells = _cells(text)
    if len(cells) != day.n_steps:
        sentence = f"{len(cells)} values; {day.day:%d %b %Y} has {day.n_steps} quarter hours."
        raise refuse("wrong_length", "file", sentence)
    values, found = [], []
    for row, cell in cells:
        value, finding = _value(row, cell)
        values.append(value)
        found += [finding] if finding else []
    raise_if(found[:MAX_FINDINGS])
    return tuple(values)


def _cells(text: str) -> list[tuple[int, str]]:
    """(row of the file, cell) of each value."""
    rows = csv_rows(text)
    if not rows:
        raise refuse("missing", "file", "The file is empty.")
    header = [cell.strip().lower() for cell in rows[0][1]]
    if COLUMN in header:
        at = header.index(COLUMN)
        return [(n, row[at] if at < len(row) else "") for n, row in rows[1:]]
    if len(header) > 1:
        raise refuse("missing", "row 1", f"The header has no column {COLUMN}.")
    return [(n, row[0]) for n, row in rows]


def _value(row: int, cell: str) -> tuple[Decimal, Finding | None]:
    text = cell.strip().replace(",", ".")
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        return value, Finding(
            code="not_finite", field=f"row {row}", sentence=f"{text[:20]!r} is no finite number."
        )
    if decimals(value) > PLACES:
        sentence = f"{decimals(value)} decimals; {PLACES} are allowed."
        return value, Finding(code="too_many_decimals", field=f"row {row}", sentence=sentence)
    return value, None
