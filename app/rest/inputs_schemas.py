"""Bodies and answers of networks, schedules and wholesale prices."""

from __future__ import annotations

from typing import Literal

from app.rest.fields import Day, Exact, In, Instant, Out, Text
from app.rest.schemas import SeriesIn

Kind = Literal["day_ahead", "balancing"]


class NetworkOut(Out):
    """A network as it was taken; `sha256` of the document."""

    id: str
    sha256: str
    uploaded_at: Instant
    version: int


class ScheduleOut(Out):
    """A day's schedules as they were taken; `sha256` of the document."""

    region_id: str
    delivery_day: Day
    sha256: str
    uploaded_at: Instant
    version: int


class PricesIn(In):
    """`price_eur_per_mwh` [n_steps]; `source` says whence they come."""

    price_eur_per_mwh: SeriesIn
    source: Text


class PricesOut(Out):
    kind: str
    delivery_day: Day
    price_eur_per_mwh: list[Exact]
    source: str
