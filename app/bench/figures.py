"""From answers to figures: ratios, shares, rates, differences; their medians and worst cases; and the bars."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.bench.contest import OURS, Answer

SOLVER_STAGES = ("power_flow", "sensitivities", "highs", "piqp", "clarabel")
"""Entries of `solve.seconds` that count as solver time, wherever in the stages below it is spent."""

STAGES = ("clearing", "prices", "payments", "explanations")
"""Stages of `solve.seconds` that hold it; the rest of them is overhead."""

Sense = Literal["at_least", "at_most"]
Answers = Mapping[str, Answer]
Facts = Mapping[str, Any]
Measure = Callable[[Answers, Facts], float | None]
"""One case's figure from the answers by contestant and facts of the case; None where it cannot be told."""


def worst(values: Sequence[float], sense: Sense) -> float:
    """The value furthest from the good side."""
    return min(values) if sense == "at_least" else max(values)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A limit that the median (or every case: `on` worst) must reach."""

    limit: float
    sense: Sense
    on: Literal["median", "worst"] = "median"

    def met(self, values: Sequence[float]) -> bool:
        """Whether the values reach the limit."""
        value = worst(values, self.sense) if self.on == "worst" else statistics.median(values)
        return value >= self.limit if self.sense == "at_least" else value <= self.limit


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What is shown of a row, one value a case. `bar` None: for information; `sense` says which side is good."""

    name: str
    unit: str
    measure: Measure
    bar: Bar | None = None
    sense: Sense = "at_most"


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A figure over all cases; `low` and `high` are the quartiles. All None where no case could be told."""

    figure: Figure
    values: tuple[float, ...]
    median: float | None
    low: float | None
    high: float | None
    worst: float | None
    met: bool | None


def summary(figure: Figure, values: Sequence[float | None]) -> Summary:
    """Median, quartiles, worst case and verdict of the values that could be told."""
    told = tuple(value for value in values if value is not None)
    if not told:
        return Summary(figure=figure, values=(), median=None, low=None, high=None, worst=None, met=None)
    low, _, high = statistics.quantiles(told, n=4, method="inclusive") if len(told) > 1 else told * 3
    bar = figure.bar
    return Summary(
        figure=figure,
        values=told,
        median=statistics.median(told),
        low=low,
        high=high,
        worst=worst(told, figure.sense if bar is None else bar.sense),
        met=None if bar is None else bar.met(told),
    )


def _answered(answers: Answers, name: str) -> Answer | None:
    answer = answers.get(name)
    return None if answer is None or answer.refused else answer


def times_faster(peer: str) -> Measure:
    """The peer's seconds by ours."""

    def measure(answers: Answers, _facts: Facts) -> float | None:
        ours, theirs = _answered(answers, OURS), _answered(answers, peer)
        return None if ours is None or theirs is None else theirs.seconds / ours.seconds

    return measure


def seconds_of(name: str) -> Measure:
    """A contestant's seconds."""

    def measure(answers: Answers, _facts: Facts) -> float | None:
        answer = _answered(answers, name)
        return None if answer is None else answer.seconds

    return measure


def objective_apart(peer: str) -> Measure:
    """Our objective above the peer's, relative to it (to 1 EUR where it is less); negative: ours is lower."""

    def measure(answers: Answers, _facts: Facts) -> float | None:
        ours, theirs = _answered(answers, OURS), _answered(answers, peer)
        if ours is None or theirs is None:
            return None
        reference = theirs.values["objective_eur"]
        return float((ours.values["objective_eur"] - reference) / max(1.0, abs(reference)))

    return measure


def voltages_apart(peer: str) -> Measure:
    """Largest difference of the voltages watched, pu."""

    def measure(answers: Answers, _facts: Facts) -> float | None:
        ours, theirs = _answered(answers, OURS), _answered(answers, peer)
        if ours is None or theirs is None:
            return None
        pairs = zip(ours.values["vm_pu"], theirs.values["vm_pu"], strict=True)
        return float(max(abs(a - b) for left, right in pairs for a, b in zip(left, right, strict=True)))

    return measure


def seconds_in(*stages: str) -> Measure:
    """Seconds of some of our stages together."""

    def measure(answers: Answers, _facts: Facts) -> float | None:
        ours = _answered(answers, OURS)
        return None if ours is None else float(sum(ours.values["stages"].get(stage, 0.0) for stage in stages))

    return measure


def share(stage: str) -> Measure:
    """Seconds of one of our stages by those of the clearing."""

    def measure(answers: Answers, _facts: Facts) -> float | None:
        ours = _answered(answers, OURS)
        if ours is None or stage not in ours.values["stages"]:
            return None
        return float(ours.values["stages"][stage] / ours.values["stages"]["clearing"])

    return measure


def overhead(answers: Answers, _facts: Facts) -> float | None:
    """What of our stages is no solver time, by solver time."""
    ours = _answered(answers, OURS)
    if ours is None:
        return None
    stages = ours.values["stages"]
    solving = sum(stages.get(stage, 0.0) for stage in SOLVER_STAGES)
    return sum(stages.get(stage, 0.0) for stage in STAGES) / solving - 1.0 if solving else None


def per_second(fact: str) -> Measure:
    """A count among the case's facts by our seconds."""

    def measure(answers: Answers, facts: Facts) -> float | None:
        ours = _answered(answers, OURS)
        return None if ours is None else float(facts[fact] / ours.seconds)

    return measure


def value(name: str) -> Measure:
    """A number we report ourselves."""

    def measure(answers: Answers, _facts: Facts) -> float | None:
        ours = _answered(answers, OURS)
        return None if ours is None or ours.values.get(name) is None else float(ours.values[name])

    return measure


def peak_mb(answers: Answers, _facts: Facts) -> float | None:
    """Our process' peak memory."""
    ours = _answered(answers, OURS)
    return None if ours is None else ours.peak_mb
