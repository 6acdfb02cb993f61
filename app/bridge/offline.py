"""What the command line does without server or database: needs of a grid's day, clearing and replay of files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from app.bridge import cases, jsontext, simbench
from app.bridge.maps import zone_of_element
from app.bridge.networks import translate
from app.bridge.states import Floats, NeedRow, need_rows
from domain.errors import raise_if, refuse
from domain.ids import RegionId
from engine import (
    Case,
    ForcedIn,
    InvalidInput,
    Replay,
    TurningPoint,
    assess,
    canonical_json,
    clear,
    expand_sources,
    forced_in,
    read_case,
    replay,
    turning_point,
)

Progress = Callable[[str, float], None]
MAX_CHARS = 200_000_000
SIMBENCH = "simbench:"


@dataclass(frozen=True, kw_only=True)
class NeedsReport:
    """Needs of a grid's day. `vm_pu` [n_steps, n_buses], `loading_percent` [n_steps, n_branches] in the order of
    `bus_ids` and `branch_ids`; `engine_seconds` for compiling, power flow and search for needs."""

    day: date
    bus_ids: tuple[str, ...]
    branch_ids: tuple[str, ...]
    vm_pu: Floats
    loading_percent: Floats
    needs: tuple[NeedRow, ...]
    n_needs: int
    engine_seconds: float


def needs(grid_spec: str, day: date, cache_dir: Path, without: str | None = None) -> NeedsReport:
    """Needs of a day of `simbench:CODE`, with one branch out of service where `without` names it (N-1).

    Raises:
        Refused: `malformed` grid or branch, `out_of_range` day, buses that would lose supply.
    """
    if not grid_spec.startswith(SIMBENCH):
        raise refuse("malformed", "grid", f"Name a grid as {SIMBENCH}1-MV-rural--2-sw.")
    network, schedule = simbench.region_files(grid_spec.removeprefix(SIMBENCH), day, cache_dir)
    case = _read(json.loads(cases.needs_inputs(network, schedule, RegionId("operator"), day)))
    started = time.perf_counter()
    try:
        assessment = assess(case, () if without is None else (without,))
    except InvalidInput as invalid:
        raise_if(translate(invalid.findings, "malformed"))
        raise
    seconds = time.perf_counter() - started
    return NeedsReport(
        day=day,
        bus_ids=assessment.network.bus_ids,
        branch_ids=assessment.network.branch_ids,
        vm_pu=assessment.flow.vm_pu,
        loading_percent=assessment.flow.loading_percent,
        needs=need_rows(assessment.needs, zone_of_element(case.grid)),
        n_needs=len(assessment.needs),
        engine_seconds=seconds,
    )


def clear_case(
    case: bytes, cache_dir: Path, progress: Progress | None = None, folder: Path | None = None
) -> dict[str, Any]:
    """The `flexdesk.result/1` of a `flexdesk.case/1`, its sources expanded; files it names lie in `folder`.

    Raises:
        Refused: every finding with its JSON path.
    """
    return clear(_read(_expanded(case, cache_dir, folder)), progress).result


def result_bytes(result: dict[str, Any]) -> bytes:
    """A result file: canonical JSON and a newline."""
    return canonical_json(result) + b"\n"


def replay_case(
    case: bytes, result: bytes, cache_dir: Path, progress: Progress | None = None, folder: Path | None = None
) -> Replay:
    """Clear a stored case again and compare with its stored result.

    Raises:
        Refused: findings of the case; `malformed` when the result is none of ours.
    """
    document = _expanded(case, cache_dir, folder)
    _read(document)
    stored = jsontext.loads(_text(result, "result"), "result", MAX_CHARS)
    try:
        return replay(document, stored, progress)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise refuse("malformed", "result", "This is no flexdesk.result/1.") from None


@dataclass(frozen=True, kw_only=True)
class AwardReport:
    """One award of a result file with its explanation; `forced` (whole-or-nothing offers) or `turning` (others)
    where its case was given and the exact figure asks for clearing again. Prices in EUR per MWh or Mvarh."""

    accepted: tuple[float, ...]
    price: tuple[float, ...]
    make_whole_eur: str
    why: Mapping[str, Any] | None
    forced: ForcedIn | None = None
    turning: TurningPoint | None = None


def explain_award(
    result: bytes, offer_id: str, case: bytes | None, cache_dir: Path, folder: Path | None = None
) -> AwardReport:
    """The award of an offer; with the case, an exact figure that prices do not tell is found by clearing again.

    Raises:
        Refused: `malformed` result, `not_found` offer, a case that is not the result's, findings of the case.
    """
    stored = jsontext.loads(_text(result, "result"), "result", MAX_CHARS)
    try:
        awards, case_sha256 = dict(stored["awards"]), stored["solve"]["case_sha256"]
        if stored["status"] == "not_cleared":
            raise refuse(
                "malformed", "result", f"The case was not cleared ({stored['reason']}): nothing to explain."
            )
        entry = awards.get(offer_id)
        if entry is None:
            raise refuse("not_found", "offer", f"The result has no award for the offer '{offer_id}'.")
        report = AwardReport(
            accepted=tuple(entry["accepted"]),
            price=tuple(entry["price"]),
            make_whole_eur=entry["make_whole_eur"],
            why=entry["why"],
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise refuse("malformed", "result", "This is no flexdesk.result/1.") from None
    if case is None or report.why is None or report.why["exact"] or report.why["local_price"] is None:
        return report
    read = _read(_expanded(case, cache_dir, folder))
    if read.sha256 != case_sha256:
        raise refuse("malformed", "case", "The case is not the one that the result names (case_sha256).")
    is_whole = any(offer.id == offer_id and offer.has_choice for offer in read.offers)
    try:
        if is_whole:
            return replace(report, forced=forced_in(read, offer_id))
        return replace(report, turning=turning_point(read, offer_id))
    except InvalidInput as invalid:
        raise_if(translate(invalid.findings, "malformed"))
        raise


def _expanded(case: bytes, cache_dir: Path, folder: Path | None) -> Any:
    document = jsontext.loads(_text(case, "case"), "case", MAX_CHARS)
    try:
        return expand_sources(document, cache_dir, folder)
    except InvalidInput as invalid:
        raise_if(translate(invalid.findings, "malformed"))
        raise


def _text(content: bytes, field: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refuse("malformed", field, "The file is no text in UTF-8.") from None


def _read(document: Any) -> Case:
    case, findings = read_case(document)
    raise_if(translate(findings, "malformed"))
    if case is None:
        raise RuntimeError("the case reader gave neither a case nor a finding")
    return case
