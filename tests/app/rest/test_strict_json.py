"""The strict reader: everything that JSON can say comes back exactly, everything else is refused."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rest.strict import MAX_DEPTH, read_json
from domain.errors import Refused

_TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=20)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=20,
)


def depth(value: Any) -> int:
    if not isinstance(value, list | dict):
        return 0
    return 1 + max(map(depth, value.values() if isinstance(value, dict) else value), default=0)


@given(_VALUES)
def test_values_come_back(value: Any) -> None:
    body = json.dumps(value).encode()
    if depth(value) > MAX_DEPTH:
        with pytest.raises(Refused):
            read_json(body)
    else:
        assert read_json(body) == value


@given(st.decimals(-10_000, 10_000, places=12))
def test_numbers_are_exact(number: Decimal) -> None:
    assert read_json(format(number, "f").encode()) == number


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(Refused):
        read_json(body)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 17 + b"]" * 17])
def test_depth_is_bounded(body: bytes) -> None:
    with pytest.raises(Refused, match="malformed"):
        read_json(body)


def test_equal_keys_in_different_objects_are_fine() -> None:
    assert read_json(b'[{"a":1},{"a":{"a":2}}]') == [{"a": 1}, {"a": {"a": 2}}]
