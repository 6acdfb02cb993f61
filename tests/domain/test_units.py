"""Exact quantities: which numbers are refused, with which code, and how amounts round."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import cents, decimals, energy_mwh, price_findings, prices_findings, quantity_findings


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("0", 0),
        ("0.000000", 0),
        ("1E+3", 0),
        ("100", 0),
        ("1.50", 1),
        ("-0.000001", 6),
        ("1." + "0" * 40 + "1", 41),
    ],
)
def test_decimals_counts_places_that_carry_a_digit(text: str, places: int) -> None:
    assert decimals(Decimal(text)) == places


@given(st.integers(-(10**40), 10**40), st.integers(0, 30))
def test_decimals_is_the_least_shift_that_makes_a_whole_number(digits: int, places: int) -> None:
    value = Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), -places))
    shift = decimals(value)
    assert abs(digits) * 10**shift % 10**places == 0
    assert shift == 0 or abs(digits) * 10 ** (shift - 1) % 10**places != 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NaN", "not_finite"),
        ("sNaN", "not_finite"),
        ("-Infinity", "not_finite"),
        ("10000.01", "out_of_range"),
        ("-10000.01", "out_of_range"),
        ("1E+999999", "out_of_range"),
        ("0.001", "too_many_decimals"),
    ],
)
def test_bad_prices(text: str, code: str) -> None:
    assert [f.code for f in price_findings(Decimal(text), "price")] == [code]


@pytest.mark.parametrize("text", ["0", "-10000", "10000.00", "0.01", "-0"])
def test_good_prices(text: str) -> None:
    assert price_findings(Decimal(text), "price") == []


def test_quantities_name_the_step_and_at_most_five_of_them() -> None:
    values = (Decimal(0), *[Decimal(-1)] * 7)
    found = quantity_findings(values, "p_mw", 8)
    assert [(f.code, f.field) for f in found] == [("negative", f"p_mw[{step}]") for step in range(1, 6)]


def test_a_quantity_of_nothing_and_of_the_wrong_length() -> None:
    assert [f.code for f in quantity_findings((Decimal(0),) * 4, "q", 4)] == ["zero_quantity"]
    assert [f.code for f in quantity_findings((Decimal(1),) * 3, "q", 4)] == ["wrong_length"]
    assert prices_findings((Decimal(0),) * 4, "price", 4) == []


def test_amounts_round_half_to_even() -> None:
    assert [cents(Decimal(text)) for text in ("0.005", "0.015", "-0.025")] == [
        Decimal("0.00"),
        Decimal("0.02"),
        Decimal("-0.02"),
    ]


def test_energy_is_a_quarter_of_the_power() -> None:
    assert energy_mwh((Decimal(1), Decimal("0.000001"))) == Decimal("0.25000025")
