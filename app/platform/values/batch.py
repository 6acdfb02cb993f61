"""Values on their way into the store: by quantity, step and day, a row to a point of delivery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from app.bridge.packing import pack as pack_arrays
from app.bridge.packing import unpack as unpack_arrays
from app.platform.values.packing import GAP, Whole
from domain.errors import refuse
from domain.marketplace.words import Quantity, TimeStep
from domain.platform.grid import n_slots

MAX_SLOTS = 40_000_000
"""Of one upload, gaps of its days included: 160 MB."""

Key = tuple[Quantity, TimeStep, date]


@dataclass
class DayRows:
    """`rows`: point of delivery -> its place; `values` [n_slots] and `lines` (of the file) in that order."""

    n_slots: int
    rows: dict[str, int] = field(default_factory=dict)
    values: list[Whole] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


@dataclass
class Batch:
    """What an upload holds; `n_values` without gaps."""

    days: dict[Key, DayRows] = field(default_factory=dict)
    n_slots: int = 0

    def fits(self, key: Key, pod_id: str, slot: int, values: Whole) -> bool:
        """Whether what is here already says nothing else for these slots."""
        day = self.days.get(key)
        place = None if day is None else day.rows.get(pod_id)
        if day is None or place is None:
            return True
        there = day.values[place][slot : slot + len(values)]
        return bool(np.all((there == values) | (there == GAP) | (values == GAP)))

    def put(self, key: Key, pod_id: str, slot: int, values: Whole, line: int) -> None:
        """Add values that fit. Raises `Refused` (`too_large`)."""
        day = self.days.get(key)
        if day is None:
            day = self.days[key] = DayRows(n_slots=n_slots(key[2], key[1]))
        place = day.rows.get(pod_id)
        if place is None:
            self.n_slots += day.n_slots
            if self.n_slots > MAX_SLOTS:
                raise refuse("too_large", "body", f"More than {MAX_SLOTS} values in one upload; send it in parts.")
            whole = values if len(values) == day.n_slots else _alone(day.n_slots, slot, values)
            day.rows[pod_id] = len(day.values)
            day.values.append(whole)
            day.lines.append(line)
            return
        there = day.values[place].copy()
        part = there[slot : slot + len(values)]
        part[:] = np.where(values == GAP, part, values)
        day.values[place] = there


def _alone(n: int, slot: int, values: Whole) -> Whole:
    whole = np.full(n, GAP, dtype=np.int32)
    whole[slot : slot + len(values)] = values
    return whole


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A day of a batch, sorted by point of delivery: `values` [n_pods, n_slots], `lines` [n_pods]."""

    key: Key
    pods: tuple[str, ...]
    values: Whole
    lines: tuple[int, ...]


def sealed(batch: Batch) -> bytes:
    """The batch as bytes for a command; it is emptied meanwhile, so that it is in memory once."""
    keys, arrays = sorted(batch.days), {}
    for number, key in enumerate(keys):
        day = batch.days.pop(key)
        order = sorted(day.rows, key=str)
        places = [day.rows[pod_id] for pod_id in order]
        arrays[f"p{number}"] = np.frombuffer("\n".join(order).encode("ascii"), dtype=np.uint8)
        arrays[f"v{number}"] = np.stack([day.values[place] for place in places])
        arrays[f"l{number}"] = np.array([day.lines[place] for place in places], dtype=np.int64)
    return pack_arrays({"keys": [[q.value, s.value, d.isoformat()] for q, s, d in keys]}, arrays)


def opened(sent: bytes) -> Iterator[Sent]:
    """Inverse of `sealed`, a day at a time.

    Raises:
        ValueError: the bytes are none of ours.
    """
    meta, arrays = unpack_arrays(sent)
    for number, (quantity, step, day) in enumerate(meta["keys"]):
        named: Mapping[str, Whole] = {sort: arrays[f"{sort}{number}"] for sort in "pvl"}
        yield Sent(
            key=(Quantity(quantity), TimeStep(step), date.fromisoformat(day)),
            pods=tuple(named["p"].tobytes().decode("ascii").split("\n")),
            values=named["v"],
            lines=tuple(named["l"].tolist()),
        )
