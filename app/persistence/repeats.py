"""Attempts with an idempotency key: the storage behind `app.repeats`."""

from __future__ import annotations

from app.persistence import kept
from app.persistence.store import Store
from app.repeats import Answer, Attempt, Kept


class KeptAttempts:
    """Implements `app.repeats.Repeats` on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, attempt: Attempt) -> Kept | None:
        with self._store.snapshot() as connection:
            return kept.find(connection, attempt, self._store.wall())

    def keep(self, attempt: Attempt, answer: Answer | None) -> None:
        with self._store.transaction() as connection:
            if not attempt.recorded:
                kept.record(connection, attempt, self._store.wall())
            if answer is not None:
                kept.add_answer(connection, attempt, answer)
        attempt.recorded = True
