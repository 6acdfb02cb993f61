"""Exports of the audit trail: JSON lines under a signed head, and their check. Neither needs the database.

Line 1 is the head: a JWS over how many rows follow, the last one's hash, the SHA-256 of all that follows, when it
was taken and for whom. Every row has a line, also those that the reader may not see: a row that was left out shows
its hash, so that the rows before and after it are still linked, and that two readers can compare.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.audit import GENESIS, digest
from app.signing import opened
from domain.trail import AuditRow, Sight, TrailLine

SCHEMA = "flexdesk.trail/1"
MOST_FAULTS = 50
_HASH_CHARS = frozenset("0123456789abcdef")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with an export; `line` counts from 1."""

    line: int
    sentence: str


def seen(row: AuditRow, sight: Sight) -> TrailLine | None:
    """What of a row is shown; None for one that is left out."""
    if sight is Sight.HASH:
        return None
    whole = sight is Sight.WHOLE
    return TrailLine(
        sequence=row.sequence,
        wall_at=row.wall_at,
        market_at=row.market_at,
        party_id=row.party_id,
        role=row.role,
        command=row.command,
        account=row.account if whole else None,
        body=row.body if whole else None,
    )


def export(
    rows: Iterable[AuditRow],
    sight: Callable[[AuditRow], Sight],
    *,
    scope: Mapping[str, str],
    taken_at: datetime,
    sign: Callable[[Mapping[str, Any]], str],
) -> str:
    """All rows as the reader may see them, under a signed head.

    scope : for whom it is; sign : see `app.signing.signed`
    """
    whole = hashlib.sha256()
    lines: list[str] = []
    last_hash = GENESIS
    for row in rows:
        line = _dumped(_line(row, sight(row)))
        whole.update(line.encode())
        lines.append(line)
        last_hash = row.hash
    said = {
        "schema": SCHEMA,
        "scope": dict(scope),
        "taken_at": taken_at.isoformat(),
        "n_rows": len(lines),
        "last_hash": last_hash,
        "lines_sha256": whole.hexdigest(),
    }
    return "".join((_dumped({"head": sign(said)}), *lines))


def check(text: str, keys: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with an export, nothing for one that is as it was taken; at most `MOST_FAULTS`.

    keys : JWKS, from where the export's server publishes it
    """
    head, *lines = text.splitlines(keepends=True) or [""]
    said, faults = _head(head, keys)
    if said is None:
        return faults
    found = [*faults, *_chain(lines)]
    if said.get("n_rows") != len(lines):
        sentence = f"The head tells of {said.get('n_rows')} rows; there are {len(lines)}."
        found.append(Fault(line=len(lines) + 1, sentence=sentence))
    elif not found and said.get("last_hash") != (_of(lines[-1])[1] if lines else GENESIS):
        found.append(Fault(line=len(lines) + 1, sentence="The last row is not the one that the head names."))
    if not found and said.get("lines_sha256") != hashlib.sha256("".join(lines).encode()).hexdigest():
        found.append(Fault(line=1, sentence="Something of a row not shown in full was changed."))
    return found[:MOST_FAULTS]


def _head(line: str, keys: Mapping[str, Any]) -> tuple[dict[str, Any] | None, list[Fault]]:
    try:
        token = str(json.loads(line)["head"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, [Fault(line=1, sentence="There is no head.")]
    try:
        said = opened(token, keys)
    except ValueError:
        return None, [Fault(line=1, sentence="The head was not signed with this key.")]
    if said.get("schema") != SCHEMA:
        return None, [Fault(line=1, sentence="The head is not that of a trail.")]
    return said, []


def _chain(lines: Iterable[str]) -> Iterator[Fault]:
    previous = GENESIS
    for sequence, line in enumerate(lines, start=1):
        number = sequence + 1
        try:
            found, hash, row = _of(line)
        except (ValueError, KeyError, TypeError, RecursionError):
            yield Fault(line=number, sentence="This is no row.")
            return
        if found != sequence:
            yield Fault(line=number, sentence=f"Row {sequence} is missing; row {found} stands here.")
            return
        if row is not None and row.previous != previous:
            yield Fault(line=number, sentence=f"Row {sequence} does not follow the row before it.")
        if row is not None and digest(row) != hash:
            yield Fault(line=number, sentence=f"Row {sequence} was changed.")
        previous = hash


def _line(row: AuditRow, sight: Sight) -> dict[str, Any]:
    shown = seen(row, sight)
    if shown is None:
        return {"sequence": row.sequence, "hash": row.hash}
    if sight is Sight.WHOLE:
        return {"row": _plain(row)}
    told = {name: value for name, value in _plain(shown).items() if value is not None}
    return {"sequence": row.sequence, "hash": row.hash, "told": told}


def _of(line: str) -> tuple[int, str, AuditRow | None]:
    """A line's sequence and hash, and its row where it is whole. Raises ValueError, KeyError, TypeError."""
    read = json.loads(line)
    if "row" not in read:
        sequence, hash = read["sequence"], read["hash"]
        if type(sequence) is not int or len(hash) != 64 or not _HASH_CHARS.issuperset(hash):
            raise ValueError("no row")
        return sequence, hash, None
    instants = {name: datetime.fromisoformat(read["row"][name]) for name in ("wall_at", "market_at")}
    row = AuditRow(**read["row"] | instants)
    if type(row.sequence) is not int or type(row.hash) is not str:
        raise ValueError("no row")
    return row.sequence, row.hash, row


def _plain(value: Any) -> dict[str, Any]:
    fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return {name: said.isoformat() if isinstance(said, datetime) else said for name, said in fields.items()}


def _dumped(data: Mapping[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n"
