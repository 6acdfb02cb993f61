"""A large region: a network many times over behind one coupling bus, with its schedules."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any

SHIFT_DEGREE = 0.35
CALM = Decimal("0.4")
"""The share of the power that is scheduled, so that the large day has no needs whose cure would take minutes."""
ACROSS = 4


def tiled(network: str, schedules: str, copies: int) -> tuple[str, str]:
    """The documents of `copies` of a network side by side, all fed from the coupling bus of the first.

    network : a `flexdesk.grid/1` document; schedules : the day's CSV of its units. The first copy keeps its names.
    """
    document: dict[str, Any] = json.loads(network)
    coupling = document["coupling"]["bus"]
    whole = dict(document)
    for part in ("buses", "branches", "units", "shunts"):
        if part in document:
            whole[part] = [
                entry
                for copy in range(copies)
                for entry in (_copied(part, entry, copy, coupling) for entry in document[part])
                if not (copy and part == "buses" and entry["id"] == coupling)
            ]
    return json.dumps(whole, separators=(",", ":")), _schedules(schedules, copies)


def _copied(part: str, entry: dict[str, Any], copy: int, coupling: str) -> dict[str, Any]:
    if copy == 0:
        return entry
    ends: dict[str, Any] = {key: _bus(entry[key], copy, coupling) for key in ("from", "to", "bus") if key in entry}
    named: dict[str, Any] = {"id": _bus(entry["id"], copy, coupling)} if part == "buses" else {}
    if part in ("branches", "units"):
        named = {"id": _name(entry["id"], copy)}
    place: dict[str, Any] = {
        key: round(entry[key] + SHIFT_DEGREE * tile, 6)
        for key, tile in (("lon", copy % ACROSS), ("lat", copy // ACROSS))
        if entry.get(key) is not None
    }
    return {**entry, **ends, **named, **place}


def _bus(name: str, copy: int, coupling: str) -> str:
    return name if name == coupling else _name(name, copy)


def _name(name: str, copy: int) -> str:
    return f"{name} #{copy}"


def _schedules(text: str, copies: int) -> str:
    head, *rows = csv.reader(io.StringIO(text))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    for copy in range(copies):
        writer.writerows(_of_copy(row, copy) for row in rows)
    return out.getvalue()


def _of_copy(row: list[str], copy: int) -> list[str]:
    unit, quantity, *values = row
    return [_name(unit, copy) if copy else unit, quantity, *(f"{Decimal(value) * CALM:.6f}" for value in values)]
