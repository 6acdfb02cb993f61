"""Values as IEC 62325 market documents in XML (after GL_MarketDocument), out and in.

One TimeSeries per PoD or aggregate, a Period with its resolution per stretch, a Point per value. Written is curve
type A01 (fixed blocks): a missing position is a gap. Read are A01 and A03 (a missing position repeats the value
before it). Instants are UTC, positions count from 1; a local day of 23 or 25 hours has 92 or 100 quarter hours.
Energy is business type A04 (consumption) or A01 (production) in KWH, power is in KWT.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from xml.parsers import expat
from xml.sax.saxutils import escape

from app.platform.values.reading import MAX_VALUES, Known, Line, Read, take
from domain.errors import Refused, refuse
from domain.marketplace.words import Quantity, TimeStep
from domain.time import as_utc

NAMESPACE = "urn:iec62325.351:tc57wg16:451-6:generationloaddocument:3:0"
BUSINESS_TYPE = {Quantity.CONSUMPTION: "A04", Quantity.GENERATION: "A01", Quantity.POWER: "A04"}
UNIT = {Quantity.CONSUMPTION: "KWH", Quantity.GENERATION: "KWH", Quantity.POWER: "KWT"}
_QUANTITY: Mapping[tuple[str, str], Quantity] = {
    ("KWH", "A04"): Quantity.CONSUMPTION,
    ("KWH", "A01"): Quantity.GENERATION,
    ("KWT", "A04"): Quantity.POWER,
    ("KWT", "A01"): Quantity.POWER,
}
RESOLUTION = {
    TimeStep.MINUTES_10: "PT10M",
    TimeStep.MINUTES_15: "PT15M",
    TimeStep.MINUTES_30: "PT30M",
    TimeStep.HOUR: "PT60M",
    TimeStep.DAY: "P1D",
}
_STEP = {resolution: step for step, resolution in RESOLUTION.items()} | {"PT1H": TimeStep.HOUR}
MAX_DEPTH, MAX_TEXT = 12, 200
A01, A03 = "A01", "A03"


@dataclass(frozen=True, kw_only=True)
class DocumentSeries:
    """`values` [n], None for a gap, from `start` to before `end`."""

    name: str
    quantity: Quantity
    time_step: TimeStep
    start: datetime
    end: datetime
    values: tuple[Decimal | None, ...]

    def pieces(self) -> Iterator[DocumentSeries]:
        """The series in lengths that are read again; those of nothing but gaps say nothing and are left out."""
        step, size = self.time_step.duration, MAX_VALUES
        for at in range(0, len(self.values), size):
            values = self.values[at : at + size]
            start, last = self.start + at * step, at + size >= len(self.values)
            if any(value is not None for value in values):
                yield replace(self, start=start, end=self.end if last else start + size * step, values=values)


def write(mrid: str, created_at: datetime, series: Iterable[DocumentSeries]) -> Iterator[str]:
    """The document piece by piece. Names may hold any text."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<GL_MarketDocument xmlns="{NAMESPACE}">\n'
    yield f"<mRID>{escape(mrid)}</mRID><revisionNumber>1</revisionNumber><type>A16</type>\n"
    yield f"<createdDateTime>{created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</createdDateTime>\n"
    for number, one in enumerate(series, start=1):
        yield (
            f"<TimeSeries><mRID>{number}</mRID><businessType>{BUSINESS_TYPE[one.quantity]}</businessType>"
            f"<marketEvaluationPoint.mRID>{escape(one.name)}</marketEvaluationPoint.mRID>"
            f"<quantity_Measure_Unit.name>{UNIT[one.quantity]}</quantity_Measure_Unit.name>"
            f"<curveType>{A01}</curveType>\n"
        )
        for piece in one.pieces():
            yield from _period(piece)
        yield "</TimeSeries>\n"
    yield "</GL_MarketDocument>\n"


def _period(piece: DocumentSeries) -> Iterator[str]:
    yield (
        f"<Period><timeInterval><start>{_instant(piece.start)}</start><end>{_instant(piece.end)}</end>"
        f"</timeInterval><resolution>{RESOLUTION[piece.time_step]}</resolution>\n"
    )
    for position, value in enumerate(piece.values, start=1):
        if value is not None:
            yield f"<Point><position>{position}</position><quantity>{value:f}</quantity></Point>\n"
    yield "</Period>\n"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def read(chunks: Iterable[bytes], known: Known) -> Read:
    """The series of a document; a bad one is named by the line where its TimeSeries begins.

    Raises:
        Refused: `malformed` for no such document, also for one with a DOCTYPE; `too_large`; `missing`.
    """
    reader = _Reader(known)
    try:
        for chunk in chunks:
            reader.parser.Parse(chunk, False)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise refuse("malformed", f"line {error.lineno}", "This is no well-formed XML.") from None
    if not reader.found.n_values and not reader.found.bad.count:
        raise refuse("missing", "body", "The document has no value.")
    return reader.found


@dataclass
class _Series:
    line: int
    texts: dict[str, str] = field(default_factory=dict)
    period: dict[str, str] = field(default_factory=dict)
    points: dict[int, str] = field(default_factory=dict)
    wrong: Refused | None = None


_OF_SERIES = {"businessType", "marketEvaluationPoint.mRID", "quantity_Measure_Unit.name", "curveType"}
_OF_PERIOD = {"start", "end", "resolution"}


class _Reader:
    """Handlers of one parse. Entities are not expanded: a DOCTYPE, where they are declared, is refused."""

    def __init__(self, known: Known) -> None:
        self.found = Read()
        self._known = known
        self._path: list[str] = []
        self._text = ""
        self._series: _Series | None = None
        self._point: dict[str, str] = {}
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._on_start
        self.parser.EndElementHandler = self._on_end
        self.parser.CharacterDataHandler = self._on_text
        self.parser.StartDoctypeDeclHandler = self._on_doctype

    def _on_doctype(self, *_: object) -> None:
        raise refuse("malformed", f"line {self.parser.CurrentLineNumber}", "A document has no DOCTYPE.")

    def _on_start(self, name: str, _attributes: object) -> None:
        tag = name.rpartition(" ")[2]
        if not self._path and tag != "GL_MarketDocument":
            raise refuse("malformed", "line 1", "A GL_MarketDocument is expected.")
        if len(self._path) >= MAX_DEPTH:
            raise refuse("malformed", f"line {self.parser.CurrentLineNumber}", "The document is nested too deep.")
        self._path.append(tag)
        self._text = ""
        if tag == "TimeSeries":
            self._series = _Series(line=self.parser.CurrentLineNumber)
        elif tag == "Period" and self._series is not None:
            self._series.period, self._series.points = {}, {}

    def _on_text(self, text: str) -> None:
        self._text += text
        if len(self._text) > MAX_TEXT and self._text.strip():
            raise refuse("too_large", f"line {self.parser.CurrentLineNumber}", "A text is too long.")
        if not self._text.strip():
            self._text = ""

    def _on_end(self, name: str) -> None:
        tag, text = name.rpartition(" ")[2], self._text.strip()
        self._path.pop()
        self._text = ""
        series = self._series
        if series is None:
            return
        try:
            self._closed(tag, text, series)
        except Refused as refused:
            if refused.findings[0].code == "too_large":
                raise
            series.wrong = series.wrong or refused
        if tag == "TimeSeries":
            if series.wrong is not None:
                self.found.bad.add(series.line, series.wrong.findings)
            self._series = None

    def _closed(self, tag: str, text: str, series: _Series) -> None:
        if tag in _OF_SERIES:
            series.texts[tag] = text
        elif tag in _OF_PERIOD:
            series.period[tag] = text
        elif tag in ("position", "quantity"):
            self._point[tag] = text
        elif tag == "Point":
            point, self._point = self._point, {}
            _add_point(series, point)
        elif tag == "Period" and series.wrong is None:
            take(self.found, _line(series), series.line, self._known)


def _add_point(series: _Series, point: Mapping[str, str]) -> None:
    position, quantity = point.get("position", ""), point.get("quantity", "")
    if not (position.isascii() and position.isdigit() and len(position) < 6) or not quantity or "," in quantity:
        raise refuse("malformed", "Point", "A position and a quantity are expected.")
    at = int(position)
    if at in series.points:
        raise refuse("duplicate", "Point", f"Position {at} is there twice.")
    if not 1 <= at <= MAX_VALUES:
        raise refuse("out_of_range", "Point", f"Position {at} is not in the period.")
    series.points[at] = quantity


def _line(series: _Series) -> Line:
    quantity = _QUANTITY.get(
        (series.texts.get("quantity_Measure_Unit.name", ""), series.texts.get("businessType", ""))
    )
    if quantity is None:
        raise refuse("malformed", "businessType", "A04 or A01 in KWH or KWT are read.")
    step = _STEP.get(series.period.get("resolution", ""))
    if step is None:
        raise refuse("wrong_time_step", "resolution", f"One of {', '.join(_STEP)} is expected.")
    curve = series.texts.get("curveType", A01)
    if curve not in (A01, A03):
        raise refuse("malformed", "curveType", "A01 or A03 is expected.")
    start = series.period.get("start", "")
    n = _n_values(start, series.period.get("end", ""), step)
    if any(position > n for position in series.points):
        raise refuse("out_of_range", "Point", f"The period has {n} positions.")
    cells, last = [], ""
    for position in range(1, n + 1):
        given = series.points.get(position, "")
        last = given or (last if curve == A03 else "")
        cells.append(last)
    return Line(
        pod_id=series.texts.get("marketEvaluationPoint.mRID", ""),
        quantity=quantity.value,
        step=step.value,
        start=start,
        cells=",".join(cells).encode("utf-8", "replace"),
    )


def _n_values(start: str, end: str, step: TimeStep) -> int:
    """How many of a step an interval has; local days are 23 to 25 hours long."""
    try:
        length = as_utc(datetime.fromisoformat(end), "end") - as_utc(datetime.fromisoformat(start), "start")
    except (ValueError, OverflowError):
        raise refuse("malformed", "timeInterval", "Instants such as 2026-03-28T23:00Z are expected.") from None
    if not timedelta(0) < length <= timedelta(days=MAX_VALUES):
        raise refuse("out_of_range", "timeInterval", "The end has to be after the start.")
    if step is TimeStep.DAY:
        n = round(length / step.duration)
        fits = abs(length - n * step.duration) <= timedelta(hours=1)
    else:
        n, rest = divmod(length, step.duration)
        fits = not rest
    if not fits or not 1 <= n <= MAX_VALUES:
        raise refuse("wrong_time_step", "timeInterval", f"It is no whole number of {step.value}, or of too many.")
    return n
