"""Schedule files: sign, days of 92, 96 and 100 quarter hours, and every fault with row and column."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bridge import networks, schedules
from domain.errors import Refused

EXAMPLES = Path(__file__).parents[3] / "assets" / "demo" / "examples"
NETWORK = (EXAMPLES / "three-bus.json").read_text()
DOCUMENT = (EXAMPLES / "three-bus-2016-07-25.csv").read_text()
DAY = date(2016, 7, 25)


def cells() -> list[list[str]]:
    return [line.split(",") for line in DOCUMENT.splitlines()]


def text(rows: list[list[str]]) -> str:
    return "\n".join(",".join(row) for row in rows)


def findings(document: str, day: date = DAY) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        schedules.read(NETWORK, document, day)
    return [(finding.code, finding.field) for finding in refused.value.findings]


def test_facts_have_the_markets_sign() -> None:
    facts = schedules.read(NETWORK, DOCUMENT, DAY)
    assert facts.p_mw["PV-1"][50] > 4
    assert facts.p_mw["LD-1"][50] < 0
    assert facts.q_mvar["LD-1"][50] < 0
    assert "PV-1" not in facts.q_mvar


def test_a_charging_storage_is_positive_in_the_file_and_negative_in_the_market() -> None:
    rows = cells()
    battery = next(row for row in rows if row[0] == "BAT-1")
    battery[2] = "0.4"
    assert schedules.read(NETWORK, text(rows), DAY).p_mw["BAT-1"][0] == Decimal("-0.4")


@pytest.mark.parametrize(
    "cell", ["", "=1+1", "nan", "inf", "1e3", "1,5".replace(",", ";"), "٣", "0x1", "@SUM(A1)"]
)
def test_a_cell_that_is_no_number_is_named(cell: str) -> None:
    rows = cells()
    rows[3][7] = cell
    assert findings(text(rows)) == [("not_finite", "row 4, column 8")]


@pytest.mark.parametrize(
    ("cell", "code"), [("-0.1", "negative"), ("10001", "out_of_range"), ("0.1234567", "too_many_decimals")]
)
def test_a_number_that_no_load_can_have(cell: str, code: str) -> None:
    rows = cells()
    rows[1][2] = cell
    assert findings(text(rows)) == [(code, "row 2, column 3")]


def test_rows_that_do_not_belong() -> None:
    rows = cells()
    rows += [["NO-1", *rows[1][1:]], [rows[1][0], "p_kw", *rows[1][2:]], rows[1], rows[1][:-1]]
    n = len(rows)
    assert findings(text(rows)) == [
        ("unknown_unit", f"row {n - 3}, column 1"),
        ("invalid_schedule", f"row {n - 2}, column 2"),
        ("invalid_schedule", f"row {n - 1}"),
        ("wrong_length", f"row {n}"),
    ]


def test_every_unit_needs_its_row() -> None:
    assert findings(text([row for row in cells() if row[0] != "PV-1"])) == [("missing", "document")]


def test_header_of_another_day_is_refused_at_its_columns() -> None:
    found = findings(DOCUMENT, date(2016, 7, 26))
    assert found[0] == ("invalid_schedule", "row 1, column 3")


@pytest.mark.parametrize(("day", "n_steps"), [(date(2026, 3, 29), 92), (DAY, 96), (date(2026, 10, 25), 100)])
def test_days_of_the_clock_changes(day: date, n_steps: int) -> None:
    units = networks.read(NETWORK).units
    values = tuple(Decimal(step) for step in range(n_steps))
    written = schedules.write(day, units, {unit.unit_id: values for unit in units if unit.kind == "generator"}, {})
    with pytest.raises(Refused, match="LD-1"):
        schedules.read(NETWORK, written, day)
    whole = schedules.write(
        day,
        units,
        {u.unit_id: tuple(-v for v in values) for u in units if u.kind != "generator"}
        | {u.unit_id: values for u in units if u.kind == "generator"},
        {},
    )
    assert schedules.read(NETWORK, whole, day).p_mw["PV-1"] == values


@given(st.lists(st.decimals(0, 100, places=6), min_size=96, max_size=96))
def test_writing_and_reading_are_inverse(values: list[Decimal]) -> None:
    units = networks.read(NETWORK).units
    p_mw = {unit.unit_id: tuple(v if unit.kind == "generator" else -v for v in values) for unit in units}
    q_mvar = {"LD-1": tuple(-v for v in values)} if any(values) else {}
    facts = schedules.read(NETWORK, schedules.write(DAY, units, p_mw, q_mvar), DAY)
    assert facts.p_mw == p_mw
    assert facts.q_mvar == q_mvar
