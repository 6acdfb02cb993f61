"""Outcomes as a printed table and as a JSON document (`flexdesk.bench/1`)."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from app.bench.contest import MODULES, OURS, ROOT
from app.bench.desks.measure import Measured
from app.bench.environments import versions
from app.bench.figures import Bar, Summary
from app.bench.race import Outcome, Terms

HEADS = ("row", "figure", "median", "quartiles", "worst", "unit", "bar", "")
RIGHT = (2, 3, 4)
DESK_PACKAGES = ("panel", "bokeh", "panel-material-ui", "tornado", "playwright")
OUR_PACKAGES = ("highspy", "piqp", "clarabel", "numpy", "scipy", "numba", "pandapower")
DESK_HEADS = ("figure", "measured", "unit", "goal", "", "note")
DESK_RIGHT = (1, 3)
VERDICT = {True: "met", False: "MISSED", None: ""}


def table_rows(outcomes: Iterable[Outcome]) -> list[tuple[str, ...]]:
    """Cells for `HEADS`: one line a figure that could be told; what could not is named by `remarks`."""
    return [
        (
            outcome.row.name,
            one.figure.name,
            number(one.median),
            f"{number(one.low)} - {number(one.high)}",
            number(one.worst),
            one.figure.unit,
            _bar(one.figure.bar),
            VERDICT[one.met],
        )
        for outcome in outcomes
        for one in outcome.summaries
        if one.values
    ]


def remarks(outcomes: Iterable[Outcome]) -> list[str]:
    """What the table cannot tell: refusals, missing peers, figures without a value."""
    lines = []
    for outcome in outcomes:
        name = outcome.row.name
        lines += [f"{name}: missing peer {reason}" for reason in outcome.missing]
        lines += [
            f"{name}: {contestant} refused {count} of {outcome.n_cases} cases: {reason}"
            for contestant, reasons in outcome.refused.items()
            for reason, count in reasons.items()
        ]
        untold = [one.figure.name for one in outcome.summaries if not one.values]
        lines += [f"{name}: not told: {', '.join(untold)}"] if untold else []
    return lines


def desk_rows(found: Iterable[Measured]) -> list[tuple[str, ...]]:
    """Cells for `DESK_HEADS`."""
    return [
        (one.goal.name, number(one.value), one.goal.unit, f"{one.goal.limit:g}", VERDICT[one.met], one.note)
        for one in found
    ]


def number(value: float | None) -> str:
    """Three significant digits; small ones in powers of ten."""
    if value is None:
        return "-"
    if value and (abs(value) < 1e-3 or abs(value) >= 1e6):
        return f"{value:.1e}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _bar(bar: Bar | None) -> str:
    if bar is None:
        return ""
    sign = ">=" if bar.sense == "at_least" else "<="
    return f"{sign} {bar.limit:g}" + (" (worst)" if bar.on == "worst" else "")


def desks_document(found: Iterable[Measured], at: datetime) -> dict[str, Any]:
    """The desks' figures with the machine, versions, date and commit."""
    return {
        "schema": "flexdesk.bench.desks/1",
        "date": at.isoformat(timespec="seconds"),
        "commit": commit(ROOT),
        "machine": machine(),
        "versions": {name: importlib.metadata.version(name) for name in DESK_PACKAGES},
        "figures": [
            {
                "name": one.goal.name,
                "unit": one.goal.unit,
                "goal": one.goal.limit,
                "value": one.value,
                "met": one.met,
                "note": one.note,
            }
            for one in found
        ],
    }


def document(outcomes: Sequence[Outcome], terms: Terms, at: datetime) -> dict[str, Any]:
    """Everything measured, with the machine, versions, date and commit."""
    peers = sorted({name for outcome in outcomes for name in outcome.row.jobs if name != OURS})
    return {
        "schema": "flexdesk.bench/1",
        "date": at.isoformat(timespec="seconds"),
        "commit": commit(ROOT),
        "machine": machine(),
        "threads": 1,
        "quick": terms.quick,
        "versions": {OURS: _our_versions(), **{peer: versions(peer) for peer in peers if peer in MODULES}},
        "rows": [_row(outcome) for outcome in outcomes],
    }


def _row(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.row.name,
        "title": outcome.row.title,
        "note": outcome.row.note,
        "cases": outcome.n_cases,
        "figures": [_figure(one) for one in outcome.summaries],
        "refused": outcome.refused,
        "missing": list(outcome.missing),
    }


def _figure(one: Summary) -> dict[str, Any]:
    bar = one.figure.bar
    return {
        "name": one.figure.name,
        "unit": one.figure.unit,
        "bar": None if bar is None else {"limit": bar.limit, "sense": bar.sense, "on": bar.on},
        "median": one.median,
        "quartiles": [one.low, one.high],
        "worst": one.worst,
        "met": one.met,
        "values": list(one.values),
    }


def machine() -> dict[str, Any]:
    """Processor, cores, memory and system."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.is_file() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return {
        "processor": model or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def commit(root: Path) -> str | None:
    """The commit of the working tree, with + when files differ from it; None where git cannot tell."""
    described = ["git", "-C", str(root), "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(described, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return None
    return done.stdout.strip() or None


def _our_versions() -> dict[str, str]:
    found = {}
    for package in OUR_PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
