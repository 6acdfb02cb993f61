"""The search for the largest allowed number, against trying every number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.grid.last_allowed import last_allowed

TOP = 1500
PLACES = st.floats(-0.5, 1.5)
SIZES = st.floats(-5.0, 5.0)


@st.composite
def bent(draw):
    """A parabola or a broken line over 0..1 as a function of an array."""
    at, slope, bend, level = draw(PLACES), draw(SIZES), draw(SIZES), draw(st.floats(-2.0, 2.0))
    if draw(st.booleans()):
        return lambda x: level + slope * (x - at) + 4.0 * bend * (x - at) ** 2
    return lambda x: level + slope * (x - at) + bend * np.abs(x - at)


@settings(max_examples=300, deadline=None)
@given(st.lists(bent(), min_size=1, max_size=4))
def test_finds_what_trying_every_number_finds(functions):
    table = np.stack([f(np.arange(TOP + 1) / TOP) for f in functions], axis=1)
    fits = (table <= 0.0).all(axis=1)
    assume(not fits[TOP])
    assert last_allowed(lambda n: table[n], TOP) == max(np.flatnonzero(fits), default=0)


@pytest.mark.parametrize("place", [600_001, 612_345, 627_000, 640_123])
@pytest.mark.parametrize(("left", "right"), [(1.0, 1.0), (10.0, 1.0), (1.0, 10.0)])
def test_a_dip_between_two_numbers_of_the_scan_is_found(place, left, right):
    def kink(numbers):
        return np.maximum(left * (place - numbers), right * (numbers - place))[:, None] - 0.5

    assert last_allowed(kink, 1_000_000) == place
    assert last_allowed(lambda n: ((n - place) ** 2 - 2.5)[:, None].astype(float), 1_000_000) == place + 1


def test_where_one_quantity_comes_in_as_another_goes_out():
    """Neither forbids all of a cell: together they allow three numbers of a million."""
    both = lambda n: np.stack([400_000.0 - n, n - 400_002.0], axis=1)  # noqa: E731 - two lines side by side
    assert last_allowed(both, 1_000_000) == 400_002
    none = lambda n: np.stack([np.where(n > 0, 400_001.0 - n, -1.0), n - 400_000.0], axis=1)  # noqa: E731
    assert last_allowed(none, 1_000_000) == 0


def test_where_there_is_no_state_nothing_is_allowed():
    def state(numbers):
        none = numbers > 300_000
        return np.stack([np.where(none, np.nan, -1.0), np.where(none, 1.0, -1.0)], axis=1)

    assert last_allowed(state, 1_000_000) == 300_000
    assert last_allowed(lambda n: state(n)[:, :1], 300_010) == 300_000


@pytest.mark.parametrize("top", [1, 2, 3, 7, 64, 65, 1000])
def test_small_ranges(top):
    assert last_allowed(lambda n: (n - top + 0.5)[:, None], top) == top - 1
    assert last_allowed(lambda n: (n - 0.5)[:, None], top) == 0


def test_few_numbers_are_asked_for():
    asked = []

    def beyond(numbers):
        asked.extend(numbers.tolist())
        return ((numbers / 1e6) ** 2 - 0.3)[:, None]

    assert last_allowed(beyond, 1_000_000) == int(1e6 * 0.3**0.5)
    assert len(asked) == len(set(asked)) < 100
