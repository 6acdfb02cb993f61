"""The seeded rule: which units are flexible, whose they are, and what is offered at which price.

Every draw comes from a generator seeded with the file's seed and the name of what is drawn, so that a unit's lot
does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import ROUND_DOWN, Decimal
from random import Random

from app.bridge.networks import NetworkFacts, UnitFacts
from app.bridge.schedules import ScheduleFacts
from app.demo.scenario import KindRule, Scenario
from domain.commands import RegisterAsset
from domain.flexibility.assets import AssetKind, Direction, FlexAsset, headroom
from domain.ids import AssetId, PartyId, RegionId
from domain.time import MARKET_ZONE, DeliveryDay
from domain.units import CENT, WATT, Series

KILOWATT = Decimal("0.001")
ZERO = Decimal(0)
BASELINE_LOW = 0.97
"""An owner's own baseline is drawn between this part of the DSO's schedule and all of it."""


@dataclass(frozen=True, kw_only=True)
class Lot:
    """A unit that an owner registers. `own_p_mw`: the owner's baseline [n_steps], if it has one of its own."""

    owner_id: PartyId
    unit: UnitFacts
    zone: str
    rule: KindRule
    command: RegisterAsset
    own_p_mw: Series | None
    pending: bool


@dataclass(frozen=True, kw_only=True)
class OfferPlan:
    """An offer to be submitted: quantities [n_steps] MW by unit id, one price over the day."""

    owner_id: PartyId
    direction: Direction
    quantity_mw: Mapping[str, Series]
    price_eur_per_mwh: Decimal


def draw(scenario: Scenario, *names: str) -> Random:
    """The generator for one named draw."""
    return Random("/".join((str(scenario.seed), *names)))  # noqa: S311 - a reproducible draw, no secret


def lots(
    scenario: Scenario, region_id: RegionId, network: NetworkFacts, schedule: ScheduleFacts
) -> tuple[Lot, ...]:
    """The flexible units of a region with their owners, in the order of the network document."""
    rules = {unit_type: rule for rule in scenario.kinds for unit_type in rule.types}
    independent = {party.id for party in scenario.parties if party.independent}
    brp = next(party.brp_id for party in scenario.parties if party.brp_id)
    found = []
    for unit in network.units:
        rule = rules.get(unit.type)
        if rule is None or unit.p_max_mw < KILOWATT:
            continue
        lot = draw(scenario, region_id, unit.unit_id)
        if lot.random() >= rule.share:
            continue
        owner = lot.choices(list(rule.owners), weights=list(rule.owners.values()))[0]
        factor = Decimal(repr(round(lot.uniform(BASELINE_LOW, 1.0), 4)))
        found.append(
            Lot(
                owner_id=owner,
                unit=unit,
                zone=network.zone_of_bus[unit.bus],
                rule=rule,
                command=_register(region_id, unit, rule, brp if owner in independent else None),
                own_p_mw=_scaled(schedule.p_mw[unit.unit_id], factor) if rule.own_baseline else None,
                pending=False,
            )
        )
    return tuple(_with_pending(scenario, found))


def _with_pending(scenario: Scenario, found: Sequence[Lot]) -> Iterable[Lot]:
    own = [lot for lot in found if lot.owner_id == scenario.pending_owner]
    waiting = {lot.unit.unit_id for lot in own[len(own) - scenario.n_pending :]}
    for lot in found:
        yield replace(lot, pending=lot.unit.unit_id in waiting)


def _register(region_id: RegionId, unit: UnitFacts, rule: KindRule, brp_id: PartyId | None) -> RegisterAsset:
    charges = rule.kind is AssetKind.STORAGE
    consumes = rule.kind is AssetKind.LOAD
    return RegisterAsset(
        region_id=region_id,
        unit_id=unit.unit_id,
        name=f"{rule.label} {unit.bus.partition(' ')[2] or unit.bus}",
        kind=rule.kind,
        p_min_mw=-unit.p_max_mw if charges or consumes else ZERO,
        p_max_mw=ZERO if consumes else unit.p_max_mw,
        flexible_share=rule.flexible_share,
        s_max_mva=unit.s_max_mva or None,
        brp_id=brp_id,
    )


def _scaled(values: Series, factor: Decimal) -> Series:
    return tuple((value * factor).quantize(WATT, rounding=ROUND_DOWN) for value in values)


def as_asset(lot: Lot) -> FlexAsset:
    """The lot as the asset it will be, named by its unit."""
    command = lot.command
    return FlexAsset(
        id=AssetId(lot.unit.unit_id),
        owner_id=lot.owner_id,
        region_id=command.region_id,
        unit_id=command.unit_id,
        bus=lot.unit.bus,
        name=command.name,
        kind=command.kind,
        p_min_mw=command.p_min_mw,
        p_max_mw=command.p_max_mw,
        flexible_share=command.flexible_share,
        s_max_mva=command.s_max_mva,
        brp_id=command.brp_id,
    )


def offers(
    scenario: Scenario, region_id: RegionId, schedule: ScheduleFacts, owned: Sequence[Lot], silent: frozenset[str]
) -> tuple[OfferPlan, ...]:
    """One offer for each owner, feeder, label and direction over its confirmed assets, in that order.

    silent : participants that offer nothing
    """
    groups: dict[tuple[PartyId, str, str, Direction], list[Lot]] = {}
    for lot in owned:
        if not lot.pending and lot.owner_id not in silent:
            for direction in lot.rule.directions:
                groups.setdefault((lot.owner_id, lot.zone, lot.rule.label, direction), []).append(lot)
    plans = []
    for (owner, zone, label, direction), members in sorted(groups.items()):
        rule = members[0].rule
        quantities = {lot.unit.unit_id: _offered(lot, direction, schedule) for lot in members}
        worth = {unit: values for unit, values in quantities.items() if any(values)}
        spread = draw(scenario, region_id, owner, zone, label, direction.value).uniform(-1.0, 1.0)
        price = (rule.price + rule.spread * Decimal(repr(round(spread, 6)))).quantize(CENT)
        if worth:
            plans.append(
                OfferPlan(owner_id=owner, direction=direction, quantity_mw=worth, price_eur_per_mwh=price)
            )
    return tuple(plans)


def _offered(lot: Lot, direction: Direction, schedule: ScheduleFacts) -> Series:
    """The offered part of the headroom in whole kilowatts; a storage's within its energy, in its hours."""
    own = (lot.own_p_mw,) if lot.own_p_mw else ()
    room = headroom(as_asset(lot), schedule.p_mw[lot.unit.unit_id], *own).of(direction)
    wanted = [value * lot.rule.offered for value in room]
    if lot.rule.hours:
        inside = _inside(schedule.day, lot.rule.hours)
        even = (lot.unit.energy_mwh or ZERO) / max(sum(inside), 1) * 4
        wanted = [min(value, even) if chosen else ZERO for value, chosen in zip(wanted, inside, strict=True)]
    return tuple(value.quantize(KILOWATT, rounding=ROUND_DOWN) for value in wanted)


def _inside(day: date, hours: tuple[time, time]) -> list[bool]:
    delivery = DeliveryDay(day=day)
    local = [delivery.instant(step).astimezone(MARKET_ZONE).time() for step in range(delivery.n_steps)]
    return [hours[0] <= at < hours[1] for at in local]
