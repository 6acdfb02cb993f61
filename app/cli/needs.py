"""Identify the needs of a network's day: voltages and loadings beyond their limits in every quarter hour.

Prints one line per element with its worst value, and the engine's time.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from app.cli.exits import Exit
from app.cli.output import Progress, say, table

if TYPE_CHECKING:
    from app.bridge.offline import NeedsReport
    from app.bridge.states import NeedRow

_UNIT = {"voltage": ("pu", 4), "loading": ("%", 1)}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--grid", required=True, metavar="simbench:CODE", help="the network, such as simbench:1-MV-rural--2-sw"
    )
    parser.add_argument(
        "--date", required=True, type=day, metavar="YYYY-MM-DD", help="day of the data set, such as 2016-07-25"
    )

    parser.add_argument(
        "--without", metavar="ELEMENT", help="a line or transformer out of service, for the needs after its outage"
    )


def day(text: str) -> date:
    """A day for argparse."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day such as 2016-07-25") from None


def run(arguments: Namespace) -> Exit:
    """Print the table."""
    from app.settings import load

    settings = load()
    progress = Progress()
    progress("Reading the grid", 0.0)
    from app.bridge import offline

    report = offline.needs(arguments.grid, arguments.date, settings.cache_dir, arguments.without)
    progress.close()
    _show(report)
    return Exit.DONE


def _show(report: NeedsReport) -> None:
    from domain.time import DeliveryDay

    label = DeliveryDay(day=report.day).label
    heads = ("element", "kind", "zone", "from", "to", "steps", "worst at", "worst", "limit", "unit")
    if report.needs:
        say(table(heads, [_cells(row, label) for row in report.needs], right=(5, 7, 8)))
    steps, buses = report.vm_pu.shape
    say(f"{report.n_needs} needs of {len(report.needs)} elements over {steps} quarter hours, {buses} buses.")
    say(f"Engine: {report.engine_seconds * 1000:.1f} ms")


def _cells(row: NeedRow, label: Callable[[int], str]) -> tuple[str, ...]:
    unit, digits = _UNIT[row.kind]
    return (
        row.element,
        row.kind,
        row.zone,
        label(row.first_step),
        label(row.last_step),
        str(row.n_steps),
        label(row.worst_step),
        f"{row.worst_value:.{digits}f}",
        f"{row.limit:.{digits}f}",
        unit,
    )
