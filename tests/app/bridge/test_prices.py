"""Price files."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.bridge import prices
from domain.errors import Refused

DAY = date(2016, 7, 25)
SERIES = tuple(Decimal(step) - Decimal("40.25") for step in range(96))


def findings(document: str) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        prices.read(document, DAY)
    return [(finding.code, finding.field) for finding in refused.value.findings]


def test_writing_and_reading_are_inverse() -> None:
    assert prices.read(prices.write(DAY, SERIES), DAY) == SERIES


def test_faults_are_named_with_row_and_column() -> None:
    rows = prices.write(DAY, SERIES).splitlines()
    rows[1] = rows[1].replace("-40.25", "nan")
    rows[2] = rows[2].replace("-39.25", "1.234")
    rows[3] = rows[3].replace("22:30", "22:31")
    rows[4] = rows[4] + ",1"
    assert findings("\n".join(rows)) == [
        ("not_finite", "row 2, column 2"),
        ("too_many_decimals", "row 3, column 2"),
        ("malformed", "row 4, column 1"),
        ("wrong_length", "row 5"),
    ]


def test_a_day_needs_all_its_quarter_hours() -> None:
    assert findings("\n".join(prices.write(DAY, SERIES).splitlines()[:-1])) == [("wrong_length", "document")]
    assert findings("time,price") == [("malformed", "row 1")]
    assert findings("x" * 20_001) == [("too_large", "document")]
