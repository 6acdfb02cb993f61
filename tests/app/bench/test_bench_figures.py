"""Figures of the benchmark from given answers: ratios, shares, medians, worst cases, bars."""

from __future__ import annotations

from typing import Any

import pytest

from app.bench import figures
from app.bench.contest import OURS, Answer
from app.bench.figures import Bar, Figure, summary

PEER = "pandapower"


def ours(seconds: float = 0.5, **values: Any) -> Answer:
    return Answer(seconds=seconds, values=values, peak_mb=300.0)


def test_a_ratio_is_the_peers_seconds_by_ours() -> None:
    answers = {OURS: ours(0.5), PEER: Answer(seconds=20.0)}
    assert figures.times_faster(PEER)(answers, {}) == 40.0


@pytest.mark.parametrize(
    "answers",
    [
        {OURS: ours()},
        {OURS: ours(), PEER: Answer(refused="did not converge")},
        {OURS: Answer(refused="a finding"), PEER: Answer(seconds=20.0)},
    ],
)
def test_who_gave_no_answer_makes_no_ratio(answers: dict[str, Answer]) -> None:
    assert figures.times_faster(PEER)(answers, {}) is None


def test_a_worse_objective_is_positive_and_relative() -> None:
    answers = {OURS: ours(objective_eur=-99.0), PEER: Answer(values={"objective_eur": -100.0})}
    assert figures.objective_apart(PEER)(answers, {}) == pytest.approx(0.01)
    small = {OURS: ours(objective_eur=0.001), PEER: Answer(values={"objective_eur": 0.0})}
    assert figures.objective_apart(PEER)(small, {}) == pytest.approx(0.001)


def test_voltages_are_apart_by_the_largest_difference() -> None:
    answers = {
        OURS: ours(vm_pu=[[1.0, 1.01], [1.02, 1.03]]),
        PEER: Answer(values={"vm_pu": [[1.0, 1.01], [1.02, 1.05]]}),
    }
    assert figures.voltages_apart(PEER)(answers, {}) == pytest.approx(0.02)


def test_overhead_is_what_is_no_solver_time_by_solver_time() -> None:
    stages = {
        "clearing": 1.0,
        "prices": 0.1,
        "payments": 0.04,
        "explanations": 0.06,
        "power_flow": 0.3,
        "sensitivities": 0.2,
        "highs": 0.4,
        "clarabel": 0.1,
        "proof": 9.0,
    }
    assert figures.overhead({OURS: ours(stages=stages)}, {}) == pytest.approx(0.2)
    assert figures.overhead({OURS: ours(stages={"clearing": 1.2})}, {}) is None


def test_shares_and_rates() -> None:
    answers = {OURS: ours(0.5, stages={"clearing": 2.0, "explanations": 0.1})}
    assert figures.share("explanations")(answers, {}) == pytest.approx(0.05)
    assert figures.share("prices")(answers, {}) is None
    assert figures.seconds_in("clearing", "prices", "explanations")(answers, {}) == pytest.approx(2.1)
    assert figures.per_second("orders")(answers, {"orders": 1000}) == 2000.0


def told(bar: Bar | None, *values: float | None) -> figures.Summary:
    return summary(Figure(name="ratio", unit="x", measure=lambda *_: None, bar=bar), values)


def test_a_summary_has_median_quartiles_and_worst_case() -> None:
    one = told(Bar(limit=3.0, sense="at_least"), 5.0, None, 1.0, 3.0, 2.0, 4.0)
    assert (one.low, one.median, one.high) == (2.0, 3.0, 4.0)
    assert one.worst == 1.0
    assert one.values == (5.0, 1.0, 3.0, 2.0, 4.0)
    assert told(None, 7.0).high == 7.0
    ratio = Figure(name="ratio", unit="x", measure=lambda *_: None, sense="at_least")
    assert (told(None, 1.0, 2.0).worst, summary(ratio, (1.0, 2.0)).worst) == (2.0, 1.0)


@pytest.mark.parametrize(
    ("bar", "met"),
    [
        (Bar(limit=3.0, sense="at_least"), True),
        (Bar(limit=3.1, sense="at_least"), False),
        (Bar(limit=3.0, sense="at_least", on="worst"), False),
        (Bar(limit=1.0, sense="at_least", on="worst"), True),
        (Bar(limit=3.0, sense="at_most"), True),
        (Bar(limit=4.9, sense="at_most", on="worst"), False),
        (Bar(limit=5.0, sense="at_most", on="worst"), True),
        (None, None),
    ],
)
def test_a_bar_holds_for_the_median_or_for_every_case(bar: Bar | None, met: bool | None) -> None:
    assert told(bar, 1.0, 2.0, 3.0, 4.0, 5.0).met is met


def test_nothing_told_is_no_verdict() -> None:
    one = told(Bar(limit=1.0, sense="at_least"), None, None)
    assert (one.values, one.median, one.worst, one.met) == ((), None, None, None)
