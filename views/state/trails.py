"""The audit trail as rows: who did what when, as far as the reader may see it."""

from __future__ import annotations

import json
import re
from typing import Any

from domain.trail import TrailLine
from views.state.common import MISSING, local, utc
from views.state.place_words import capital

LONGEST_VALUE = 400
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def act_words(command: str) -> str:
    """Such as `Accept company` of `AcceptCompany`."""
    return capital(_HUMP.sub(" ", command).lower())


def trail_record(line: TrailLine) -> dict[str, Any]:
    return {
        "id": str(line.sequence),
        "n": line.sequence,
        "at": local(line.wall_at, "%d %b %Y %H:%M:%S"),
        "at_utc": utc(line.wall_at),
        "role": capital(line.role.replace("_", " ")),
        "party": line.party_name or line.party_id or MISSING,
        "account": line.account or MISSING,
        "act": act_words(line.command),
        "said": _sentence(line),
    }


def body_facts(line: TrailLine) -> list[tuple[str, str]]:
    """What was said in an act, field by field; long values are cut."""
    try:
        read = json.loads(line.body or "")
    except ValueError:
        return []
    fields = read.items() if isinstance(read, dict) else ()
    return [(act_words(name.replace("_", " ")), _shown(value)) for name, value in fields]


def _sentence(line: TrailLine) -> str:
    """In short, for a cell of a table: what stands in it by itself."""
    plain = [(name, value) for name, value in body_facts(line) if value[:1] not in ("{", "[") and value != "null"]
    return "; ".join(f"{name} {value}" for name, value in plain)[:LONGEST_VALUE] or MISSING


def _shown(value: Any) -> str:
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return (said if len(said) <= LONGEST_VALUE else f"{said[:LONGEST_VALUE]}…") or MISSING
