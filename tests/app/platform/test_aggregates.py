"""Aggregates against a plain program, on a day of 2,000 points of delivery; and what is not told of few."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from value_reference import grouped, resampled, rounded, told_of
from value_world import ValueWorld, value_world

from app.platform.values.hiding import shown
from app.platform.values.reading import HEAD, Format
from app.platform.values.uploading import upload
from app.queries.models.platform import AggregateValues
from domain.commands.platform import SetLeastPods, UploadPods
from domain.ids import PodId
from domain.marketplace.words import AggregationLevel, AggregationMethod, Quantity, TimeStep
from domain.platform.grid import starts
from domain.platform.pods import zone_of
from domain.platform.series import AggregateSeries
from domain.time import MARKET_ZONE, DeliveryDay

N_PODS = 2000
DAY = DeliveryDay(day=date(2026, 10, 25))
"""Of 25 hours."""
CITIES = {"DE": ("Bremen", "Kiel", "Ulm"), "GR": ("Patras",), "PT": ("Porto", "Faro")}
PODS = {}
for _k in range(N_PODS):
    _country = ("DE", "DE", "DE", "GR", "PT")[_k % 5]
    _cities = CITIES[_country]
    PODS[f"{_country}-{_k:05}"] = (_country, _cities[_k % len(_cities)], f"Street {_k % 11}")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValueWorld]:
    with value_world(tmp_path_factory.mktemp("values")) as made:
        rows = "\n".join(f"{pod},{p[0]},27570,{p[1]},{p[2]}" for pod, p in PODS.items())
        made.do("meters", UploadPods(document=f"pod_id,country,postcode,city,street\n{rows}\n"))
        made.sent = _send(made)  # type: ignore[attr-defined]
        yield made


class Meters:
    def __init__(self, world: ValueWorld) -> None:
        self.execute = lambda command: world.do("meters", command)
        self.query = lambda query: world.ask("meters", query)


def _send(world: ValueWorld) -> dict[Quantity, dict[str, dict[tuple[int, datetime], Decimal]]]:
    """Two days with gaps, in different steps; some points of delivery have two, some none."""
    rng = random.Random(7)
    kept: dict[Quantity, dict[str, dict[tuple[int, datetime], Decimal]]] = {}
    lines = [HEAD]
    start = DAY.start - timedelta(hours=3)
    for quantity in (Quantity.CONSUMPTION, Quantity.POWER):
        of_quantity = kept.setdefault(quantity, {})
        for k, pod in enumerate(PODS):
            if k % 17 == 3:
                continue
            steps = {0: ("PT10M",), 1: ("PT1H",), 2: ("PT30M", "PT15M")}.get(k % 9, ("PT15M",))
            for step in steps:
                minutes = TimeStep(step).duration // timedelta(minutes=1)
                cells = []
                for n in range(31 * 60 // minutes):
                    value = Decimal(rng.randrange(-5000 if quantity is Quantity.POWER else 0, 9000)).scaleb(-3)
                    gap = rng.random() < 0.003
                    cells.append("" if gap else f"{value}")
                    if not gap:
                        of_quantity.setdefault(pod, {})[minutes, start + n * timedelta(minutes=minutes)] = value
                lines.append(f"{pod},{quantity.value},{step},{start.isoformat()},{','.join(cells)}")
    body = "\n".join(lines).encode()
    made = upload(Meters(world), (body[k : k + 65536] for k in range(0, len(body), 65536)), Format.CSV)
    assert made.n_bad == 0
    assert made.n_values == sum(len(of_pod) for of in kept.values() for of_pod in of.values())
    return kept


def ask(world: ValueWorld, **asked: object) -> tuple[AggregateSeries, ...]:
    usual: dict[str, object] = {
        "level": AggregationLevel.CITY,
        "method": AggregationMethod.SUM,
        "quantity": Quantity.CONSUMPTION,
        "time_step": TimeStep.HOUR,
        "start": DAY.start,
        "end": DAY.end,
    }
    found: tuple[AggregateSeries, ...] = world.ask("meters", AggregateValues(**usual | asked))  # type: ignore[arg-type]
    return found


DEPTH = {AggregationLevel.COUNTRY: 1, AggregationLevel.CITY: 2, AggregationLevel.STREET: 3}


@pytest.mark.parametrize("country", CITIES)
@pytest.mark.parametrize("quantity", [Quantity.CONSUMPTION, Quantity.POWER])
@pytest.mark.parametrize("step", list(TimeStep))
def test_as_a_plain_program_says(world: ValueWorld, quantity: Quantity, step: TimeStep, country: str) -> None:
    sent = world.sent[quantity]  # type: ignore[attr-defined]
    minutes = step.duration // timedelta(minutes=1)
    zone = zone_of(country) if step is TimeStep.DAY else MARKET_ZONE
    first = datetime(2026, 10, 25, tzinfo=zone).astimezone(UTC)
    end = datetime(2026, 10, 26, tzinfo=zone).astimezone(UTC)
    edges = [*starts(first, end, step, zone), end]
    places = {pod: place for pod, place in PODS.items() if place[0] == country}
    power = quantity is Quantity.POWER
    rows = {pod: resampled(sent[pod], edges, minutes, power) for pod in places if pod in sent}
    asked = {"quantity": quantity, "time_step": step, "start": first, "end": end, "localisation": (country,)}
    for level, depth in DEPTH.items():
        groups = {pod: place[:depth] for pod, place in places.items()}
        expected = grouped(rows, groups, len(edges) - 1)
        for method in (AggregationMethod.SUM, AggregationMethod.MEAN):
            _compare(world, _query(asked | {"level": level, "method": method}), expected)


def _compare(
    world: ValueWorld, query: AggregateValues, expected: dict[tuple[str, ...], list[tuple[Fraction, int]]]
) -> None:
    told = told_of(expected, 5)
    if not told:
        assert world.codes("meters", query) == [("too_few_pods", "level")]
        return
    got = {
        (series.group, k): (value, series.n_pods[k])
        for series in world.ask("meters", query)
        for k, value in enumerate(series.values)
        if value is not None
    }
    assert got.keys() == told
    for (group, k), (value, n) in got.items():
        total, count = expected[group][k]
        assert n == count
        assert value == rounded(total / count if query.method is AggregationMethod.MEAN else total)


def test_a_portfolio(world: ValueWorld) -> None:
    pods = tuple(PodId(pod) for pod in list(PODS)[:40])
    (series,) = ask(world, level=AggregationLevel.PORTFOLIO, pod_ids=pods)
    edges = [*series.starts, DAY.end]
    sent = world.sent[Quantity.CONSUMPTION]  # type: ignore[attr-defined]
    rows = {pod: resampled(sent[pod], edges, 60, False) for pod in pods if pod in sent}
    expected = grouped(rows, dict.fromkeys(pods, ()), len(edges) - 1)[()]
    assert [(Fraction(v or 0), n) for v, n in zip(series.values, series.n_pods, strict=True)] == expected
    asked = {
        "level": AggregationLevel.PORTFOLIO,
        "method": AggregationMethod.SUM,
        "quantity": Quantity.CONSUMPTION,
        "start": DAY.start,
        "end": DAY.end,
    }
    for changes, code in (
        ({"pod_ids": ()}, ("missing", "pod_ids")),
        ({"pod_ids": (PodId("X-1"),)}, ("unknown_pod", "pod_ids")),
        ({"pod_ids": pods, "time_step": TimeStep.DAY}, ("wrong_time_step", "time_step")),
        ({"pod_ids": pods[:4]}, ("too_few_pods", "level")),
    ):
        query = AggregateValues(**{"time_step": TimeStep.HOUR} | asked | changes)  # type: ignore[arg-type]
        assert world.codes("meters", query) == [code]


def test_a_portfolio_of_days_over_countries_whose_days_are_the_same(tmp_path: Path) -> None:
    pods = tuple(PodId(f"{country}-{k}") for country in ("DE", "FR", "AT") for k in range(2))
    with value_world(tmp_path) as world:
        rows = "\n".join(f"{pod},{pod[:2]},27570,C,S" for pod in pods)
        world.do("meters", UploadPods(document=f"pod_id,country,postcode,city,street\n{rows}\n"))
        lines = [f"{pod},energy consumption,PT1H,{DAY.start.isoformat()},{','.join('1' * 25)}" for pod in pods]
        upload(Meters(world), ["\n".join((HEAD, *lines)).encode()], Format.CSV)
        (series,) = ask(world, level=AggregationLevel.PORTFOLIO, time_step=TimeStep.DAY, pod_ids=pods)
    assert (series.values, series.n_pods) == ((Decimal(150),), (6,))


def test_only_the_places_asked_for(world: ValueWorld) -> None:
    got = ask(world, localisation=("DE/Kiel", "PT"))
    assert [series.group for series in got] == [("DE", "Kiel"), ("PT", "Faro"), ("PT", "Porto")]
    query = AggregateValues(
        level=AggregationLevel.CITY,
        method=AggregationMethod.SUM,
        quantity=Quantity.CONSUMPTION,
        time_step=TimeStep.HOUR,
        start=DAY.start,
        end=DAY.end,
        localisation=("Kiel",),
    )
    assert world.codes("meters", query) == [("unknown_place", "localisation[0]")]
    for who in ("pool", "house", "peer1", "market-place"):
        assert world.codes(who, query) == [("not_permitted", "")]


def test_more_points_of_delivery_are_asked_for(world: ValueWorld) -> None:
    world.do("meters", SetLeastPods(least_pods=300))
    try:
        assert [series.group for series in ask(world, level=AggregationLevel.COUNTRY)] == [
            ("DE",),
            ("GR",),
            ("PT",),
        ]
        query = {"level": AggregationLevel.STREET, "localisation": ("PT",)}
        codes = world.codes("meters", _query(query))
    finally:
        world.do("meters", SetLeastPods(least_pods=5))
    assert codes == [("too_few_pods", "level")]


def _query(changes: dict[str, object]) -> AggregateValues:
    usual: dict[str, object] = {
        "method": AggregationMethod.SUM,
        "quantity": Quantity.CONSUMPTION,
        "time_step": TimeStep.HOUR,
        "start": DAY.start,
        "end": DAY.end,
    }
    return AggregateValues(**usual | changes)  # type: ignore[arg-type]


def test_hidden_groups_hide_others() -> None:
    """Two of a country's cities: the one of four would follow from the country and the other."""
    np = pytest.importorskip("numpy")
    groups = [("DE", "a"), ("DE", "b"), ("DE", "c"), ("GR", "d"), ("GR", "e")]
    n = np.array([[4, 3, 9], [7, 2, 9], [9, 9, 9], [0, 5, 5], [6, 6, 4]])
    assert shown(groups, n, 5).astype(int).tolist() == [[0, 0, 1], [0, 0, 1], [1, 1, 1], [0, 1, 0], [1, 1, 0]]
    assert shown([("DE",), ("GR",)], np.array([[4], [9]]), 5).tolist() == [[False], [True]]
