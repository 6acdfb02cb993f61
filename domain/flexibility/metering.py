"""Meter readings: points of delivery, which asset each stands for, and what was metered there on a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.errors import Finding
from domain.ids import AssetId, PartyId, PodId
from domain.units import MAX_P_MW, Series, number_findings

Readings = tuple[Decimal | None, ...]
"""One value per quarter hour, None where nothing was metered."""

MAX_GAPS_NAMED = 5
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{2,39}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class PodMapping:
    """A point of delivery stands for one asset, and by it for a bus, from a day until a later mapping of it."""

    id: str
    pod_id: PodId
    asset_id: AssetId
    valid_from: date
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class MeterReading:
    """What was metered at a point of delivery on a day; a correction is a new revision, the old one stays.

    p_mw : [n_steps] mean injection per quarter hour, MW, up positive
    q_mvar : [n_steps] likewise, Mvar; empty where it is not metered
    """

    id: str
    pod_id: PodId
    delivery_day: date
    revision: int
    p_mw: Readings
    reported_by: PartyId
    reported_at: datetime
    q_mvar: Readings = ()
    version: int = 0

    @property
    def complete(self) -> bool:
        """Whether every quarter hour has its active power."""
        return all(value is not None for value in self.p_mw)


@dataclass(frozen=True, kw_only=True)
class AssetForecast:
    """A forecast of an asset's injection `p_mw` [n_steps], MW, with who gave it and when."""

    id: str
    asset_id: AssetId
    delivery_day: date
    p_mw: Series
    uploaded_by: PartyId
    uploaded_at: datetime
    version: int = 0


def pod_findings(pod_id: str, field: str = "pod_id") -> list[Finding]:
    """What is wrong with the code of a point of delivery, such as an EIC or a meter location id."""
    if _CODE.fullmatch(pod_id):
        return []
    sentence = "Give 3 to 40 letters, digits, dashes, dots or underscores, such as an EIC."
    return [Finding(code="malformed", field=field, sentence=sentence)]


def reading_findings(values: Sequence[Decimal | None], field: str, n_steps: int, unit: str) -> list[Finding]:
    """What is wrong with a series of readings [n_steps]; gaps are allowed, nothing but gaps is not."""
    if len(values) != n_steps:
        sentence = f"{len(values)} values; the day has {n_steps} quarter hours."
        return [Finding(code="wrong_length", field=field, sentence=sentence)]
    if all(value is None for value in values):
        return [Finding(code="missing", field=field, sentence="Every quarter hour is empty.")]
    found: list[Finding] = []
    for step, value in enumerate(values):
        if value is not None:
            at = f"{field}[{step}]"
            found += number_findings(value, at, unit=unit, places=6, low=-MAX_P_MW, high=MAX_P_MW)
    return found[:MAX_GAPS_NAMED]


def mapped(mappings: Iterable[PodMapping], day: date) -> dict[PodId, PodMapping]:
    """The mapping in force on a day, by point of delivery."""
    standing: dict[PodId, PodMapping] = {}
    for mapping in sorted(mappings, key=lambda mapping: mapping.valid_from):
        if mapping.valid_from <= day:
            standing[mapping.pod_id] = mapping
    return standing


def latest(readings: Iterable[MeterReading]) -> dict[tuple[PodId, date], MeterReading]:
    """The last revision of each point of delivery and day."""
    newest: dict[tuple[PodId, date], MeterReading] = {}
    for reading in sorted(readings, key=lambda reading: reading.revision):
        newest[reading.pod_id, reading.delivery_day] = reading
    return newest
