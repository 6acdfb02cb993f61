"""SimBench regions as the two documents a DSO uploads. Nothing but the first load needs the data set itself.

Row r of the data set's year is the quarter hour that starts at 2015-12-31T23:00Z + r * 15 min: its time column is
local time of Europe/Berlin with daylight saving (92 rows on 27 March, 100 on 30 October 2016).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from app.bridge import networks, schedules
from app.bridge.networks import SCHEMA, translate
from app.bridge.numbers import series
from domain.errors import Finding, Refused, raise_if, refuse
from domain.time import MTU, DeliveryDay
from domain.units import Series
from engine import InvalidInput
from engine.grid.importers.simbench import simbench_grid, simbench_schedules

FIRST_ROW_AT = datetime(2015, 12, 31, 23, tzinfo=UTC)
N_ROWS = 35_136

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class PlannedWork:
    """Lines that are out and switches that are closed instead, by name; `note` tells people why."""

    lines_out: tuple[str, ...] = ()
    switches_closed: tuple[str, ...] = ()
    note: str = ""


def first_row(day: date) -> int:
    """The data set's row at which a local delivery day starts.

    Raises:
        Refused: `out_of_range` for a day that is not wholly in the data set's year 2016.
    """
    delivery = DeliveryDay(day=day)
    row = (delivery.start - FIRST_ROW_AT) // MTU
    if row < 0 or row + delivery.n_steps > N_ROWS:
        raise refuse("out_of_range", "date", "The data set covers the days of 2016 only.")
    return row


def grid_document(code: str, cache_dir: Path, outage: PlannedWork | None = None) -> dict[str, Any]:
    """A region's `flexdesk.grid/1` as a JSON value. Raises `Refused`: unknown names, customers unsupplied."""
    work = outage or PlannedWork()
    block = _refusing(lambda: simbench_grid(code, cache_dir, work.lines_out, work.switches_closed))
    return {**block, "schema": SCHEMA, "name": code, "outages": [work.note] if work.note else []}


def region_files(code: str, day: date, cache_dir: Path, outage: PlannedWork | None = None) -> tuple[str, str]:
    """Network document (JSON) and schedules of a day (CSV); values rounded to whole watts and vars.

    Raises:
        Refused: `out_of_range` day, unknown code or names.
    """
    network = json.dumps(grid_document(code, cache_dir, outage), ensure_ascii=False, separators=(",", ":"))
    n_steps = DeliveryDay(day=day).n_steps
    year = _refusing(lambda: simbench_schedules(code, cache_dir, first_row(day), n_steps))
    facts = networks.read(network)
    load = {unit.unit_id for unit in facts.units if unit.kind == "load"}

    def injections(values: Any) -> dict[str, Series]:
        pairs = zip(year.unit_ids, values, strict=True)
        return {unit: series(-row if unit in load else row) for unit, row in pairs}

    return network, schedules.write(day, facts.units, injections(year.p_mw), injections(year.q_mvar))


def _refusing(call: Callable[[], T]) -> T:
    try:
        return call()
    except InvalidInput as invalid:
        raise_if(translate(invalid.findings, "invalid_network"))
        raise Refused([Finding(code="malformed", field="grid", sentence=str(invalid))]) from None
