"""What an asset would have done without its call: the baselines that settlement measures delivery by.

Comparable days follow the plain averages of the baseline methods in use for demand response (the mean of the
most recent days of the same type without a call, as PJM's and NYISO's customer baseline loads start from, without
their same-day adjustment).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.flexibility.metering import AssetForecast, Readings
from domain.time import DeliveryDay
from domain.units import WATT, Series, total

N_COMPARABLE = 5
LOOK_BACK = timedelta(days=45)
_SATURDAY = 5


class BaselineMethod(StrEnum):
    NOMINATION = "nomination"
    COMPARABLE_DAYS = "comparable_days"
    FORECAST = "forecast"


@dataclass(frozen=True, kw_only=True)
class PastDay:
    """A metered day: `p_mw` [that day's n_steps]; `called`: the asset had a call that was not refused."""

    day: date
    p_mw: Readings
    called: bool


@dataclass(frozen=True, kw_only=True)
class ReferenceInputs:
    """What is known of an asset's day. Series are [n_steps] MW, up positive; None where there is none."""

    day: date
    schedule_p_mw: Series | None
    nominated_p_mw: Series | None
    forecast: AssetForecast | None
    past: Sequence[PastDay]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A baseline [n_steps] MW, or None, with the method that gave it; `source` says in words from what.

    `reason`: why it is not by the method that was asked for; empty where it is.
    """

    method: BaselineMethod
    p_mw: Series | None
    source: str
    reason: str = ""


Found = tuple[Series | None, str]
"""The series and its source, or None and why there is none."""


def reference(inputs: ReferenceInputs, method: BaselineMethod) -> Reference:
    """The baseline by a method; where the method has none, by nomination, and the reason said."""
    p_mw, words = METHODS[method](inputs)
    if p_mw is not None or method is BaselineMethod.NOMINATION:
        return Reference(method=method, p_mw=p_mw, source=words, reason="" if p_mw is not None else words)
    instead, source = nominated(inputs)
    return Reference(method=BaselineMethod.NOMINATION, p_mw=instead, source=source, reason=words)


def nominated(inputs: ReferenceInputs) -> Found:
    """The owner's baseline, else the DSO's schedule."""
    if inputs.nominated_p_mw is not None:
        return inputs.nominated_p_mw, "The owner's baseline"
    if inputs.schedule_p_mw is not None:
        return inputs.schedule_p_mw, "The DSO's schedule"
    return None, "Neither the owner nor the DSO has given a schedule for the day."


def forecast(inputs: ReferenceInputs) -> Found:
    if inputs.forecast is None:
        return None, "No forecast was uploaded for the day before its gate closed."
    given = inputs.forecast
    return given.p_mw, f"Forecast by {given.uploaded_by} of {given.uploaded_at:%d.%m.%Y %H:%M} UTC"


def comparable_days(inputs: ReferenceInputs) -> Found:
    """The mean, quarter hour by quarter hour of local clock time, of the most recent `N_COMPARABLE` earlier days
    of the same type (Monday to Friday, or weekend) within `LOOK_BACK`, completely metered and without a call.

    On the day on which summer time begins an hour is missing: the other days' mean stands there.
    """
    chosen = [
        past
        for past in sorted(inputs.past, key=lambda past: past.day, reverse=True)
        if inputs.day - LOOK_BACK <= past.day < inputs.day
        and _weekend(past.day) is _weekend(inputs.day)
        and not past.called
        and None not in past.p_mw
    ][:N_COMPARABLE]
    if len(chosen) < N_COMPARABLE:
        kind = "weekend days" if _weekend(inputs.day) else "working days"
        return None, (
            f"Only {len(chosen)} of the {N_COMPARABLE} comparable {kind} in the last {LOOK_BACK.days} days are"
            " completely metered and without a call."
        )
    clocks = [_by_clock(past) for past in chosen]
    day = DeliveryDay(day=inputs.day)
    means = []
    for step in range(day.n_steps):
        values = [value for clock in clocks for value in clock.get(day.label(step), ())]
        means.append((total(values) / len(values)).quantize(WATT))
    days = ", ".join(f"{past.day:%d.%m.}" for past in reversed(chosen))
    return tuple(means), f"Mean of {days}"


def _by_clock(past: PastDay) -> dict[str, list[Decimal]]:
    """Values by local clock time; the hour that summer time's end repeats has two at each."""
    day = DeliveryDay(day=past.day)
    values: dict[str, list[Decimal]] = {}
    for step, value in enumerate(past.p_mw):
        if value is not None:
            values.setdefault(day.label(step), []).append(value)
    return values


def _weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


METHODS: Mapping[BaselineMethod, Callable[[ReferenceInputs], Found]] = {
    BaselineMethod.NOMINATION: nominated,
    BaselineMethod.COMPARABLE_DAYS: comparable_days,
    BaselineMethod.FORECAST: forecast,
}
METHOD_WORDS: Mapping[BaselineMethod, str] = {
    BaselineMethod.NOMINATION: "Nomination",
    BaselineMethod.COMPARABLE_DAYS: "Comparable days",
    BaselineMethod.FORECAST: "Forecast",
}
