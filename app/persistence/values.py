"""Packed days of values, many at once, on an open connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.persistence.columns import from_microseconds, to_microseconds
from app.persistence.tables.values import pods, value_days
from domain.errors import refuse
from domain.marketplace.words import Quantity, TimeStep
from domain.platform.stored import StoredDay

_D, _P = value_days.c, pods.c
MOST = 10_000
"""Points of delivery named in one statement."""


class ValueDays:
    """Implements `domain.ports.ValueDays`."""

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes

    def countries(self) -> dict[str, str]:
        return {row.id: row.country for row in self._connection.execute(select(_P.id, _P.country))}

    def places(self, after: str, limit: int) -> tuple[tuple[str, str, str, str], ...]:
        query = select(_P.id, _P.country, _P.city, _P.street).where(_P.id > after).order_by(_P.id).limit(limit)
        return tuple((row.id, row.country, row.city, row.street) for row in self._connection.execute(query))

    def stored(
        self, quantity: Quantity, step: TimeStep, first: date, last: date, pod_ids: Sequence[str]
    ) -> Iterator[StoredDay]:
        for at in range(0, len(pod_ids), MOST):
            part = pod_ids[at : at + MOST]
            wanted = frozenset(part)
            query = select(_D.day, _D.pod_id, _D.packed, _D.revision, _D.changed_at_us).where(
                _D.quantity == quantity.value,
                _D.time_step == step.value,
                _D.day.between(first.isoformat(), last.isoformat()),
                _D.pod_id.between(part[0], part[-1]) if self._is_stretch(part) else _D.pod_id.in_(part),
            )
            for day, pod_id, packed, revision, changed in self._connection.execute(query):
                if pod_id in wanted:
                    yield StoredDay(
                        day=date.fromisoformat(day),
                        pod_id=pod_id,
                        packed=packed,
                        revision=revision,
                        changed_at=from_microseconds(changed),
                    )

    def steps(self, quantity: Quantity, first: date, last: date) -> frozenset[TimeStep]:
        found = set()
        for step in TimeStep:
            query = select(_D.pod_id).where(
                _D.quantity == quantity.value,
                _D.time_step == step.value,
                _D.day.between(first.isoformat(), last.isoformat()),
            )
            if self._connection.execute(query.limit(1)).first() is not None:
                found.add(step)
        return frozenset(found)

    def put(
        self,
        quantity: Quantity,
        step: TimeStep,
        day: date,
        *,
        new: Mapping[str, bytes],
        changed: Mapping[str, bytes],
        at: datetime,
    ) -> None:
        if not self._writes:
            raise RuntimeError("this transaction only reads; open one with Store.write")
        same = {"quantity": quantity.value, "time_step": step.value, "day": day.isoformat()}
        at_us = to_microseconds(at, "at")
        rows = [
            {**same, "pod_id": pod_id, "packed": packed, "revision": 0, "changed_at_us": at_us}
            for pod_id, packed in new.items()
        ]
        try:
            if rows:
                self._connection.execute(insert(value_days), rows)
        except IntegrityError:
            raise refuse("unknown_pod", "pod_id", "A point of delivery of the file is not there.") from None
        if changed:
            change = (
                update(value_days)
                .where(*(value_days.c[name] == value for name, value in same.items()))
                .where(_D.pod_id == bindparam("of"))
                .values(packed=bindparam("to"), revision=_D.revision + 1, changed_at_us=at_us)
            )
            self._connection.execute(change, [{"of": p, "to": packed} for p, packed in changed.items()])

    def _is_stretch(self, pod_ids: Sequence[str]) -> bool:
        """Many that are sorted are read as a stretch, and what lies between is left out; PostgreSQL has an order
        of its own."""
        sorts_alike = self._connection.dialect.name == "sqlite"
        return sorts_alike and len(pod_ids) > 500 and all(a < b for a, b in pairwise(pod_ids))
