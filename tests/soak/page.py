"""The counts of a run, between two marks of a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.soak.running import Tally

BEGIN, END = "<!-- soak: begin -->", "<!-- soak: end -->"
_FAMILIES = {
    "schemathesis, positive": "schemathesis, as described",
    "schemathesis, negative": "schemathesis, against the description",
    "well-formed": "well-formed",
    "another method": "another method",
    "in the body": "one value of a body replaced",
    "the body": "bytes of a body spoiled",
    "headers": "headers",
    "a parameter": "parameters of the address",
    "the query": "query strings",
    "the path": "paths",
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a run found."""

    tally: Tally
    seconds: float
    n_operations: int
    roles: Sequence[str]
    version: str
    seed: int
    at: datetime

    @property
    def n_faults(self) -> int:
        return len(self.tally.faults)

    @property
    def n_changes(self) -> int:
        return len(self.tally.changes)


def write(path: Path, found: Found, logged: int) -> None:
    """Put the counts between the page's marks."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n{shown(found, logged)}{END}{after}", encoding="utf-8")


def shown(found: Found, logged: int) -> str:
    """The counts in Markdown."""
    tally = found.tally
    families: Counter[str] = Counter()
    for kind, count in tally.kinds.items():
        families[_FAMILIES.get(kind, _FAMILIES.get(kind.partition(":")[0], kind))] += count
    rate = tally.n_requests / found.seconds
    facts = {
        "Version": found.version,
        "When": f"{found.at:%Y-%m-%d %H:%M} UTC",
        "Seed": str(found.seed),
        "Requests": f"{tally.n_requests:,}",
        "Seconds": f"{found.seconds:,.0f} ({rate:,.0f} requests/s, one after the other)",
        "Operations": f"{len(tally.operations)} of {found.n_operations}",
        "Sent as": ", ".join(found.roles),
        "Slowest answer": f"{tally.slowest_s:.2f} s",
        "Answers with a fault": str(found.n_faults),
        "Refused requests that changed something": str(found.n_changes),
        "Tracebacks in the server's log": str(logged),
    }
    refused = {code: count for code, count in tally.codes.items() if code}
    return "\n".join(
        [
            *_table(("What", ""), facts),
            *_table(("What was odd", "Requests"), dict(families.most_common())),
            *_table(("Status", "Answers"), {str(status): n for status, n in sorted(tally.statuses.items())}),
            *_table(("Code", "Refusals"), {f"`{code}`": n for code, n in Counter(refused).most_common()}),
        ]
    )


def _table(heads: tuple[str, str], rows: Mapping[str, Any]) -> list[str]:
    right = "---:" if heads[1] else "---"
    lines = [f"| {heads[0]} | {heads[1]} |", f"|---|{right}|"]
    lines += [
        f"| {name} | {value:,} |" if isinstance(value, int) else f"| {name} | {value} |"
        for name, value in rows.items()
    ]
    return ["", *lines, ""] if heads[0] == "What" else [*lines, ""]
