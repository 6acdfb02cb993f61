"""What a job found, as a JSON document for whoever keeps its own records."""

from __future__ import annotations

import json
import math
from typing import Any

from app.bridge.packing import is_packed, unpack
from app.bridge.trading import book_document

SCHEMA = "flexdesk.result/1"


def result_document(result: bytes) -> str:
    """A job's result as text: `facts` as they were packed, `series` as nested lists, null for what is no number. A
    matching has facts alone.

    Raises:
        ValueError: the bytes are none of ours.
    """
    facts, arrays = unpack(result) if is_packed(result) else (book_document(result), {})
    series = {name: _finite(values.tolist()) for name, values in sorted(arrays.items())}
    return json.dumps({"schema": SCHEMA, "facts": facts, "series": series}, separators=(",", ":"), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
