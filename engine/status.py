"""Outcomes as data: findings about an input, and how a clearing ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["cleared", "cleared_with_unmet", "not_cleared"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with an input document.

    path : where, e.g. ``grid.branches[3].x_ohm``; code : stable word for programs; sentence : for people.
    """

    path: str
    code: str
    sentence: str


class InvalidInput(ValueError):  # noqa: N818 - reads as what it says at the place where it is caught
    """An input that has findings was used as if it had none."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("; ".join(f"{f.path}: {f.sentence}" for f in findings[:5]))


class Cancelled(Exception):  # noqa: N818 - not an error: the caller asked for it
    """Raise it inside a progress callback to stop a running clearing."""
