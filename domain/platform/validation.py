"""Technical validation: a player asks a DSO how much of an exchange its network bears (FLEXICIENCY D2.3, table 3).

Positive power is more injection or less consumption. The answer is a fraction of the curve as a whole: every value
of the curve times the share is what may be delivered.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from domain.errors import Finding, Refused
from domain.ids import TechnicalValidationId
from domain.texts import text_findings
from domain.time import MTU, DeliveryDay, instant_findings, market_day
from domain.units import MAX_P_MW, number_findings, total

MAX_POINTS = 1500
"""A minute each, on the longest day."""
MAX_PARTS = 500
MAX_FINDINGS = 20
WHOLE = Decimal(1)


class SystemOperator(StrEnum):
    DSO = "dso"
    TSO = "tso"


class LimitKind(StrEnum):
    """What an exchange may run into; the last is an operating point that the network does not have."""

    VOLTAGE = "voltage"
    LOADING = "loading"
    IMPORT = "import"
    EXPORT = "export"
    APPARENT = "apparent"
    NO_SOLUTION = "no_solution"

    @property
    def unit(self) -> str:
        return _UNITS[self]


_UNITS = {
    LimitKind.VOLTAGE: "pu",
    LimitKind.LOADING: "%",
    LimitKind.IMPORT: "MW",
    LimitKind.EXPORT: "MW",
    LimitKind.APPARENT: "MVA",
    LimitKind.NO_SOLUTION: "",
}


@dataclass(frozen=True, kw_only=True)
class PowerPoint:
    """A power that holds from an instant to the next one of its curve, or to the curve's end."""

    at: datetime
    power_mw: Decimal


@dataclass(frozen=True, kw_only=True)
class AreaPart:
    """A bus or a feeder of the DSO's network, by its name, and its share of the exchange in 0..1.

    A feeder spreads its share over its buses as the rated powers that are connected there.
    """

    name: str
    share: Decimal = WHOLE


@dataclass(frozen=True, kw_only=True)
class TechnicalValidationRequest:
    """TECH-FLEX-REQ: a power curve and the load area where it is delivered, whose shares add up to 1."""

    id: TechnicalValidationId
    start: datetime
    end: datetime
    curve: tuple[PowerPoint, ...]
    load_area: tuple[AreaPart, ...]

    def power_mw(self, at: datetime) -> Decimal:
        """What is proposed at an instant from `start` to before `end`."""
        return next(point.power_mw for point in reversed(self.curve) if point.at <= at)

    def moments(self) -> tuple[datetime, ...]:
        """The instants at which the curve or the quarter hour changes: between them nothing does."""
        first = DeliveryDay(day=market_day(self.start)).start
        quarters = (first + MTU * k for k in range((self.start - first) // MTU + 1, -((first - self.end) // MTU)))
        return tuple(sorted({point.at.astimezone(UTC) for point in self.curve} | set(quarters)))


@dataclass(frozen=True, kw_only=True)
class CouplingLimits:
    """What the TSO allows at the DSO's coupling point: import and export in MW, both counted from 0 up, and
    apparent power in MVA; None where it says nothing."""

    import_max_mw: Decimal | None = None
    export_max_mw: Decimal | None = None
    s_max_mva: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class BindingLimit:
    """What forbids a larger share, in the unit of its kind.

    element : a bus or branch of the network; at : the moment; base, value, whole : without the exchange, with the
    allowed share of it and with all of it, None without a solution of the power flow
    """

    operator: SystemOperator
    element: str
    kind: LimitKind
    at: datetime
    limit: Decimal | None
    base: Decimal | None
    value: Decimal | None
    whole: Decimal | None


@dataclass(frozen=True, kw_only=True)
class TechnicalValidationResponse:
    """TECH-FLEX-RESP: the curtailment factor, as the DSO's limits allow it, as the TSO's do, and as both do.

    `share` is the smaller of the two, or less where one's allowed shares have a gap at the other's largest. A
    binding limit is None where its share is 1.
    """

    request_id: TechnicalValidationId
    share: Decimal
    dso_share: Decimal
    tso_share: Decimal
    binding: BindingLimit | None
    dso_binding: BindingLimit | None
    tso_binding: BindingLimit | None


def request_findings(request: TechnicalValidationRequest) -> list[Finding]:
    """What is wrong with a request by itself, at most `MAX_FINDINGS`; `area_findings` looks for its area."""
    return [*_span_findings(request), *_curve_findings(request), *_part_findings(request.load_area)][:MAX_FINDINGS]


def area_findings(request: TechnicalValidationRequest, known: Collection[str]) -> list[Finding]:
    """Parts of the load area that are not among the known buses and feeders."""
    sentence = "The network has no bus or feeder of this name."
    return [
        Finding(code="unknown_area", field=f"load_area[{i}].name", sentence=sentence)
        for i, part in enumerate(request.load_area)
        if part.name not in known
    ][:MAX_FINDINGS]


def coupling_findings(limits: CouplingLimits) -> list[Finding]:
    """What is wrong with the TSO's limits."""
    given = (
        ("import_max_mw", limits.import_max_mw, "MW"),
        ("export_max_mw", limits.export_max_mw, "MW"),
        ("s_max_mva", limits.s_max_mva, "MVA"),
    )
    return [
        finding
        for field, value, unit in given
        if value is not None
        for finding in number_findings(value, field, unit=unit, places=6, low=Decimal(0), high=MAX_P_MW)
    ]


def _span_findings(request: TechnicalValidationRequest) -> list[Finding]:
    found = [*instant_findings(request.start, "start"), *instant_findings(request.end, "end")]
    if found:
        return found
    if request.end <= request.start:
        return [Finding(code="out_of_range", field="end", sentence="The end has to be after the start.")]
    try:
        last = DeliveryDay(day=market_day(request.start)).end
    except (OverflowError, Refused):
        return [Finding(code="out_of_range", field="start", sentence="There is no such delivery day.")]
    if request.end > last:
        sentence = "The exchange reaches into a second delivery day; ask for each day by itself."
        return [Finding(code="not_on_grid", field="end", sentence=sentence)]
    return []


def _curve_findings(request: TechnicalValidationRequest) -> list[Finding]:
    curve = request.curve
    if not 1 <= len(curve) <= MAX_POINTS:
        sentence = f"A curve has 1 to {MAX_POINTS} values; this one has {len(curve)}."
        return [Finding(code="out_of_range", field="curve", sentence=sentence)]
    found = []
    for i, point in enumerate(curve):
        found += number_findings(
            point.power_mw, f"curve[{i}].power_mw", unit="MW", places=6, low=-MAX_P_MW, high=MAX_P_MW
        )
        found += instant_findings(point.at, f"curve[{i}].at")
    if found:
        return found[:MAX_FINDINGS]
    if not any(point.power_mw for point in curve):
        found.append(Finding(code="zero_quantity", field="curve", sentence="Every value of the curve is zero."))
    if any(instant_findings(end, "") for end in (request.start, request.end)) or request.end <= request.start:
        return found
    return found + (_order_findings(curve) or _outside_findings(request) or _gap_findings(request))


def _order_findings(curve: Sequence[PowerPoint]) -> list[Finding]:
    sentence = "This value is not after the one before it; give the values in the order of their times."
    return [
        Finding(code="unordered", field=f"curve[{i}].at", sentence=sentence)
        for i, (before, point) in enumerate(pairwise(curve), start=1)
        if point.at <= before.at
    ]


def _outside_findings(request: TechnicalValidationRequest) -> list[Finding]:
    sentence = "This value is not between the start and the end of the exchange."
    return [
        Finding(code="out_of_range", field=f"curve[{i}].at", sentence=sentence)
        for i, point in enumerate(request.curve)
        if not request.start <= point.at < request.end
    ]


def _gap_findings(request: TechnicalValidationRequest) -> list[Finding]:
    """The values stand at one distance from the start to the end; a larger one misses values."""
    times = [point.at for point in request.curve]
    lengths = [after - at for at, after in zip(times, [*times[1:], request.end], strict=True)]
    step = min(lengths)
    found = []
    if times[0] != request.start:
        found.append(_gap(0, request.start, times[0]))
    for i, length in enumerate(lengths):
        if length != step:
            found.append(_gap(i, times[i] + step, times[i] + length, step))
    return found


def _gap(place: int, first: datetime, last: datetime, step: timedelta | None = None) -> Finding:
    every = f"; the values before and after are {step.total_seconds() / 60:g} minutes apart" if step else ""
    sentence = f"No value from {_clock(first)} to {_clock(last)}{every}."
    return Finding(code="missing", field=f"curve[{place}].at", sentence=sentence)


def _clock(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _part_findings(parts: Sequence[AreaPart]) -> list[Finding]:
    if not 1 <= len(parts) <= MAX_PARTS:
        sentence = f"A load area names 1 to {MAX_PARTS} buses or feeders; this one names {len(parts)}."
        return [Finding(code="out_of_range", field="load_area", sentence=sentence)]
    found = []
    seen: set[str] = set()
    for i, part in enumerate(parts):
        found += text_findings(part.name, f"load_area[{i}].name", most=200)
        found += number_findings(
            part.share, f"load_area[{i}].share", unit="1", places=6, low=Decimal(0), high=WHOLE
        )
        if part.name in seen:
            found.append(Finding(code="duplicate", field=f"load_area[{i}].name", sentence="It is named twice."))
        seen.add(part.name)
    if not found and total([part.share for part in parts]) != WHOLE:
        sentence = f"The shares add up to {total([part.share for part in parts])}; they have to add up to 1."
        found.append(Finding(code="out_of_range", field="load_area", sentence=sentence))
    return found
