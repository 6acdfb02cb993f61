"""What an upload says of its lines: the bad ones with their numbers, and how many were stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.errors import Finding, Refused

MAX_BAD_LINES = 100
"""Named one by one; further ones are counted."""


@dataclass(frozen=True, kw_only=True)
class BadLine:
    """A line of an upload, counted from 1, and what is wrong with it."""

    line: int
    finding: Finding


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """What became of an upload: `n_stored` new or changed, `n_same` there already, `n_bad` left out."""

    n_stored: int
    n_same: int
    n_bad: int
    bad: tuple[BadLine, ...] = ()


@dataclass
class BadLines:
    """Collects bad lines up to `MAX_BAD_LINES`, and counts all."""

    count: int = 0
    named: list[BadLine] = field(default_factory=list)

    def add(self, line: int, findings: Iterable[Finding]) -> None:
        """A line counts once, whatever is wrong with it."""
        self.count += 1
        for finding in findings:
            if len(self.named) < MAX_BAD_LINES:
                self.named.append(BadLine(line=line, finding=finding))

    def refuse(self) -> None:
        """Raise `Refused` with each bad line's number in its field, if there is one."""
        if self.count:
            raise Refused(_placed(bad) for bad in self.sorted())

    def sorted(self) -> tuple[BadLine, ...]:
        return tuple(sorted(self.named, key=lambda bad: bad.line))


def _placed(bad: BadLine) -> Finding:
    found = bad.finding
    field = f"line {bad.line}, {found.field}" if found.field else f"line {bad.line}"
    return Finding(code=found.code, field=field, sentence=found.sentence)
