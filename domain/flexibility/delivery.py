"""What was delivered of an award: metered less baseline, per quarter hour, in the direction of the call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.flexibility.assets import Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.contracts import Terms
from domain.flexibility.market import Activation, Award
from domain.flexibility.metering import MeterReading, Readings
from domain.flexibility.reference import METHOD_WORDS, Reference
from domain.ids import AwardId
from domain.lifecycle import ActivationState
from domain.time import DeliveryDay
from domain.units import WATT, Series, energy_mwh

ZERO = Decimal(0)
PLAUSIBLE_SHARE = Decimal("0.10")
"""Readings may pass the asset's limits by this share of the larger one before they are implausible."""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What the validation finds on an award; one that is `blocking` must be mended or accepted."""

    kind: str
    sentence: str
    blocking: bool = False


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What is known of one asset's delivery of one commodity on a day; `reading` and `reference` as settled by.

    change : [n_steps] metered less baseline, None where it is not known; empty where nothing can be measured
    """

    asset: FlexAsset
    commodity: Commodity
    pod_id: str
    reading: MeterReading | None
    reference: Reference
    change: Readings


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One award: `delivered_mw` [n_steps] >= 0, at most what was awarded, in the unit of its commodity."""

    award: Award
    terms: Terms
    delivered_mw: Series
    basis: str
    remarks: tuple[Remark, ...]

    @property
    def missing_mw(self) -> Series:
        return tuple(a - d for a, d in zip(self.award.accepted_mw, self.delivered_mw, strict=True))


def change_of(metered: Readings, baseline: Series | None) -> Readings:
    """[n_steps] metered less baseline; empty without a baseline or readings."""
    if baseline is None or not metered:
        return ()
    return tuple(None if m is None else m - b for m, b in zip(metered, baseline, strict=True))


def deliveries(
    measured: Measured, awards: Sequence[Award], calls: Mapping[AwardId, Activation], terms: Terms
) -> Iterator[Delivery]:
    """The deliveries of an asset's awards of one commodity and party. A refused call delivers nothing."""
    refused = {a.id for a in awards if a.id in calls and calls[a.id].state is ActivationState.REFUSED}
    standing = [award for award in awards if award.id not in refused]
    as_awarded = measured.commodity is Commodity.Q and not measured.change
    if as_awarded:
        shared = {award.id: award.accepted_mw for award in standing}
    else:
        shared = share(standing, measured.change)
    for award in awards:
        none = (ZERO,) * len(award.accepted_mw)
        delivered = shared.get(award.id, none)
        remarks = _remarks(measured, award, delivered, refused=award.id in refused)
        yield Delivery(
            award=award, terms=terms, delivered_mw=delivered, basis=_basis(measured), remarks=tuple(remarks)
        )


def share(awards: Sequence[Award], change: Readings) -> dict[AwardId, Series]:
    """What of an asset's change [n_steps] each of its awards is credited with.

    The change is held against the sum of the calls. What it falls short of that sum is missing from the awards up,
    what it exceeds is missing from the awards down, in proportion to the awards and at most all of them. More than
    was called in one direction alone is no shortfall. Where the change is not known nothing is credited.
    """
    credited: dict[AwardId, list[Decimal]] = {award.id: [] for award in awards}
    n_steps = len(awards[0].accepted_mw) if awards else 0
    for step in range(n_steps):
        known = change[step] if change else None
        called = {d: sum((a.accepted_mw[step] for a in awards if a.direction is d), ZERO) for d in Direction}
        for award in awards:
            asked = award.accepted_mw[step]
            credited[award.id].append(_credit(asked, known, called, award.direction) if asked else ZERO)
    return {award_id: tuple(values) for award_id, values in credited.items()}


def _credit(
    asked: Decimal, change: Decimal | None, called: Mapping[Direction, Decimal], direction: Direction
) -> Decimal:
    if change is None:
        return ZERO
    excess = change - (called[Direction.UP] - called[Direction.DOWN])
    missing = max(ZERO, -excess if direction is Direction.UP else excess)
    whole = called[direction]
    if missing == 0:
        return asked
    return ZERO if missing >= whole else (asked - asked * missing / whole).quantize(WATT)


def _basis(measured: Measured) -> str:
    """In words: reading and baseline."""
    if measured.commodity is Commodity.Q and not measured.change:
        return "As awarded: reactive power is not metered"
    if measured.reading is None:
        return "Not metered"
    if measured.reference.p_mw is None:
        return "No baseline"
    method = METHOD_WORDS[measured.reference.method]
    return f"Reading {measured.reading.revision}, {method.lower()}: {measured.reference.source}"


def _remarks(measured: Measured, award: Award, delivered: Series, *, refused: bool) -> Iterator[Remark]:
    if refused:
        yield Remark(kind="refused", sentence="The call was refused: nothing is delivered.")
        return
    if measured.commodity is Commodity.Q and not measured.change:
        yield Remark(kind="as awarded", sentence="Reactive power is not metered: settled as awarded.")
        return
    if not measured.pod_id:
        sentence = "The asset has no point of delivery on this day; map one and report its readings."
        yield Remark(kind="no point of delivery", sentence=sentence, blocking=True)
        return
    if measured.reading is None:
        sentence = f"No reading of {measured.pod_id}: nothing counts as delivered."
        yield Remark(kind="reading missing", sentence=sentence, blocking=True)
        return
    yield from _remarks_on_reading(measured, measured.reading, award)
    if measured.reference.reason:
        sentence = f"{measured.reference.reason} Settled by nomination."
        if measured.reference.p_mw is None:
            sentence = f"{measured.reference.reason} Nothing counts as delivered."
        yield Remark(kind="baseline", sentence=sentence, blocking=True)
    missing = [a - d for a, d in zip(award.accepted_mw, delivered, strict=True)]
    if any(missing):
        unit = award.commodity.units.energy
        sentence = f"{energy_mwh(missing):.3f} of {energy_mwh(award.accepted_mw):.3f} {unit} missing."
        yield Remark(kind="under-delivery", sentence=sentence)


def _remarks_on_reading(measured: Measured, reading: MeterReading, award: Award) -> Iterator[Remark]:
    day = DeliveryDay(day=reading.delivery_day)
    values = reading.q_mvar if measured.commodity is Commodity.Q else reading.p_mw
    gaps = [step for step, value in enumerate(values) if value is None and award.accepted_mw[step]]
    if gaps:
        sentence = f"Nothing is metered in {_times(day, gaps)}: nothing counts as delivered there."
        yield Remark(kind="gap", sentence=sentence, blocking=True)
    if measured.commodity is Commodity.P:
        low, high = plausible(measured.asset)
        wild = [step for step, value in enumerate(values) if value is not None and not low <= value <= high]
        if wild:
            value, unit = values[wild[0]], "MW"
            sentence = (
                f"{value} {unit} in {_times(day, wild)} is beyond the asset's {measured.asset.p_min_mw} to"
                f" {measured.asset.p_max_mw} {unit}."
            )
            yield Remark(kind="implausible", sentence=sentence, blocking=True)


def plausible(asset: FlexAsset) -> tuple[Decimal, Decimal]:
    """Least and most injection that a reading may show, MW."""
    margin = PLAUSIBLE_SHARE * max(abs(asset.p_min_mw), abs(asset.p_max_mw))
    return asset.p_min_mw - margin, asset.p_max_mw + margin


def _times(day: DeliveryDay, steps: Iterable[int]) -> str:
    first, *more = steps
    return f"the quarter hour of {day.label(first)}" + (f" and {len(more)} more" if more else "")
