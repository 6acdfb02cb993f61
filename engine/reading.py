"""Reading untrusted JSON values: every reader returns a usable value or adds a finding and goes on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.status import Finding

FINDINGS_MAX = 500
TEXT_MAX = 200
NUMBER_MAX = 1e9
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Floats = NDArray[np.float64]


class Reader:
    """Collects findings; `path` arguments are JSON paths as they shall be shown."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._left_out = 0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings in the order in which they were met."""
        if not self._left_out:
            return tuple(self._findings)
        more = Finding("$", "more_findings", f"{self._left_out} further findings are not listed.")
        return (*self._findings, more)

    def add(self, path: str, code: str, sentence: str) -> None:
        """Record one finding; beyond a maximum they are only counted."""
        if len(self._findings) < FINDINGS_MAX:
            self._findings.append(Finding(path, code, sentence))
        else:
            self._left_out += 1

    def extend(self, findings: Iterable[Finding]) -> None:
        """Record findings of another reader."""
        for finding in findings:
            self.add(finding.path, finding.code, finding.sentence)

    def mapping(self, value: Any, path: str, fields: Iterable[str]) -> Mapping[str, Any]:
        """An object that has no other than the named fields; an empty one if it is no object."""
        if not isinstance(value, Mapping):
            self.add(path, "not_an_object", "This must be a JSON object.")
            return {}
        known = set(fields)
        for key in value:
            if key not in known:
                self.add(_join(path, str(key)[:TEXT_MAX]), "unknown_field", "This field is not known here.")
        return value

    def items(self, value: Any, path: str, maximum: int) -> Sequence[Any]:
        """A list of at most `maximum` entries; an empty one if it is no list or too long."""
        if not isinstance(value, list | tuple):
            self.add(path, "not_a_list", "This must be a list.")
            return ()
        if len(value) > maximum:
            self.add(path, "too_large", f"At most {maximum} entries are accepted, there are {len(value)}.")
            return ()
        return value

    def text(self, value: Any, path: str) -> str:
        """A non-empty text without surrogates and control characters."""
        if not isinstance(value, str):
            self.add(path, "not_text" if value is not None else "missing", "A text is needed here.")
            return ""
        if not value or len(value) > TEXT_MAX or not value.isprintable():
            self.add(path, "bad_text", f"A printable text of 1 to {TEXT_MAX} characters is needed here.")
            return ""
        return value

    def choice(self, value: Any, path: str, allowed: Sequence[str]) -> str:
        """One of the allowed words; the first one stands in for a wrong one."""
        if isinstance(value, str) and value in allowed:
            return value
        self.add(path, "not_a_choice", f"One of {', '.join(allowed)} is needed here.")
        return allowed[0]

    def number(
        self, value: Any, path: str, low: float = -NUMBER_MAX, high: float = NUMBER_MAX, above: float = -math.inf
    ) -> float:
        """A finite number within low..high and greater than `above`; NaN stands in for a wrong one."""
        if value is None:
            self.add(path, "missing", "A number is needed here.")
            return math.nan
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.add(path, "not_a_number", "This must be a number.")
            return math.nan
        if isinstance(value, float) and not math.isfinite(value):
            self.add(path, "not_finite", "This must be a finite number.")
            return math.nan
        if not low <= value <= high or value <= above:
            self.add(path, "out_of_range", _range_sentence(low, high, above))
            return math.nan
        return float(value)

    def optional_number(
        self, value: Any, path: str, low: float = -NUMBER_MAX, high: float = NUMBER_MAX, above: float = -math.inf
    ) -> float | None:
        """Like `number`, where null or absence means none."""
        return None if value is None else self.number(value, path, low, high, above)

    def series(
        self, value: Any, path: str, n_steps: int, low: float = -NUMBER_MAX, high: float = NUMBER_MAX
    ) -> Floats:
        """[n_steps] numbers from a list of that length or one number for all steps."""
        if not isinstance(value, list | tuple):
            return np.full(n_steps, self.number(value, path, low, high))
        if len(value) != n_steps:
            self.add(path, "wrong_length", f"{n_steps} values are needed here, there are {len(value)}.")
            return np.full(n_steps, np.nan)
        if all(type(entry) in (int, float) and low <= entry <= high for entry in value):
            return np.array(value, dtype=np.float64)
        return np.array([self.number(entry, f"{path}[{i}]", low, high) for i, entry in enumerate(value)])

    def instant(self, value: Any, path: str) -> datetime:
        """An ISO 8601 instant with offset."""
        text = self.text(value, path)
        try:
            moment = datetime.fromisoformat(text) if text else EPOCH
        except ValueError:
            moment = None
        if moment is not None and moment.utcoffset() is not None:
            return moment
        self.add(path, "not_a_time", "A time such as 2026-07-26T00:00:00Z is needed here.")
        return EPOCH

    def unique(self, ids: Iterable[str], path: str, field: str = "id") -> None:
        """Every id may occur once."""
        seen: dict[str, int] = {}
        for i, entry in enumerate(ids):
            first = seen.setdefault(entry, i)
            if entry and first != i:
                self.add(f"{path}[{i}].{field}", "duplicate_id", f"'{entry}' is already at {path}[{first}].")

    def refuse(self, path: str, what: str) -> None:
        """Name something that the format knows and this version does not do."""
        self.add(path, "not_supported", f"{what} is not supported yet.")


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path not in ("", "$") else key


def _range_sentence(low: float, high: float, above: float) -> str:
    if math.isfinite(above):
        return f"This must be greater than {above:g} and at most {high:g}."
    return f"This must be from {low:g} to {high:g}."
