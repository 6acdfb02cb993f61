"""What the transport's tests stand on: a clock that is moved, a command for transactions made by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from app.persistence import Store
from domain.commands import MarkNotificationsRead

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
DO = MarkNotificationsRead()
"""Any command, for transactions that are made by hand."""


class MovedWall:
    """A wall clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now


OpenLine = Callable[[str], Store]
"""(`main` or `platform`) -> a new store of that line."""
