"""What commands write: results to stdout, progress and problems to stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from domain.errors import Finding

_BAR = 30
_LINE_EVERY_S = 5.0


class Progress:
    """Shows a stage and a share from 0 to 1: a bar on a terminal, else a line per stage and every few seconds."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty()
        self._stage = ""
        self._last_line_at = 0.0
        self._width = 0

    def __call__(self, stage: str, share: float) -> None:
        text = f"{stage} {share:4.0%}"
        if self._is_terminal:
            done = round(_BAR * min(max(share, 0.0), 1.0))
            self._draw(f"[{'#' * done}{'.' * (_BAR - done)}] {text}")
        elif stage != self._stage or time.monotonic() - self._last_line_at > _LINE_EVERY_S:
            self._last_line_at = time.monotonic()
            print(text, file=self._stream, flush=True)
        self._stage = stage

    def close(self) -> None:
        """Clear the bar."""
        if self._is_terminal:
            self._draw("")
            self._stream.write("\r")
            self._stream.flush()

    def _draw(self, line: str) -> None:
        self._stream.write("\r" + line.ljust(self._width))
        self._stream.flush()
        self._width = len(line)


def say(text: str) -> None:
    """A line of the result."""
    print(text, flush=True)


def complain(text: str) -> None:
    """A line about a problem."""
    print(text, file=sys.stderr, flush=True)


def complain_findings(findings: Iterable[Finding]) -> None:
    """Every finding: field, sentence, code. Control characters are shown as escapes."""
    for finding in findings:
        text = f"{finding.field}: {finding.sentence} [{finding.code}]"
        complain("".join(char if char.isprintable() else repr(char)[1:-1] for char in text))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Columns as wide as their widest cell; those whose index is in `right` are right-aligned."""
    flush_right = set(right)
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if index in flush_right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    return "\n".join([line(heads), line(["-" * width for width in widths]), *map(line, rows)])
