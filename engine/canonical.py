"""One spelling of a JSON document, so that equal documents have equal bytes and hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

OUTSIDE_OF_HASH = ("seconds", "versions", "result_sha256")


def canonical_json(document: Any) -> bytes:
    """UTF-8 JSON with sorted keys, no spaces and shortest round-trip numbers (RFC 8785 in spirit).

    Raises ValueError for numbers that are not finite.
    """
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode(
        "utf-8"
    )


def sha256_of(document: Any) -> str:
    """Hexadecimal SHA-256 of the canonical JSON of `document`."""
    return hashlib.sha256(canonical_json(document)).hexdigest()


def result_sha256(result: Mapping[str, Any]) -> str:
    """Hash of a ``flexdesk.result/1`` without what may differ between equal runs: times and versions."""
    solve = {key: value for key, value in result["solve"].items() if key not in OUTSIDE_OF_HASH}
    return sha256_of({**result, "solve": solve})
