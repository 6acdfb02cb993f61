"""Replay: clear a stored case again and hold the outcome against the stored result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.canonical import result_sha256, sha256_of
from engine.market.case import read_case
from engine.market.clearing import clear
from engine.market.search import Progress
from engine.status import InvalidInput

TOLERANCE_MW = 2e-6
TOLERANCE_EUR = 0.02


@dataclass(frozen=True, slots=True)
class Replay:
    """same_case, stored_intact: the stored hashes fit the stored documents; same_bytes: the new result has the
    stored one's hash; within_tolerance: equal status, awards within 2 W and objective within 2 cents."""

    same_case: bool
    stored_intact: bool
    same_bytes: bool
    within_tolerance: bool
    result: dict[str, Any]


def replay(
    case_document: Mapping[str, Any], result: Mapping[str, Any], progress: Progress | None = None
) -> Replay:
    """Clear `case_document` (sources expanded) and compare. Raises InvalidInput for a case with findings."""
    case, findings = read_case(case_document)
    if case is None:
        raise InvalidInput(findings)
    stored = result["solve"]
    again = clear(case, progress).result
    return Replay(
        same_case=sha256_of(case_document) == stored["case_sha256"],
        stored_intact=result_sha256(result) == stored["result_sha256"],
        same_bytes=again["solve"]["result_sha256"] == stored["result_sha256"],
        within_tolerance=_close(again, result),
        result=again,
    )


def _close(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    if left["status"] != right["status"] or left["awards"].keys() != right["awards"].keys():
        return False
    gap = abs((left["objective_eur"] or 0.0) - (right["objective_eur"] or 0.0))
    return gap <= TOLERANCE_EUR and all(
        abs(a - b) <= TOLERANCE_MW
        for offer in left["awards"]
        for a, b in zip(left["awards"][offer]["accepted"], right["awards"][offer]["accepted"], strict=True)
    )
