"""Clearing a document in one call, for the tests that hold the engine against a reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine import clear, read_case

Result = dict[str, Any]


@pytest.fixture
def cleared() -> Callable[[Any], Result]:
    """The result of a document that has no findings."""

    def run(document: Any) -> Result:
        case, findings = read_case(document)
        assert findings == ()
        return clear(case).result

    return run
