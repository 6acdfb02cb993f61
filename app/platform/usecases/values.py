"""Values into the store: new ones, the same again, corrections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.platform.usecases.deliveries import mark_changed
from app.platform.values.batch import Key, Sent, opened
from app.platform.values.lines import BadLines, Uploaded
from app.platform.values.packing import GAP, Whole, pack, unpack
from app.platform.values.presence import time_of
from app.platform.values.rules import rules_of
from domain.commands.platform import SetLeastPods, StoreValues
from domain.errors import Finding, raise_if, refuse
from domain.events.platform import ValuesStored
from domain.parties import Principal
from domain.platform.rules import LEAST, ValueRules
from domain.ports import UnitOfWork


@dataclass
class _Touched:
    """Of a stored day: the PoDs whose values came or changed, and which of its slots."""

    slots: NDArray[np.bool_]
    pods: tuple[str, ...] = ()


CHUNK = 5_000
"""Points of delivery that are compared with the store at a time."""
MOST_LEAST = 1000


def store_values(uow: UnitOfWork, principal: Principal, command: StoreValues) -> Uploaded:
    """Stored are days of points of delivery; a value that is there already is no change.

    Raises:
        Refused: `malformed` bytes; `duplicate` with the line where a stored value is another one and no correction
            was asked for; `unknown_pod`.
    """
    bad = BadLines()
    n_stored = n_same = 0
    touched: dict[Key, _Touched] = {}
    for part in _parts(command.batch):
        there = touched.setdefault(part.key, _Touched(slots=np.zeros(part.values.shape[1], dtype=np.bool_)))
        new, changed, same = _compared(uow, part, command.correct, bad, there.slots)
        quantity, step, day = part.key
        uow.values.put(quantity, step, day, new=new, changed=changed, at=uow.market)
        there.pods += (*new, *changed)
        n_stored += len(new) + len(changed)
        n_same += same
    if not command.good_only:
        bad.refuse()
    for (quantity, step, day), there in touched.items():
        if there.slots.any():
            mark_changed(uow, quantity, time_of(step, day, there.slots), there.pods)
    if n_stored:
        uow.record(ValuesStored(party_id=principal.party_id, n_days=n_stored))
    return Uploaded(n_stored=n_stored, n_same=n_same, n_bad=bad.count, bad=bad.sorted())


def _parts(batch: bytes) -> Iterator[Sent]:
    try:
        for sent in opened(batch):
            for at in range(0, len(sent.pods), CHUNK):
                here = slice(at, at + CHUNK)
                yield Sent(key=sent.key, pods=sent.pods[here], values=sent.values[here], lines=sent.lines[here])
    except (ValueError, KeyError) as error:
        raise refuse("malformed", "batch", "These are no packed values.") from error


def _compared(
    uow: UnitOfWork, sent: Sent, correct: bool, bad: BadLines, slots: NDArray[np.bool_]
) -> tuple[dict[str, bytes], dict[str, bytes], int]:
    """(new days, changed days, how many are there already) of a part of a batch. `slots` [n]: those that change
    are set."""
    quantity, step, day = sent.key
    there = {stored.pod_id: stored for stored in uow.values.stored(quantity, step, day, day, sent.pods)}
    new: dict[str, bytes] = {}
    changed: dict[str, bytes] = {}
    for pod_id, values, line in zip(sent.pods, sent.values, sent.lines, strict=True):
        stored = there.get(pod_id)
        if stored is None:
            new[pod_id] = pack(values)
            slots |= values != GAP
            continue
        old = unpack(stored.packed)
        merged = _merged(old, values, correct)
        if merged is None:
            sentence = f"A value of {day.isoformat()} is stored with another number; send it as a correction."
            bad.add(line, [Finding(code="duplicate", field="values", sentence=sentence)])
        elif (packed := pack(merged)) != stored.packed:
            changed[pod_id] = packed
            slots |= merged != old
    return new, changed, len(sent.pods) - len(new) - len(changed)


def _merged(old: Whole, values: Whole, correct: bool) -> Whole | None:
    """What stands after values came to those of before; None where they contradict each other."""
    if not correct and bool(np.any((values != old) & (values != GAP) & (old != GAP))):
        return None
    merged: Whole = np.where(values == GAP, old, values)
    return merged


def set_least_pods(uow: UnitOfWork, _principal: Principal, command: SetLeastPods) -> ValueRules:
    """Of how many points of delivery an aggregate is at least. Raises `Refused` (`out_of_range`)."""
    if not LEAST <= command.least_pods <= MOST_LEAST:
        sentence = f"From {LEAST} to {MOST_LEAST} points of delivery."
        raise_if([Finding(code="out_of_range", field="least_pods", sentence=sentence)])
    there = rules_of(uow)
    if there is None:
        made = ValueRules(least_pods=command.least_pods)
        uow.add(made)
        return made
    changed = ValueRules(least_pods=command.least_pods, version=there.version)
    if changed == there:
        return there
    uow.save(changed)
    return ValueRules(least_pods=command.least_pods, version=there.version + 1)
