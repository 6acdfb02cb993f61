"""A file of several assets' baselines or forecasts, read strictly with every finding by its line.

Either a column per asset (`time,Roof A,Roof B`) or a row per asset and quarter hour (`asset,time,p_mw`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from domain.errors import Finding, raise_if, refuse
from domain.flexibility.assets import AssetSeries, FlexAsset
from domain.ids import AssetId
from domain.time import DeliveryDay
from domain.units import Series, decimals
from views.state.files import csv_rows, file_text

PLACES = 6
MAX_FINDINGS = 50
LONG = ["asset", "time", "p_mw"]
FORMAT = (
    "CSV in MW, injection positive. Either a first column time and a column for each asset, headed by its name "
    "or id, or rows of asset, time, p_mw. Times are local, such as 10:15, one row per quarter hour of the day."
)


@dataclass
class _Reading:
    """What is read so far; `at` names the place of a value for its findings."""

    found: list[Finding] = field(default_factory=list)

    def say(self, code: str, at: str, sentence: str) -> None:
        self.found.append(Finding(code=code, field=at, sentence=sentence))

    def value(self, cell: str, at: str) -> Decimal:
        text = cell.strip().replace(",", ".")
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            self.say("not_finite", at, f"{text[:20]!r} is no finite number.")
        elif decimals(value) > PLACES:
            self.say("too_many_decimals", at, f"{decimals(value)} decimals; {PLACES} are allowed.")
        return value


def read(content: bytes | None, day: DeliveryDay, assets: Sequence[FlexAsset]) -> tuple[AssetSeries, ...]:
    """The series of each asset in the file, [n_steps] MW.

    Raises:
        Refused: `missing`, `too_large`, `malformed` for the file; per row and column `unknown_asset`,
            `duplicate`, `wrong_length`, `malformed` (time), `not_finite`, `too_many_decimals`.
    """
    rows = _rows(file_text(content))
    header = [cell.strip() for cell in rows[0][1]]
    reading = _Reading()
    by_name = _names(assets)
    if [cell.lower() for cell in header] == LONG:
        series = _long(rows[1:], day, by_name, reading)
    elif header[0].lower() == "time" and len(header) > 1:
        series = _wide(header, rows[1:], day, by_name, reading)
    else:
        raise refuse("malformed", "row 1", "The header is `time` and the assets, or `asset,time,p_mw`.")
    raise_if(reading.found[:MAX_FINDINGS])
    return tuple(AssetSeries(asset_id=asset_id, p_mw=p_mw) for asset_id, p_mw in series.items())


def _names(assets: Sequence[FlexAsset]) -> dict[str, AssetId]:
    """Assets by id, and by name where it is the only one of that name."""
    names = [asset.name for asset in assets]
    return {a.name: a.id for a in assets if names.count(a.name) == 1} | {str(a.id): a.id for a in assets}


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """(row of the file, cells), without empty rows."""
    rows = csv_rows(text)
    if len(rows) < 2:
        raise refuse("missing", "file", "The file has a header at most; give a row per quarter hour.")
    return rows


def _wide(
    header: list[str],
    rows: list[tuple[int, list[str]]],
    day: DeliveryDay,
    by_name: Mapping[str, AssetId],
    reading: _Reading,
) -> dict[AssetId, Series]:
    columns: dict[AssetId, int] = {}
    for k, name in enumerate(header[1:], 1):
        at = f"row 1, column {k + 1}"
        asset_id = by_name.get(name)
        if asset_id is None:
            reading.say("unknown_asset", at, f"{name[:40]!r} is none of your assets, or two have that name.")
        elif asset_id in columns:
            reading.say("duplicate", at, f"{name[:40]!r} has a column already.")
        else:
            columns[asset_id] = k
    _check_times([(n, row[0]) for n, row in rows], day, "", reading)
    series = {
        asset_id: tuple(
            reading.value(row[k] if k < len(row) else "", f"row {n}, column {k + 1}") for n, row in rows
        )
        for asset_id, k in columns.items()
    }
    for n, row in rows:
        if len(row) > len(header):
            reading.say("malformed", f"row {n}", f"{len(row)} cells; the header has {len(header)}.")
    return series


def _long(
    rows: list[tuple[int, list[str]]], day: DeliveryDay, by_name: Mapping[str, AssetId], reading: _Reading
) -> dict[AssetId, Series]:
    grouped: dict[AssetId, list[tuple[int, list[str]]]] = {}
    for n, row in rows:
        if len(row) != len(LONG):
            reading.say("malformed", f"row {n}", f"{len(row)} cells; asset, time and p_mw are three.")
        elif row[0].strip() not in by_name:
            sentence = f"{row[0].strip()[:40]!r} is none of your assets, or two have that name."
            reading.say("unknown_asset", f"row {n}", sentence)
        else:
            grouped.setdefault(by_name[row[0].strip()], []).append((n, row))
    for own in grouped.values():
        _check_times([(n, row[1]) for n, row in own], day, f" of {own[0][1][0].strip()[:40]}", reading)
    return {
        asset_id: tuple(reading.value(row[2], f"row {n}, column 3") for n, row in own)
        for asset_id, own in grouped.items()
    }


def _check_times(cells: list[tuple[int, str]], day: DeliveryDay, whose: str, reading: _Reading) -> None:
    if len(cells) != day.n_steps:
        sentence = f"{len(cells)} rows{whose}; {day.day:%d %b %Y} has {day.n_steps} quarter hours."
        reading.say("wrong_length", "file", sentence)
        return
    for step, (n, cell) in enumerate(cells):
        if cell.strip() != day.label(step):
            reading.say("malformed", f"row {n}", f"{cell.strip()[:20]!r} where {day.label(step)} is expected.")


def example(day: DeliveryDay, series: Mapping[str, Series]) -> str:
    """A file that `read` takes: a column per asset, by the name it is headed with."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["time", *series])
    writer.writerows(_lines(day, series))
    return out.getvalue()


def _lines(day: DeliveryDay, series: Mapping[str, Series]) -> Iterator[list[str]]:
    for step in range(day.n_steps):
        yield [day.label(step), *(f"{values[step]:f}" for values in series.values())]
