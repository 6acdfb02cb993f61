"""What became of a bulk file: a sentence, and its bad lines as rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

from domain.errors import Finding, Refused
from views.state.spans import plural

_PLACE = re.compile(r"line (\d+)(?:, (.*))?", re.DOTALL)


class BadLine(Protocol):
    @property
    def line(self) -> int: ...
    @property
    def finding(self) -> Finding: ...


class Uploaded(Protocol):
    """What the platform answers."""

    @property
    def n_stored(self) -> int: ...
    @property
    def n_same(self) -> int: ...
    @property
    def n_bad(self) -> int: ...
    @property
    def bad(self) -> tuple[BadLine, ...]: ...


@dataclass(frozen=True, kw_only=True)
class Report:
    """`words` in a sentence; `lines`: rows of the book of bad lines; `stored`: whether anything may be new."""

    words: str
    lines: tuple[dict[str, Any], ...]
    stored: bool


def report_of(done: Uploaded) -> Report:
    """Of a file that was taken, in whole or but for its bad lines."""
    n_values = getattr(done, "n_values", None)
    stored = f"{done.n_stored:,} stored"
    words = [stored if n_values is None else f"{n_values:,} values read, {plural(done.n_stored, 'day')} stored"]
    n_gaps = getattr(done, "n_gaps", 0)
    if n_gaps:
        words.append(plural(n_gaps, "gap"))
    if done.n_same:
        words.append(f"{done.n_same:,} there already")
    if done.n_bad:
        words.append(f"{plural(done.n_bad, 'bad line')} left out{_cut(done.n_bad, len(done.bad))}")
    lines = tuple(_row(bad.line, bad.finding.field, bad.finding) for bad in done.bad)
    return Report(words=", ".join(words) + ".", lines=lines, stored=True)


def report_of_refusal(refused: Refused) -> Report:
    """Of a file of which nothing was stored; findings without a line stand at the top."""
    lines = []
    for finding in refused.findings:
        place = _PLACE.fullmatch(finding.field)
        line, field = (int(place[1]), place[2] or "") if place else (None, finding.field)
        lines.append(_row(line, field, finding))
    return Report(words=f"Nothing was stored. {plural(len(lines), 'finding')}:", lines=tuple(lines), stored=False)


def _row(line: int | None, field: str, finding: Finding) -> dict[str, Any]:
    return {"line": line, "field": field, "what": finding.sentence, "code": finding.code}


def _cut(n_bad: int, n_named: int) -> str:
    return "" if n_named >= n_bad else f", of which {n_named} are listed"
