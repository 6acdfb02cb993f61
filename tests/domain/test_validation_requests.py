"""What a DSO's platform takes as a technical validation request, and what it says of what it does not take."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from domain.errors import CODES
from domain.ids import TechnicalValidationId
from domain.platform.validation import (
    MAX_FINDINGS,
    AreaPart,
    CouplingLimits,
    LimitKind,
    PowerPoint,
    TechnicalValidationRequest,
    area_findings,
    coupling_findings,
    request_findings,
)

NOON = datetime(2016, 7, 25, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
D = Decimal


def curve(*powers: str, start: datetime = NOON, step: timedelta = QUARTER) -> tuple[PowerPoint, ...]:
    return tuple(PowerPoint(at=start + k * step, power_mw=D(power)) for k, power in enumerate(powers))


REQUEST = TechnicalValidationRequest(
    id=TechnicalValidationId("TV-1"),
    start=NOON,
    end=NOON + 3 * QUARTER,
    curve=curve("1", "-2.5", "0"),
    load_area=(AreaPart(name="Bus 1", share=D("0.4")), AreaPart(name="Feeder L1", share=D("0.6"))),
)


def said(**changes: object) -> list[tuple[str, str]]:
    request = replace(REQUEST, **changes)  # type: ignore[arg-type]
    return [(finding.code, finding.field) for finding in request_findings(request)]


def test_a_good_request_has_no_findings() -> None:
    assert said() == []
    block = (PowerPoint(at=NOON, power_mw=D("0.000001")),)
    assert said(curve=block, end=NOON + timedelta(minutes=7)) == []


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"curve": ()}, "out_of_range", "curve"),
        ({"curve": curve(*["1"] * 1501, step=timedelta(seconds=1))}, "out_of_range", "curve"),
        ({"curve": curve("0", "0", "-0.0")}, "zero_quantity", "curve"),
        ({"curve": curve("1", "NaN", "1")}, "not_finite", "curve[1].power_mw"),
        ({"curve": curve("1", "sNaN", "1")}, "not_finite", "curve[1].power_mw"),
        ({"curve": curve("1", "1", "-Infinity")}, "not_finite", "curve[2].power_mw"),
        ({"curve": curve("10000.1", "1", "1")}, "out_of_range", "curve[0].power_mw"),
        ({"curve": curve("0.0000001", "1", "1")}, "too_many_decimals", "curve[0].power_mw"),
        ({"curve": curve("1", "2", "3")[::-1]}, "unordered", "curve[1].at"),
        ({"curve": curve("1", "2", "3", step=timedelta(0))}, "unordered", "curve[1].at"),
        ({"curve": curve("1", "2", "3", start=NOON + QUARTER)}, "out_of_range", "curve[2].at"),
        ({"curve": curve("1", "2", "3", start=NOON - QUARTER)}, "out_of_range", "curve[0].at"),
        ({"curve": curve("1", "2", "3")[:2]}, "missing", "curve[1].at"),
        ({"curve": curve("1", "2", "3")[1:]}, "missing", "curve[0].at"),
        ({"curve": curve("1", "2", "3")[::2]}, "missing", "curve[0].at"),
        ({"start": NOON + 4 * QUARTER}, "out_of_range", "end"),
        ({"end": NOON}, "out_of_range", "end"),
        ({"end": NOON + timedelta(days=1)}, "not_on_grid", "end"),
        ({"start": NOON.replace(tzinfo=None)}, "naive_time", "start"),
        ({"end": NOON.replace(tzinfo=None)}, "naive_time", "end"),
        ({"start": datetime.min.replace(tzinfo=UTC)}, "out_of_range", "start"),
        ({"load_area": ()}, "out_of_range", "load_area"),
        ({"load_area": (AreaPart(name=" "),)}, "missing", "load_area[0].name"),
        ({"load_area": (AreaPart(name="a\nb"),)}, "malformed", "load_area[0].name"),
        ({"load_area": (AreaPart(name="a", share=D("0.9")),)}, "out_of_range", "load_area"),
        ({"load_area": (AreaPart(name="a", share=D("NaN")),)}, "not_finite", "load_area[0].share"),
        ({"load_area": (AreaPart(name="a", share=D(-1)), AreaPart(name="b"))}, "negative", "load_area[0].share"),
        ({"load_area": (AreaPart(name="a", share=D("0.5")),) * 2}, "duplicate", "load_area[1].name"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, object], code: str, field: str) -> None:
    assert (code, field) in said(**changes)


def test_a_naive_value_and_the_last_instant_of_the_calendar() -> None:
    naive = (PowerPoint(at=NOON.replace(tzinfo=None), power_mw=D(1)), *REQUEST.curve[1:])
    assert said(curve=naive) == [("naive_time", "curve[0].at")]
    last = datetime.max.replace(tzinfo=UTC)
    assert ("out_of_range", "start") in said(start=last - QUARTER, end=last)


def test_everything_at_once_and_not_without_end() -> None:
    bad = {"end": NOON, "curve": curve("NaN"), "load_area": ()}
    assert [field for _, field in said(**bad)] == ["end", "curve[0].power_mw", "load_area"]
    assert len(said(curve=curve(*["NaN"] * 1000))) == MAX_FINDINGS


def test_a_gap_is_told_with_its_times() -> None:
    gap = replace(REQUEST, end=NOON + 4 * QUARTER, curve=(*curve("1", "2"), *curve("4", start=NOON + 3 * QUARTER)))
    (finding,) = request_findings(gap)
    assert finding.sentence.startswith("No value from 2016-07-25T12:30:00Z to 2016-07-25T12:45:00Z; ")
    assert finding.sentence.endswith("15 minutes apart.")


def test_the_end_of_the_days_of_the_clock_change() -> None:
    """25 October 2026 has 100 quarter hours, the last one ends at 23:00 UTC."""
    midnight = datetime(2026, 10, 25, 23, tzinfo=UTC)
    block = {"start": midnight - timedelta(hours=25), "curve": curve("1", start=midnight - timedelta(hours=25))}
    assert said(**block, end=midnight) == []
    assert said(**block, end=midnight + timedelta(seconds=1)) == [("not_on_grid", "end")]


def test_moments_are_where_the_curve_or_the_quarter_hour_changes() -> None:
    berlin = timezone(timedelta(hours=2))
    start = (NOON + timedelta(minutes=5)).astimezone(berlin)
    request = replace(
        REQUEST,
        start=start,
        end=start + timedelta(minutes=30),
        curve=curve("1", "2", "3", start=start, step=timedelta(minutes=10)),
    )
    assert request_findings(request) == []
    moments = request.moments()
    assert [(at - NOON) // timedelta(minutes=1) for at in moments] == [5, 15, 25, 30]
    assert all(at.tzinfo is UTC for at in moments)
    assert [request.power_mw(at) for at in moments] == [D(1), D(2), D(3), D(3)]
    assert [request.power_mw(NOON + timedelta(minutes=m)) for m in (14, 34)] == [D(1), D(3)]
    whole = replace(REQUEST, curve=curve("1"), end=NOON + 2 * QUARTER)
    assert whole.moments() == (NOON, NOON + QUARTER)


def test_an_area_that_is_not_there_is_named() -> None:
    assert area_findings(REQUEST, {"Bus 1", "Feeder L1"}) == []
    (finding,) = area_findings(REQUEST, {"Bus 1"})
    assert (finding.code, finding.field) == ("unknown_area", "load_area[1].name")
    assert finding.code in CODES


def test_limits_of_the_coupling_point() -> None:
    assert coupling_findings(CouplingLimits()) == []
    assert coupling_findings(CouplingLimits(import_max_mw=D(0), s_max_mva=D("40.5"))) == []
    bad = CouplingLimits(import_max_mw=D(-1), export_max_mw=D("Infinity"), s_max_mva=D("NaN"))
    assert [(f.code, f.field) for f in coupling_findings(bad)] == [
        ("negative", "import_max_mw"),
        ("not_finite", "export_max_mw"),
        ("not_finite", "s_max_mva"),
    ]


def test_every_kind_of_limit_has_a_unit() -> None:
    assert [kind.unit for kind in LimitKind] == ["pu", "%", "MW", "MW", "MVA", ""]
