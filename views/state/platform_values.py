"""Values of a point of delivery, or of a group, over a day or a month, as charts and files show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from app.queries.models.platform import ListValues
from domain.errors import Refused
from domain.marketplace.words import Quantity, TimeStep
from domain.platform.pods import Pod
from views.state.common import number
from views.state.door import Door
from views.state.spans import plural

Floats = NDArray[np.float64]
STEPS = {
    "10 minutes": TimeStep.MINUTES_10,
    "Quarter hours": TimeStep.MINUTES_15,
    "Half hours": TimeStep.MINUTES_30,
    "Hours": TimeStep.HOUR,
    "Days of the month": TimeStep.DAY,
}
QUANTITIES = {"Consumption": Quantity.CONSUMPTION, "Generation": Quantity.GENERATION, "Power": Quantity.POWER}


@dataclass(frozen=True, kw_only=True)
class Readings:
    """`values` [n] at `starts` [n] (UTC) with `labels` [n] of the local clock, None for a gap."""

    quantity: Quantity
    starts: tuple[datetime, ...]
    labels: tuple[str, ...]
    values: tuple[Decimal | None, ...]
    refused: str = ""

    @property
    def floats(self) -> Floats:
        """[n], NaN for a gap."""
        return np.array([np.nan if value is None else float(value) for value in self.values], float)

    @property
    def words(self) -> str:
        """How much is there, in a sentence."""
        if self.refused:
            return self.refused
        there = [value for value in self.values if value is not None]
        if not there:
            return "There is no value of this time."
        gaps = len(self.values) - len(there)
        told = f"{plural(len(there), 'value')}, {plural(gaps, 'gap') if gaps else 'no gap'}"
        if self.quantity is Quantity.POWER:
            return f"{told}; at most {number(max(there), 3)} kW."
        return f"{told}; {number(sum(there, Decimal(0)), 3)} kWh in all."


def span_of(day: date, step: TimeStep, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The local day, or the month that it is in for daily values."""
    first, last = day, day + timedelta(days=1)
    if step is TimeStep.DAY:
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1)
    return datetime.combine(first, time(), zone), datetime.combine(last, time(), zone)


def label_of(start: datetime, step: TimeStep, zone: ZoneInfo) -> str:
    local = start.astimezone(zone)
    return f"{local:%d %b}" if step is TimeStep.DAY else f"{local:%H:%M}"


def readings(door: Door, pod: Pod, day: date, quantity: Quantity, step: TimeStep) -> Readings:
    """Own values of one point of delivery; why there are none where the platform refuses."""
    start, end = span_of(day, step, pod.zone)
    query = ListValues(pod_ids=(pod.id,), quantity=quantity, time_step=step, start=start, end=end)
    try:
        (series,) = door.ask(query)
    except Refused as refused:
        said = " ".join(finding.sentence for finding in refused.findings)
        return Readings(quantity=quantity, starts=(), labels=(), values=(), refused=said)
    labels = tuple(label_of(at, step, pod.zone) for at in series.starts)
    return Readings(quantity=quantity, starts=series.starts, labels=labels, values=series.values)


def rows_of(found: Readings) -> list[dict[str, Any]]:
    """As a file holds them; a gap is empty."""
    return [
        {
            "start_utc": start.strftime("%Y-%m-%dT%H:%MZ"),
            "local": label,
            "value": "" if value is None else value,
            "unit": found.quantity.unit,
        }
        for start, label, value in zip(found.starts, found.labels, found.values, strict=True)
    ]
