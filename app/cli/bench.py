"""Measure the engine against its peers in the same run, or the desks under load, and print the figures.

A peer's environment is made in the data folder on first use.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.cli.exits import Exit
from app.cli.files import check_writable, write_whole
from app.cli.output import Progress, complain, say, table

DEFAULT_CASES = 20
DEFAULT_PAGES = 100


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "what", nargs="?", choices=list(_RUNS), default="engine", metavar="desks", help="engine or desks (engine)"
    )
    parser.add_argument("--pages", type=count, default=DEFAULT_PAGES, metavar="N", help="open pages, desks (100)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="rows by name; all are the default")
    parser.add_argument(
        "--cases", type=count, default=DEFAULT_CASES, metavar="N", help="seeded cases of each row (20)"
    )
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="where the figures go as JSON")
    parser.add_argument("--quick", action="store_true", help="small cases, to see that everything runs")


def count(text: str) -> int:
    """A whole number from 1 to 1000, for argparse."""
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise ArgumentTypeError(f"{text!r} is no number from 1 to 1000")
    return int(text)


def run(arguments: Namespace) -> Exit:
    """Measure; a missed bar or a missing peer is told, not an error."""
    return _RUNS[arguments.what](arguments)


def _run_desks(arguments: Namespace) -> Exit:
    from app.bench import report
    from app.bench.desks import measure

    if arguments.out is not None:
        check_writable(arguments.out)
    found = measure.run(arguments.pages, say)
    _write(arguments.out, report.desks_document(found, datetime.now(UTC)))
    say(table(report.DESK_HEADS, report.desk_rows(found), report.DESK_RIGHT))
    return Exit.DONE


def _run_engine(arguments: Namespace) -> Exit:
    """Run the rows."""
    from app.bench import race, report
    from app.bench.rows import ROWS
    from app.settings import load

    settings = load()
    names = [row.name for row in ROWS]
    unknown = sorted(set(arguments.only or ()) - set(names))
    if unknown:
        complain(f"There is no row {', '.join(unknown)}; there are: {', '.join(names)}.")
        return Exit.INVALID
    if arguments.out is not None:
        check_writable(arguments.out)
    terms = race.Terms(
        n_cases=arguments.cases,
        quick=arguments.quick,
        cache_dir=settings.cache_dir,
        environments=settings.data_dir.absolute() / "bench",
    )
    progress, outcomes = Progress(), []
    for row in ROWS:
        if row.name in (arguments.only or names):
            outcomes.append(race.run(row, terms, progress))
            _write(arguments.out, report.document(outcomes, terms, datetime.now(UTC)))
    progress.close()
    say(table(report.HEADS, report.table_rows(outcomes), report.RIGHT))
    for line in report.remarks(outcomes):
        say(line)
    return Exit.DONE


def _write(path: Path | None, document: dict[str, Any]) -> None:
    """After every row, so that a run that is interrupted leaves what it has."""
    if path is not None:
        write_whole(path, json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n")


_RUNS: Mapping[str, Callable[[Namespace], Exit]] = {"engine": _run_engine, "desks": _run_desks}
