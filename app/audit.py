"""The audit trail's hash chain: pure functions; the store writes and reads the rows.

Each row's hash covers all that the row says and the hash of the row before it, so a row that is changed,
removed or put in between breaks the chain at a place that can be named.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from domain.trail import AuditRow as AuditRow

GENESIS = "0" * 64
"""The hash before the first row."""

LONG = 4096
"""A text or byte field longer than this enters the trail by its SHA-256."""

SECRET = frozenset({"password", "present", "secret", "token"})
"""Fields whose value never enters the trail: a hash of a password can be guessed."""

COUNTED = frozenset({("ValuesMessage", "series")})
"""Fields of which the trail keeps the number only: values of people, as the trail outlasts their consent."""


def sealed(row: AuditRow) -> AuditRow:
    """The row with its hash."""
    return dataclasses.replace(row, hash=digest(row))


def digest(row: AuditRow) -> str:
    """SHA-256 over the row's canonical JSON, its own hash left out."""
    said = {
        field.name: _plain(getattr(row, field.name)) for field in dataclasses.fields(row) if field.name != "hash"
    }
    text = json.dumps(said, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def first_broken(rows: Iterable[AuditRow]) -> int | None:
    """Sequence of the first place where the chain does not hold, from rows in order; None when it does.

    A row that is missing is named by the sequence it should have had.
    """
    previous = GENESIS
    for expected, row in enumerate(rows, start=1):
        if row.sequence != expected or row.previous != previous or row.hash != digest(row):
            return expected
        previous = row.hash
    return None


def censored(command: object, data: Mapping[str, Any]) -> dict[str, Any]:
    """A command's JSON data as the trail keeps it: secrets withheld, long documents by hash and length, values of
    people by their number; also within the messages that it holds.

    data : the command's fields as `json` can write them, by field name
    """
    kind = type(command).__name__
    return {name: _censored(kind, name, getattr(command, name), value) for name, value in data.items()}


def _censored(kind: str, name: str, raw: object, value: Any) -> Any:
    if name in SECRET:
        return "withheld"
    if (kind, name) in COUNTED:
        return {"withheld": len(value)}
    if dataclasses.is_dataclass(raw) and isinstance(value, Mapping):
        return censored(raw, value)
    if isinstance(raw, str):
        raw = raw.encode("utf-8", "surrogatepass")
    if isinstance(raw, bytes) and len(raw) > LONG:
        return {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
    return value


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
