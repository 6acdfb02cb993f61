"""What the store hands out of packed days; only `app.platform.values` looks into them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class StoredDay:
    """One point of delivery's day; `revision` counts its changes, `changed_at` is the last one's market time."""

    day: date
    pod_id: str
    packed: bytes = field(repr=False)
    revision: int
    changed_at: datetime
