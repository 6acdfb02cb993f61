"""IEC 62325 market documents: a hand-written one, there and back, days of 23 and 25 hours, hostile ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from app.platform.values.batch import Batch
from app.platform.values.documents import DocumentSeries, read, write
from app.platform.values.packing import decimals
from app.platform.values.reading import Known, Read
from domain.errors import Refused
from domain.marketplace.words import Quantity, TimeStep
from domain.time import DeliveryDay

NOW = datetime(2026, 11, 22, tzinfo=UTC)
KNOWN = Known(countries={"DE-1": "DE", "GR-1": "GR", "A&B<1>": "DE"}, market=NOW)

BY_HAND = """<?xml version="1.0" encoding="UTF-8"?>
<GL_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-6:generationloaddocument:3:0">
  <mRID>doc-1</mRID>
  <revisionNumber>1</revisionNumber>
  <type>A16</type>
  <createdDateTime>2026-10-26T06:00:00Z</createdDateTime>
  <TimeSeries>
    <mRID>1</mRID>
    <businessType>A04</businessType>
    <marketEvaluationPoint.mRID>DE-1</marketEvaluationPoint.mRID>
    <quantity_Measure_Unit.name>KWH</quantity_Measure_Unit.name>
    <curveType>CURVE</curveType>
    <Period>
      <timeInterval><start>2026-10-25T00:00Z</start><end>2026-10-25T01:15Z</end></timeInterval>
      <resolution>PT15M</resolution>
      <Point><position>1</position><quantity>0.25</quantity></Point>
      <Point><position>2</position><quantity>1</quantity></Point>
      <Point><position>5</position><quantity>12.125</quantity></Point>
    </Period>
  </TimeSeries>
</GL_MarketDocument>
"""


def text(value: str, known: Known = KNOWN) -> Read:
    body = value.encode()
    return read((body[k : k + 7] for k in range(0, len(body), 7)), known)


def values(batch: Batch, pod: str = "DE-1") -> list[str]:
    """All that is there, day by day."""
    found = []
    for key in sorted(batch.days):
        day = batch.days[key]
        found += [v for v in decimals(day.values[day.rows[pod]]) if v is not None] if pod in day.rows else []
    return [f"{v.normalize():f}" for v in found]


@pytest.mark.parametrize(
    ("curve", "expected"), [("A01", ["0.25", "1", "12.125"]), ("A03", ["0.25", "1", "1", "1", "12.125"])]
)
def test_by_hand(curve: str, expected: list[str]) -> None:
    found = text(BY_HAND.replace("CURVE", curve))
    assert (found.bad.count, found.n_values, found.n_gaps) == (0, len(expected), 5 - len(expected))
    assert values(found.batch) == expected
    (key,) = found.batch.days
    assert key == (Quantity.CONSUMPTION, TimeStep.MINUTES_15, date(2026, 10, 25))


def series(day: date, step: TimeStep, quantity: Quantity, name: str = "DE-1") -> DocumentSeries:
    whole = DeliveryDay(day=day)
    n = 1 if step is TimeStep.DAY else (whole.end - whole.start) // step.duration
    made: list[Decimal | None] = [Decimal(k).scaleb(-3) for k in range(1, n + 1)]
    if n > 2:
        made[1] = None
    return DocumentSeries(
        name=name, quantity=quantity, time_step=step, start=whole.start, end=whole.end, values=tuple(made)
    )


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)])
@pytest.mark.parametrize("step", list(TimeStep))
@pytest.mark.parametrize("quantity", list(Quantity))
def test_there_and_back(day: date, step: TimeStep, quantity: Quantity) -> None:
    one = series(day, step, quantity)
    found = text("".join(write("m", NOW, [one])))
    assert found.bad.count == 0
    (key,) = found.batch.days
    assert key == (quantity, step, day)
    assert decimals(found.batch.days[key].values[0]) == one.values


def test_a_name_is_text() -> None:
    found = text("".join(write("a<b", NOW, [series(date(2026, 6, 1), TimeStep.HOUR, Quantity.POWER, "A&B<1>")])))
    assert found.bad.count == 0
    assert len(values(found.batch, "A&B<1>")) == 23


POINT = "<Point><position>5</position><quantity>12.125</quantity></Point>"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("DE-1", "DE-9", "unknown_pod"),
        ("KWH", "MWH", "malformed"),
        ("A04", "A77", "malformed"),
        ("PT15M", "PT5M", "wrong_time_step"),
        ("01:15Z", "01:20Z", "wrong_time_step"),
        ("01:15Z", "00:00Z", "out_of_range"),
        ("01:15Z", "01:00Z", "out_of_range"),
        ("01:15Z", "", "malformed"),
        ("01:15Z", "01:15", "naive_time"),
        ("12.125", "NaN", "not_finite"),
        ("12.125", "-1", "negative"),
        ("12.125", "1,5", "malformed"),
        ("12.125", "", "malformed"),
        ("12.125", "1.2345", "too_many_decimals"),
        ("<position>5", "<position>0", "out_of_range"),
        ("<position>5", "<position>2", "duplicate"),
        ("<position>5", "<position>-5", "malformed"),
        ("2026-10-25", "2027-10-25", "in_future"),
        ("CURVE", "A02", "malformed"),
    ],
)
def test_a_bad_series_is_named_by_its_line(old: str, new: str, code: str) -> None:
    found = text(BY_HAND.replace(old, new).replace("CURVE", "A01"))
    assert found.bad.count == 1
    (bad,) = found.bad.named
    assert (bad.line, bad.finding.code) == (7, code)
    assert found.n_values == 0


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><GL_MarketDocument>&b;</GL_MarketDocument>"
FILE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><GL_MarketDocument>&a;</GL_MarketDocument>"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (BOMB, "malformed"),
        (FILE, "malformed"),
        ("<html/>", "malformed"),
        ("", "malformed"),
        ("<GL_MarketDocument>", "malformed"),
        ("<GL_MarketDocument/>", "missing"),
        ("<GL_MarketDocument>&a;</GL_MarketDocument>", "malformed"),
        ("<GL_MarketDocument>" + "<a>" * 50, "malformed"),
        (f"<GL_MarketDocument><mRID>{'x' * 1000}</mRID></GL_MarketDocument>", "too_large"),
    ],
)
def test_hostile_documents(document: str, code: str) -> None:
    with pytest.raises(Refused) as error:
        text(document)
    assert error.value.findings[0].code == code


def test_days_of_another_zone() -> None:
    """Greece's days start an hour before the market's."""
    start = datetime(2026, 10, 24, 21, tzinfo=UTC)
    end = start + timedelta(hours=25)
    one = DocumentSeries(
        name="GR-1",
        quantity=Quantity.GENERATION,
        time_step=TimeStep.DAY,
        start=start,
        end=end,
        values=(Decimal("5.5"),),
    )
    found = text("".join(write("m", NOW, [one])))
    assert [key[2] for key in found.batch.days] == [date(2026, 10, 25)]


def test_more_values_than_an_upload_may_have_are_no_bad_series(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole is too large, also where only the good series are taken."""
    monkeypatch.setattr("app.platform.values.batch.MAX_SLOTS", 30)
    days = [series(date(2026, 6, k), TimeStep.HOUR, Quantity.POWER) for k in (1, 2)]
    with pytest.raises(Refused, match="too_large"):
        text("".join(write("m", NOW, days)))
