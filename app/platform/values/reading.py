"""Files of values, line by line: CSV (`pod_id,quantity,time_step,start,value,...`) and JSON lines
(`{"pod_id", "quantity", "time_step", "start", "values"}`).

A line holds any number of consecutive values from its start on; an empty cell or null is a gap. A line is good as
a whole or not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np

from app.platform.values.batch import Batch
from app.platform.values.lines import BadLines
from app.platform.values.packing import GAP, MAX_VALUE, PLACES, Whole
from domain.errors import Finding, Refused, refuse
from domain.marketplace.words import Quantity, TimeStep
from domain.platform.grid import FIRST, Span, later, on_grid, spans
from domain.platform.pods import zone_of
from domain.units import number_findings

HEAD = "pod_id,quantity,time_step,start,value"
MAX_LINE = 65_536
MAX_VALUES = 4464
"""Of one line: a month of ten minutes."""
CLOCK_TOLERANCE = timedelta(minutes=1)
"""A meter's clock may be ahead of the platform's by this."""
_PLAIN = re.compile(rb"-?\d+(?:\.\d+)?(?:,-?\d+(?:\.\d+)?)*")
_FINE = re.compile(rb"\.\d{3}\d*[1-9]")
_LONG = re.compile(rb"\d{12}")
_MOST = int(MAX_VALUE) * 10**PLACES


class Format(StrEnum):
    CSV = "csv"
    JSON_LINES = "jsonl"
    XML = "xml"
    """A market document; `app.platform.values.documents` reads it."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a file is read against: each point of delivery's country, and market time."""

    countries: Mapping[str, str]
    market: datetime


@dataclass
class Read:
    """What a file held. `gaps`: lines with gaps, the first hundred; `n_gaps`: values left out."""

    batch: Batch = field(default_factory=Batch)
    bad: BadLines = field(default_factory=BadLines)
    n_values: int = 0
    n_gaps: int = 0
    gaps: list[int] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line as it came; `cells`: its values, comma between them."""

    pod_id: str
    quantity: str
    step: str
    start: str
    cells: bytes


def read(chunks: Iterable[bytes], form: Format, known: Known) -> Read:
    """The good lines of a file in the batch, the others by number.

    Raises:
        Refused: `malformed` for another header; `too_large` for a line or a file that is too long.
    """
    found = Read()
    lines = enumerate(_lines(chunks), start=1)
    if form is Format.CSV:
        _, head = next(lines, (1, b""))
        if head.removeprefix(b"\xef\xbb\xbf").strip().decode("latin-1") != HEAD:
            raise refuse("malformed", "line 1", f"The first line has to be {HEAD}.")
    parse = _PARSERS[form]
    for number, raw in lines:
        if not raw.strip():
            continue
        try:
            take(found, parse(raw), number, known)
        except Refused as refused:
            if refused.findings[0].code == "too_large":
                raise
            found.bad.add(number, refused.findings)
    if not found.n_values and not found.bad.count:
        raise refuse("missing", "body", "The file has no value.")
    return found


def take(found: Read, line: Line, number: int, known: Known) -> None:
    """Put a line into the batch. Raises `Refused` with what is wrong with it."""
    country = known.countries.get(line.pod_id)
    if country is None:
        raise refuse("unknown_pod", "pod_id", "The platform has no such point of delivery.")
    quantity, step = _word(Quantity, line.quantity, "quantity"), _word(TimeStep, line.step, "time_step")
    values = _values(line.cells, quantity)
    if len(values) > MAX_VALUES:
        raise refuse("wrong_length", "values", f"{len(values)} values; at most {MAX_VALUES} in a line.")
    placed = _placed(line.start, len(values), step, country, known.market)
    n_gaps = int(np.count_nonzero(values == GAP))
    if n_gaps == len(values):
        raise refuse("missing", "values", "Every value of the line is empty.")
    parts: list[tuple[Span, Whole]] = []
    at = 0
    for span in placed:
        part = values[at : at + span.take]
        at += span.take
        if np.all(part == GAP):
            continue  # a day without a value is not stored
        parts.append((span, part))
        if not found.batch.fits((quantity, step, span.day), line.pod_id, span.slot, part):
            raise refuse("duplicate", "start", "An earlier line has other values for the same times.")
    for span, part in parts:
        found.batch.put((quantity, step, span.day), line.pod_id, span.slot, part, number)
    found.n_values += len(values) - n_gaps
    found.n_gaps += n_gaps
    if n_gaps and len(found.gaps) < 100:
        found.gaps.append(number)


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines of a stream, none longer than `MAX_LINE`."""
    rest = b""
    n = 0
    for chunk in chunks:
        parts = (rest + chunk).split(b"\n")
        rest = parts.pop()
        for part in parts:
            n += 1
            _check_length(part, n)
            yield part
        _check_length(rest, n + 1)
    if rest:
        yield rest


def _check_length(line: bytes, number: int) -> None:
    if len(line) > MAX_LINE:
        raise refuse("too_large", f"line {number}", f"The line is longer than {MAX_LINE} bytes.")


def _csv_line(raw: bytes) -> Line:
    cells = raw.rstrip(b"\r").split(b",", 4)
    if len(cells) != 5:
        raise refuse("wrong_length", "", f"{len(cells)} cells; at least 5 are needed.")
    try:
        pod_id, quantity, step, start = (cell.decode("ascii").strip() for cell in cells[:4])
    except UnicodeDecodeError:
        raise refuse("malformed", "", "The line holds characters that are not ASCII.") from None
    return Line(pod_id=pod_id, quantity=quantity, step=step, start=start, cells=cells[4])


_FIELDS = {"pod_id", "quantity", "time_step", "start", "values"}


def _json_line(raw: bytes) -> Line:
    try:
        said = json.loads(raw, parse_float=str, parse_int=str, parse_constant=_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise refuse("malformed", "", "The line is no JSON object with each key once.") from None
    if not isinstance(said, dict) or said.keys() != _FIELDS:
        raise refuse("malformed", "", f"An object with exactly {', '.join(sorted(_FIELDS))} is expected.")
    values = said.pop("values")
    if not all(isinstance(text, str) for text in said.values()):
        raise refuse("malformed", "", "All fields but the values are texts.")
    if not isinstance(values, list) or not values or not set(map(type, values)) <= {str, type(None)}:
        raise refuse("malformed", "values", "A list of numbers and nulls is expected.")
    cells = ",".join(["" if value is None else value for value in values]).encode("utf-8", "replace")
    if cells.count(b",") != len(values) - 1:
        raise refuse("malformed", "values", "A value holds a comma.")
    return Line(
        pod_id=said["pod_id"], quantity=said["quantity"], step=said["time_step"], start=said["start"], cells=cells
    )


_PARSERS: Mapping[Format, Callable[[bytes], Line]] = {Format.CSV: _csv_line, Format.JSON_LINES: _json_line}


def _constant(_name: str) -> Any:
    raise refuse("not_finite", "values", "NaN and Infinity are no values; null is a gap.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) != len(pairs):
        raise ValueError("a key stands twice")
    return said


def _word(kind: Any, text: str, field_name: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(member.value for member in kind)
        code = "wrong_time_step" if kind is TimeStep else "malformed"
        raise refuse(code, field_name, f"One of {known} is expected.") from None


def _values(cells: bytes, quantity: Quantity) -> Whole:
    """[n] thousandths. Plain numbers go the fast way, all else is looked at one by one."""
    cells = cells.strip()
    if _PLAIN.fullmatch(cells) and not _FINE.search(cells) and not _LONG.search(cells):
        exact = np.rint(np.fromstring(cells.decode("ascii"), sep=",") * 10**PLACES)
        low = -_MOST if quantity is Quantity.POWER else 0
        if exact.min() >= low and exact.max() <= _MOST:
            whole: Whole = exact.astype(np.int32)
            return whole
    return _one_by_one(cells, quantity)


def _one_by_one(cells: bytes, quantity: Quantity) -> Whole:
    low = -MAX_VALUE if quantity is Quantity.POWER else Decimal(0)
    found: list[Finding] = []
    values: list[int] = []
    for place, cell in enumerate(cells.decode("utf-8", "replace").split(",")):
        text, at = cell.strip(), f"values[{place}]"
        if not text:
            values.append(GAP)
            continue
        number = _number(text)
        if number is None:
            found.append(Finding(code="malformed", field=at, sentence=f"{text[:40]!r} is no number."))
            continue
        wrong = number_findings(number, at, unit=quantity.unit, places=PLACES, low=low, high=MAX_VALUE)
        found += wrong
        if not wrong:
            values.append(int(number.scaleb(PLACES)))
    if found:
        raise Refused(found[:5])
    return np.array(values, dtype=np.int32)


def _number(text: str) -> Decimal | None:
    if len(text) > 40 or "_" in text or not text.isascii():
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@lru_cache(maxsize=4096)
def _placed(text: str, n: int, step: TimeStep, country: str, market: datetime) -> tuple[Span, ...]:
    """Where values from a start on are kept. Many lines have the same start."""
    zone = zone_of(country)
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise refuse("malformed", "start", "An instant such as 2026-03-29T00:00:00Z is expected.") from None
    if start.tzinfo is None:
        raise refuse("naive_time", "start", "Give the start with its offset from UTC.")
    try:
        start = start.astimezone(UTC)
        end = later(start, n, step, zone)
    except (OverflowError, ValueError):
        raise refuse("out_of_range", "start", "There is no such time.") from None
    if start < FIRST:
        raise refuse("out_of_range", "start", f"Values from {FIRST:%d.%m.%Y} on are kept.")
    if not on_grid(start, step, zone):
        where = f"a local midnight of {zone.key}" if step is TimeStep.DAY else f"a whole {step.value} of UTC"
        raise refuse("wrong_time_step", "start", f"The start is not on {where}.")
    if end > market + CLOCK_TOLERANCE:
        sentence = "The last value ends after the platform's present time; look at the clocks."
        raise refuse("in_future", "start", sentence)
    return tuple(spans(start, n, step, zone))
