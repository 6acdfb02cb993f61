"""A day of 100,000 points of delivery by 96 values: uploaded as a file, stored, aggregated; times and memory.

python -m tests.soak.bulk_values [N_PODS] [--format csv|jsonl] [--database URL]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from app.platform.bootstrap import Platform, build
from app.platform.values.reading import HEAD, Format
from app.platform.values.uploading import upload
from app.queries.models.platform import AggregateValues
from domain.commands.platform import UploadPods
from domain.ids import PartyId, PodId
from domain.marketplace.words import AggregationLevel, AggregationMethod, Quantity, TimeStep
from domain.parties import SYSTEM, Party, Principal, Role
from domain.time import DeliveryDay

N_PODS = 100_000
MOST_S, MOST_MB = 60, 1024
DAY = DeliveryDay(day=date(2026, 11, 1))
NOW = datetime(2026, 11, 3, tzinfo=UTC)
METERS = Principal(account="meters", party_id=PartyId("meters"), role=Role.PROVIDER)
COUNTRIES = ("DE", "FR", "IT", "ES")


class Meters:
    """The platform's desk as its provider."""

    def __init__(self, platform: Platform) -> None:
        self.desk = platform.desk

    def execute(self, command: Any) -> object:
        return self.desk.execute(METERS, command)

    def query(self, query: Any) -> Any:
        return self.desk.query(METERS, query)


def main() -> int:
    """1 when it took longer, or more memory, than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int, nargs="?", default=N_PODS, help="points of delivery")
    parser.add_argument("--format", choices=[form.value for form in Format], default="csv")
    parser.add_argument("--database", default="", help="address of an empty database, instead of SQLite in a file")
    asked = parser.parse_args()
    form = Format(asked.format)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"day.{form.value}"
        _in_child(lambda: _write(file, asked.n, form))
        print(f"{asked.n} points of delivery x {DAY.n_steps} values, {form.value}, {_megabytes(file):.0f} MB")
        platform = build(asked.database or f"sqlite:///{folder}/platform.db", wall_clock=lambda: NOW)
        seconds = _measure(platform, file, form, asked.n)
        size = 0 if asked.database else _megabytes(Path(folder, "platform.db"))
        platform.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    slowest = max(took for what, took in seconds.items() if what.startswith("aggregate"))
    whole = seconds["upload and store"] + slowest
    print(f"upload, store and the slowest aggregate {whole:.1f} s, peak {peak:.0f} MB, database {size:.0f} MB")
    return 1 if whole > MOST_S or peak > MOST_MB else 0


def _measure(platform: Platform, file: Path, form: Format, n: int) -> dict[str, float]:
    meters = Meters(platform)
    with platform.store.write(SYSTEM, Party(id=PartyId("x"), name="seed", role=Role.SYSTEM)) as uow:
        uow.add(Party(id=METERS.party_id, name="Meters", role=Role.PROVIDER))
    seconds = {}
    with _timed(seconds, "register the points of delivery"):
        meters.execute(UploadPods(document="\n".join(("pod_id,country,postcode,city,street", *_pods(n)))))
    with _timed(seconds, "upload and store"):
        made = upload(meters, _chunks(file), form)
    assert (made.n_values, made.n_stored, made.n_bad) == (n * DAY.n_steps, n, 0)
    with _timed(seconds, "the same file again"):
        assert upload(meters, _chunks(file), form).n_same == n
    for level in (AggregationLevel.COUNTRY, AggregationLevel.CITY, AggregationLevel.STREET):
        for step in (TimeStep.MINUTES_15, TimeStep.HOUR, TimeStep.DAY):
            with _timed(seconds, f"aggregate by {level.value}, {step.value}"):
                _check(meters.query(_asked(level, step)), n)
    pods = tuple(PodId(f"POD-{k:06}") for k in range(0, n, 10))
    with _timed(seconds, f"aggregate a portfolio of {len(pods)}, PT15M"):
        meters.query(_asked(AggregationLevel.PORTFOLIO, TimeStep.MINUTES_15, pods))
    return seconds


class _timed:  # noqa: N801 - used as a word
    def __init__(self, seconds: dict[str, float], what: str) -> None:
        self.seconds, self.what = seconds, what

    def __enter__(self) -> None:
        self.began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds[self.what] = time.perf_counter() - self.began
        print(f"{self.seconds[self.what]:8.2f} s  {self.what}", flush=True)


def _asked(level: AggregationLevel, step: TimeStep, pods: tuple[PodId, ...] = ()) -> AggregateValues:
    return AggregateValues(
        level=level,
        method=AggregationMethod.SUM,
        quantity=Quantity.CONSUMPTION,
        time_step=step,
        start=DAY.start,
        end=DAY.end,
        pod_ids=pods,
    )


def _check(found: Iterable[Any], n: int) -> None:
    """Each value of the file is in the sum once."""
    total = sum(value for series in found for value in series.values if value is not None)
    expected = sum(_value(k, step) for k in range(n) for step in range(DAY.n_steps))
    assert int(total * 1000) == expected, (total, expected)


def _value(k: int, step: int) -> int:
    return (k * 31 + step * 7) % 2_000


def _pods(n: int) -> Iterator[str]:
    n_cities = max(4, n // 250)
    for k in range(n):
        city = k % n_cities
        yield f"POD-{k:06},{COUNTRIES[city % 4]},10{city:03},City {city},Street {k // n_cities % 10}"


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(65_536):
            yield chunk


def _write(file: Path, n: int, form: Format) -> None:
    start = DAY.start.isoformat().replace("+00:00", "Z")
    with file.open("w", encoding="ascii") as stream:
        if form is Format.CSV:
            stream.write(HEAD + "\n")
        for k in range(n):
            cells = [f"{_value(k, step) / 1000:.3f}" for step in range(DAY.n_steps)]
            if form is Format.CSV:
                stream.write(f"POD-{k:06},energy consumption,PT15M,{start},{','.join(cells)}\n")
            else:
                said = {"pod_id": f"POD-{k:06}", "quantity": "energy consumption", "time_step": "PT15M"}
                stream.write(json.dumps({**said, "start": start, "values": list(map(float, cells))}) + "\n")


def _megabytes(file: Path) -> float:
    return file.stat().st_size / 1e6


def _in_child(work: Any) -> None:
    """In a process of its own, whose memory does not count."""
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    os.waitpid(child, 0)


if __name__ == "__main__":
    sys.exit(main())
