"""Aggregates of a provider's own values, as a requester would get them: what is asked, what is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray

from app.queries.models.platform import AggregateValues
from domain.marketplace.words import AggregationLevel, AggregationMethod, Quantity, TimeStep
from domain.platform.series import AggregateSeries
from domain.time import MARKET_ZONE, DeliveryDay
from views.state.common import MISSING, local, number, utc
from views.state.door import Door

LEVELS: Mapping[str, AggregationLevel] = {
    "Country": AggregationLevel.COUNTRY,
    "City": AggregationLevel.CITY,
    "Street": AggregationLevel.STREET,
}
METHODS: Mapping[str, AggregationMethod] = {"Sum": AggregationMethod.SUM, "Mean": AggregationMethod.MEAN}


class AggregatesState(param.Parameterized):
    """What the address keeps."""

    level = param.String(default=AggregationLevel.CITY.value)
    group = param.String(default="")
    day = param.String(default="")


def aggregated(
    door: Door,
    *,
    level: AggregationLevel,
    method: AggregationMethod,
    quantity: Quantity,
    step: TimeStep,
    day: date,
    places: str,
) -> tuple[AggregateSeries, ...]:
    """Over a day. `places`: countries or places in them, with commas, empty for all. Raises `Refused`."""
    whole = DeliveryDay(day=day)
    return door.ask(
        AggregateValues(
            level=level,
            method=method,
            quantity=quantity,
            time_step=step,
            start=whole.start,
            end=whole.end,
            localisation=tuple(place.strip() for place in places.split(",") if place.strip()),
        )
    )


def picked(found: Sequence[AggregateSeries], name: str) -> AggregateSeries | None:
    """The one that is looked at, else the first."""
    return next((one for one in found if one.name == name), next(iter(found), None))


def aggregate_record(one: AggregateSeries) -> dict[str, Any]:
    told = [value for value in one.values if value is not None]
    total = sum(told) if one.method is AggregationMethod.SUM and one.quantity is not Quantity.POWER else None
    return {
        "name": one.name,
        "n_pods": max(one.n_pods, default=0),
        "n_values": len(told),
        "hidden": len(one.values) - len(told),
        "total": f"{number(total, 3)} {one.quantity.unit}" if total is not None else MISSING,
    }


def value_rows(one: AggregateSeries) -> list[dict[str, Any]]:
    return [
        {
            "local": local(start, "%d %b" if one.time_step is TimeStep.DAY else "%H:%M"),
            "value": MISSING if value is None else number(value, 3),
            "unit": one.quantity.unit,
            "n_pods": n_pods,
            "start_utc": utc(start),
        }
        for start, value, n_pods in zip(one.starts, one.values, one.n_pods, strict=True)
    ]


def labels(one: AggregateSeries) -> list[str]:
    form = "%d %b" if one.time_step is TimeStep.DAY else "%H:%M"
    return [start.astimezone(MARKET_ZONE).strftime(form) for start in one.starts]


def floats(one: AggregateSeries) -> NDArray[np.float64]:
    """[n], NaN where nothing is told."""
    return np.array([np.nan if value is None else float(value) for value in one.values], float)
