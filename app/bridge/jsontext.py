"""Foreign JSON text to plain values: no NaN, no duplicate keys, limited size and depth."""

from __future__ import annotations

import json
from typing import Any

from domain.errors import refuse

MAX_CHARS = 8_000_000


def loads(text: str, field: str, max_chars: int = MAX_CHARS) -> Any:
    """The value of a JSON text.

    Raises:
        Refused: `too_large`, or `malformed` for what is no JSON, for NaN and infinity, and for keys given twice.
    """
    if len(text) > max_chars:
        raise refuse("too_large", field, f"{len(text)} characters; at most {max_chars} are taken.")
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
    except RecursionError:
        raise refuse("malformed", field, "The JSON is nested too deeply.") from None
    except ValueError as error:
        raise refuse("malformed", field, f"This is no valid JSON: {error}.") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number in JSON")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice!r} is given twice in one object")
    return result
