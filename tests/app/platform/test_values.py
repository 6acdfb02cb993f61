"""Values: files with their bad lines, the same again, corrections, and what a series is made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from value_world import NOW, WHO, ValueWorld, value_world

from app.platform.values.reading import HEAD, MAX_LINE, Format
from app.platform.values.uploading import UploadedValues, upload
from app.queries.models.platform import GetLeastPods, ListValues
from domain.commands.platform import RegisterPod, SetLeastPods, StoreValues
from domain.errors import Refused
from domain.ids import PartyId, PodId
from domain.marketplace.words import Quantity, TimeStep

MIDNIGHT = datetime(2026, 10, 31, 23, tzinfo=UTC)
"""Of 1 November in the market's zone."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ValueWorld]:
    with value_world(tmp_path) as made:
        for pod_id, country in (("DE-1", "DE"), ("DE-2", "DE"), ("GR-1", "GR"), ("PT-1", "PT")):
            place = {"country": country, "postcode": "27570", "city": "C", "street": "S"}
            owner = PartyId("house") if pod_id == "DE-1" else None
            made.do("meters", RegisterPod(pod_id=PodId(pod_id), customer_id=owner, **place))
        yield made


def send(world: ValueWorld, text: str, form: Format = Format.CSV, **how: bool) -> UploadedValues:
    head = f"{HEAD}\n" if form is Format.CSV else ""
    body = (head + text).encode()
    chunks = [body[k : k + 1000] for k in range(0, len(body), 1000)]

    class Meters:
        def execute(self, command: Any) -> object:
            return world.platform.desk.execute(WHO[PartyId("meters")], command)

        def query(self, query: Any) -> Any:
            return world.platform.desk.query(WHO[PartyId("meters")], query)

    return upload(Meters(), iter(chunks), form, **how)


def refused(world: ValueWorld, text: str, form: Format = Format.CSV, **how: bool) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as error:
        send(world, text, form, **how)
    return [(finding.code, finding.field) for finding in error.value.findings]


def line(
    pod: str = "DE-1", values: str = "1,2", start: datetime = MIDNIGHT, step: str = "PT15M", q: str = ""
) -> str:
    return f"{pod},{q or 'energy consumption'},{step},{start.isoformat()},{values}\n"


def values(
    world: ValueWorld,
    start: datetime,
    end: datetime,
    step: TimeStep = TimeStep.MINUTES_15,
    pods: tuple[str, ...] = ("DE-1",),
    quantity: Quantity = Quantity.CONSUMPTION,
) -> list[list[str | None]]:
    asked = ListValues(pod_ids=tuple(map(PodId, pods)), quantity=quantity, time_step=step, start=start, end=end)
    return [[None if v is None else str(v) for v in s.values] for s in world.ask("meters", asked)]


def test_stored_and_read_with_gaps(world: ValueWorld) -> None:
    made = send(world, line(values="1.5,,0.001,12.25"))
    assert (made.n_values, made.n_stored, made.n_gaps, made.lines_with_gaps) == (3, 1, 1, (2,))
    assert values(world, MIDNIGHT, MIDNIGHT + timedelta(minutes=75)) == [["1.500", None, "0.001", "12.250", None]]


def test_json_lines_say_the_same(world: ValueWorld) -> None:
    said = {
        "pod_id": "DE-1",
        "quantity": "energy consumption",
        "time_step": "PT15M",
        "start": MIDNIGHT.isoformat(),
        "values": [1.5, None, 0.001, "12.25"],
    }
    send(world, json.dumps(said), Format.JSON_LINES)
    assert values(world, MIDNIGHT, MIDNIGHT + timedelta(hours=1)) == [["1.500", None, "0.001", "12.250"]]


BAD_LINES = [
    (line(pod="DE-9"), "unknown_pod", "pod_id"),
    (line(q="energy"), "malformed", "quantity"),
    (line(step="PT20M"), "wrong_time_step", "time_step"),
    (line(values="1,nan"), "not_finite", "values[1]"),
    (line(values="inf"), "not_finite", "values[0]"),
    (line(values="1,-0.5"), "negative", "values[1]"),
    (line(values="1,-0.5", q="energy generation"), "negative", "values[1]"),
    (line(values="1000000.001", q="power"), "out_of_range", "values[0]"),
    (line(values="0.0001"), "too_many_decimals", "values[0]"),
    (line(values="1e-9"), "too_many_decimals", "values[0]"),
    (line(values="1e99999999"), "out_of_range", "values[0]"),
    (line(values="1_000"), "malformed", "values[0]"),
    (line(values="0x10"), "malformed", "values[0]"),
    (line(values="1,١٢"), "malformed", "values[1]"),
    (line(values=","), "missing", "values"),
    (line(values=",".join("1" * 4465)), "wrong_length", "values"),
    (line(start=MIDNIGHT + timedelta(minutes=5)), "wrong_time_step", "start"),
    (line(start=MIDNIGHT + timedelta(hours=1), step="P1D"), "wrong_time_step", "start"),
    (line(start=NOW, values="1"), "in_future", "start"),
    (line(start=NOW - timedelta(minutes=15), values="1,2"), "in_future", "start"),
    (line(start=datetime(1999, 12, 31, 23, tzinfo=UTC)), "out_of_range", "start"),
    (line(start=datetime(2026, 10, 1)), "naive_time", "start"),  # noqa: DTZ001
    ("DE-1,energy consumption,PT15M,yesterday,1\n", "malformed", "start"),
    ("DE-1,energy consumption,PT15M\n", "wrong_length", ""),
    ("DE-1,energy consumption,PT15M,9999-12-31T23:45:00Z,1\n", "out_of_range", "start"),
    ("DÉ-1,energy consumption,PT15M,2026-10-01T00:00:00Z,1\n", "malformed", ""),
]


@pytest.mark.parametrize(("bad", "code", "field"), BAD_LINES)
def test_a_bad_line_keeps_the_file_out_or_is_left_out(world: ValueWorld, bad: str, code: str, field: str) -> None:
    text = line(pod="DE-2") + bad
    assert refused(world, text) == [(code, f"line 3, {field}" if field else "line 3")]
    end = MIDNIGHT + timedelta(minutes=30)
    assert values(world, MIDNIGHT, end, pods=("DE-2",)) == [[None, None]]
    made = send(world, text, good_only=True)
    assert (made.n_stored, made.n_bad, [b.line for b in made.bad]) == (1, 1, [3])
    assert values(world, MIDNIGHT, end, pods=("DE-1", "DE-2")) == [[None, None], ["1.000", "2.000"]]


@pytest.mark.parametrize(
    "bad",
    [
        "[]",
        "{}",
        "{",
        '{"pod_id": "DE-1", "pod_id": "DE-1", "quantity": "","time_step": "PT1H", "start": "", "values": [1]}',
        '{"pod_id": null, "quantity": "power", "time_step": "PT1H", "start": "x", "values": [1]}',
        '{"pod_id": "DE-1", "quantity": "power", "time_step": "PT1H", "start": "x", "values": [true]}',
        '{"pod_id": "DE-1", "quantity": "power", "time_step": "PT1H", "start": "x", "values": ["1,2"]}',
        '{"pod_id": "DE-1", "quantity": "power", "time_step": "PT1H", "start": "x", "values": 1}',
        "[" * 5000,
        '"\ud83d"',
    ],
)
def test_lines_that_are_no_such_object(world: ValueWorld, bad: str) -> None:
    with pytest.raises(Refused) as error:
        send(world, bad.encode("utf-8", "replace").decode(), Format.JSON_LINES)
    assert {finding.code for finding in error.value.findings} == {"malformed"}
    assert error.value.findings[0].field.startswith("line 1")


def test_not_a_number_in_json(world: ValueWorld) -> None:
    said = '{"pod_id": "DE-1", "quantity": "power", "time_step": "PT1H", "start": "x", "values": [NaN]}'
    assert refused(world, said, Format.JSON_LINES) == [("not_finite", "line 1, values")]


def test_the_head_and_the_length_of_lines(world: ValueWorld) -> None:
    with pytest.raises(Refused, match="line 1"):
        upload_raw(world, b"pod,value\n")
    assert refused(world, "") == [("missing", "body")]
    assert refused(world, "x" * (MAX_LINE + 1)) == [("too_large", "line 2")]


def upload_raw(world: ValueWorld, body: bytes) -> None:
    class Meters:
        def execute(self, command: Any) -> object:
            return world.do("meters", command)

        def query(self, query: Any) -> Any:
            return world.ask("meters", query)

    upload(Meters(), [body], Format.CSV)


def test_the_same_again_is_no_change_and_another_value_a_correction(world: ValueWorld) -> None:
    send(world, line(values="1,,3"))
    assert send(world, line(values="1,,3")).n_same == 1
    assert refused(world, line(values="2")) == [("duplicate", "line 2, values")]
    assert send(world, line(values="9,2") + line(pod="DE-2"), good_only=True).n_bad == 1
    end = MIDNIGHT + timedelta(minutes=45)
    assert values(world, MIDNIGHT, end) == [["1.000", None, "3.000"]]
    send(world, line(values="9,2"), correct=True)
    assert values(world, MIDNIGHT, end) == [["9.000", "2.000", "3.000"]]


def test_two_lines_of_one_file(world: ValueWorld) -> None:
    third = line(values="3", start=MIDNIGHT + timedelta(minutes=30))
    send(world, line(values="1,2") + line(values="1") + third)
    assert values(world, MIDNIGHT, MIDNIGHT + timedelta(minutes=45)) == [["1.000", "2.000", "3.000"]]
    assert refused(world, line("DE-2", "1,2") + line("DE-2", "5")) == [("duplicate", "line 3, start")]


SPRING, AUTUMN = datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)


@pytest.mark.parametrize(("start", "hours"), [(SPRING, 23), (AUTUMN, 25)])
def test_days_when_the_clocks_change(world: ValueWorld, start: datetime, hours: int) -> None:
    n = hours * 4 + 4
    send(world, line(values=",".join(str(k) for k in range(n)), start=start))
    end = start + timedelta(hours=hours)
    whole = sum(range(hours * 4))
    assert values(world, start, end, TimeStep.DAY) == [[f"{whole}.000"]]
    hourly = values(world, start, end + timedelta(hours=1), TimeStep.HOUR)[0]
    assert hourly == [f"{sum(range(k, k + 4))}.000" for k in range(0, n, 4)]
    assert values(world, start, end)[0] == [f"{k}.000" for k in range(hours * 4)]


@pytest.mark.parametrize(("pod", "ahead"), [("GR-1", -1), ("PT-1", 1), ("DE-1", 0)])
@pytest.mark.parametrize(
    ("start", "hours"), [(SPRING, 23), (AUTUMN, 25), (datetime(2026, 6, 1, 22, tzinfo=UTC), 24)]
)
def test_a_day_is_the_countrys_own(world: ValueWorld, pod: str, ahead: int, start: datetime, hours: int) -> None:
    """Greece's day starts an hour before, Portugal's an hour after; all change their clocks at one instant."""
    own = start + timedelta(hours=ahead)
    send(world, line(pod, ",".join("1" for _ in range((hours + 4) * 4)), start=start - timedelta(hours=2)))
    days = values(world, own, own + timedelta(hours=hours), TimeStep.DAY, (pod,))
    assert days == [[f"{hours * 4}.000"]]
    if ahead:
        with pytest.raises(Refused, match="wrong_time_step"):
            values(world, start, start + timedelta(hours=hours), TimeStep.DAY, (pod,))


def test_values_of_days(world: ValueWorld) -> None:
    greek = datetime(2026, 10, 23, 21, tzinfo=UTC)
    send(world, line("GR-1", "5,6,7", greek, "P1D"))
    end = greek + timedelta(hours=24 + 25 + 24)
    assert values(world, greek, end, TimeStep.DAY, ("GR-1",)) == [["5.000", "6.000", "7.000"]]


@pytest.mark.parametrize(
    ("step", "fits"),
    [
        ("PT10M", {"PT10M", "PT30M", "PT1H", "P1D"}),
        ("PT15M", {"PT15M", "PT30M", "PT1H", "P1D"}),
        ("PT30M", {"PT30M", "PT1H", "P1D"}),
        ("PT1H", {"PT1H", "P1D"}),
        ("P1D", {"P1D"}),
    ],
)
def test_only_finer_steps_make_coarser_ones(world: ValueWorld, step: str, fits: set[str]) -> None:
    n = timedelta(days=1) // TimeStep(step).duration
    start = MIDNIGHT
    send(world, line(values=",".join(["2"] * n), start=start, step=step))
    for asked in TimeStep:
        if asked.value in fits:
            got = values(world, start, start + timedelta(days=1), asked)[0]
            assert set(got) == {f"{2 * n // len(got)}.000"}
        else:
            with pytest.raises(Refused, match="cannot be made"):
                values(world, start, start + timedelta(days=1), asked)


def test_power_is_averaged_and_a_missing_quarter_is_a_missing_hour(world: ValueWorld) -> None:
    send(world, line(values="1,2,2,2,-4,,1,1", q="power"))
    send(world, line(values="10,20", q="power", step="PT30M", start=MIDNIGHT + timedelta(hours=1)))
    got = values(world, MIDNIGHT, MIDNIGHT + timedelta(hours=2), TimeStep.HOUR, quantity=Quantity.POWER)
    assert [Decimal(v or "nan") for v in got[0]] == [Decimal("1.75"), Decimal(15)]
    thirds = line(values="1,1,2", q="power", step="PT10M", start=MIDNIGHT + timedelta(hours=5))
    send(world, thirds)
    half = MIDNIGHT + timedelta(hours=5)
    got = values(world, half, half + timedelta(minutes=30), TimeStep.MINUTES_30, quantity=Quantity.POWER)
    assert got == [["1.333333"]]


def test_who_sees_values(world: ValueWorld) -> None:
    send(world, line())
    asked = {"quantity": Quantity.CONSUMPTION, "time_step": TimeStep.HOUR, "start": MIDNIGHT}
    mine = ListValues(pod_ids=(PodId("DE-1"),), end=MIDNIGHT + timedelta(hours=1), **asked)  # type: ignore[arg-type]
    assert len(world.ask("house", mine)) == 1
    assert world.codes("flat", mine) == [("unknown_pod", "pod_ids[0]")]
    for stranger in ("pool", "market-place", "peer1"):
        assert world.codes(stranger, mine) == [("not_permitted", "")]
    none = ListValues(pod_ids=(), end=MIDNIGHT + timedelta(hours=1), **asked)  # type: ignore[arg-type]
    assert world.codes("meters", none) == [("out_of_range", "pod_ids")]
    for start, end, code in (
        (MIDNIGHT, MIDNIGHT, "out_of_range"),
        (MIDNIGHT, MIDNIGHT + timedelta(days=401), "out_of_range"),
        (MIDNIGHT.replace(tzinfo=None), MIDNIGHT, "naive_time"),
        (MIDNIGHT + timedelta(minutes=1), MIDNIGHT + timedelta(hours=1), "wrong_time_step"),
    ):
        asked |= {"start": start, "end": end}
        wrong = ListValues(pod_ids=(PodId("DE-1"),), **asked)  # type: ignore[arg-type]
        assert world.codes("meters", wrong)[0][0] == code


def test_packed_values_that_are_none(world: ValueWorld) -> None:
    assert world.codes("meters", StoreValues(batch=b"PK not really")) == [("malformed", "batch")]
    assert world.codes("house", StoreValues(batch=b"")) == [("not_permitted", "")]


def test_least_pods(world: ValueWorld) -> None:
    assert world.ask("meters", GetLeastPods()) == 5
    world.do("meters", SetLeastPods(least_pods=7))
    world.do("meters", SetLeastPods(least_pods=8))
    assert world.ask("meters", GetLeastPods()) == 8
    for least in (2, 1001):
        assert world.codes("meters", SetLeastPods(least_pods=least)) == [("out_of_range", "least_pods")]
    assert world.codes("house", SetLeastPods(least_pods=7)) == [("not_permitted", "")]
