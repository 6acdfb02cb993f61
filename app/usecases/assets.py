"""FlexAssets: registered by their owner, confirmed or refused by the DSO, with a baseline per day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import product

from app.bridge import networks
from app.offering import schedule_of, taken_mw
from app.usecases.ownership import own_region
from app.usecases.trading import withdraw_undeliverable
from domain.checks import LOCKED, day_findings, remaining
from domain.commands import ConfirmAsset, ConfirmConditionally, RefuseAsset, RegisterAsset, UploadBaseline
from domain.errors import Finding, Refused, raise_if, refuse
from domain.events import (
    AssetConfirmed,
    AssetConfirmedConditionally,
    AssetRefused,
    AssetRegistered,
    BaselineUploaded,
)
from domain.flexibility.assets import AssetBaseline, AssetKind, Direction, FlexAsset, headroom
from domain.flexibility.commodity import Commodity
from domain.flexibility.conditions import condition_findings
from domain.flexibility.grids import Network
from domain.flexibility.market import MarketSession
from domain.ids import AssetId, BaselineId, PartyId, new_id
from domain.lifecycle import ASSET, AssetState, advance
from domain.parties import Party, Principal, Region, Role
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings
from domain.time import DeliveryDay
from domain.units import MAX_P_MW, number_findings, series_findings

_ZERO, _ONE = Decimal(0), Decimal(1)

_UNIT_KIND: Mapping[AssetKind, str] = {
    AssetKind.PV: "generator",
    AssetKind.WIND: "generator",
    AssetKind.HYDRO: "generator",
    AssetKind.BIOMASS: "generator",
    AssetKind.STORAGE: "storage",
    AssetKind.LOAD: "load",
}

_INJECTION_SIGNS: Mapping[str, tuple[int, int]] = {"generator": (0, 1), "storage": (-1, 1), "load": (-1, 0)}
"""Least and most injection of a unit kind, in units of its rated power."""


def register_asset(uow: UnitOfWork, principal: Principal, command: RegisterAsset) -> FlexAsset:
    """An asset behind a unit of a DSO's network, waiting for the DSO to confirm it.

    Raises:
        Refused: all findings on the command's fields; `no_network`; `duplicate` when the unit has an asset.
    """
    region = uow.get(Region, command.region_id)
    stored = uow.find(Network, id=region.id)
    if not stored:
        raise refuse("no_network", "region_id", f"The network of {region.name} is not there yet.")
    unit = networks.read(stored[0].document).unit_of.get(command.unit_id)
    party = uow.get(Party, principal.party_id)
    brp_id = command.brp_id or party.brp_id
    found = text_findings(command.name, "name") + _number_findings(command) + _brp_findings(uow, party, brp_id)
    found += _customer_findings(uow, command.customer_id)
    if unit is None:
        unknown = Finding(code="unknown_unit", field="unit_id", sentence=f"{region.name} has no such unit.")
        raise Refused([*found, unknown])
    raise_if(found or _unit_findings(command, unit))
    if any(a.state is not AssetState.REFUSED for a in _behind(uow, command)):
        raise refuse("duplicate", "unit_id", "An asset is registered behind this unit already.")
    asset = FlexAsset(
        id=AssetId(new_id("FA")),
        owner_id=principal.party_id,
        region_id=region.id,
        unit_id=unit.unit_id,
        bus=unit.bus,
        name=command.name.strip(),
        kind=command.kind,
        p_min_mw=command.p_min_mw,
        p_max_mw=command.p_max_mw,
        flexible_share=command.flexible_share,
        s_max_mva=command.s_max_mva,
        brp_id=brp_id,
        customer_id=command.customer_id,
    )
    uow.add(asset)
    uow.record(AssetRegistered(asset_id=asset.id, region_id=region.id, owner_id=asset.owner_id))
    return asset


def _behind(uow: UnitOfWork, command: RegisterAsset) -> tuple[FlexAsset, ...]:
    return uow.find(FlexAsset, region_id=command.region_id, unit_id=command.unit_id)


def _number_findings(command: RegisterAsset) -> list[Finding]:
    limits = {
        "p_min_mw": (command.p_min_mw, "MW", -MAX_P_MW, MAX_P_MW),
        "p_max_mw": (command.p_max_mw, "MW", -MAX_P_MW, MAX_P_MW),
        "flexible_share": (command.flexible_share, "of 1", _ZERO, _ONE),
    }
    if command.s_max_mva is not None:
        limits["s_max_mva"] = (command.s_max_mva, "MVA", _ZERO, MAX_P_MW)
    found = [
        finding
        for field, (value, unit, low, high) in limits.items()
        for finding in number_findings(value, field, unit=unit, places=6, low=low, high=high)
    ]
    if not found and command.p_min_mw >= command.p_max_mw:
        found.append(Finding(code="out_of_range", field="p_max_mw", sentence="The most must be above the least."))
    return found


def _brp_findings(uow: UnitOfWork, party: Party, brp_id: PartyId | None) -> list[Finding]:
    if brp_id is None:
        if not party.independent:
            return []
        sentence = "An independent aggregator names the balance responsible party of each asset."
        return [Finding(code="missing", field="brp_id", sentence=sentence)]
    known = uow.find(Party, id=brp_id)
    if known and known[0].role is Role.BRP and known[0].active:
        return []
    return [Finding(code="unknown_party", field="brp_id", sentence="There is no such balance responsible party.")]


def _customer_findings(uow: UnitOfWork, customer_id: PartyId | None) -> list[Finding]:
    known = uow.find(Party, id=customer_id) if customer_id else ()
    if customer_id is None or (known and known[0].role is Role.CUSTOMER and known[0].active):
        return []
    sentence = "There is no such customer; the id stands on the customer's page."
    return [Finding(code="unknown_party", field="customer_id", sentence=sentence)]


def _unit_findings(command: RegisterAsset, unit: networks.UnitFacts) -> list[Finding]:
    if _UNIT_KIND[command.kind] != unit.kind:
        sentence = f"The unit is a {unit.kind}; {command.kind.value} does not fit."
        return [Finding(code="out_of_range", field="kind", sentence=sentence)]
    rated = MAX_P_MW if unit.p_max_mw is None else unit.p_max_mw
    low, high = (sign * rated for sign in _INJECTION_SIGNS[unit.kind])
    bounds = (("p_min_mw", command.p_min_mw), ("p_max_mw", command.p_max_mw))
    sentence = f"The unit's injection is between {low} and {high} MW."
    return [
        Finding(code="out_of_range", field=field, sentence=sentence)
        for field, value in bounds
        if not low <= value <= high
    ]


def confirm_asset(uow: UnitOfWork, principal: Principal, command: ConfirmAsset) -> FlexAsset:
    """The DSO confirms an asset of its region. Raises `Refused`: `not_yours`, `wrong_state`, `duplicate`."""
    asset = _alone(uow, principal, command.asset_id)
    state = advance(ASSET, asset.state, "confirm", "asset_id")
    confirmed = replace(asset, state=state, reason="", condition=None)
    uow.save(confirmed)
    uow.record(AssetConfirmed(asset_id=asset.id, region_id=asset.region_id, owner_id=asset.owner_id))
    return confirmed


def confirm_conditionally(uow: UnitOfWork, principal: Principal, command: ConfirmConditionally) -> FlexAsset:
    """The DSO confirms an asset of its region up to a limit; standing offers beyond it leave the next clearing.

    Raises:
        Refused: as `confirm_asset`; findings on the condition and its reason.
    """
    asset = _alone(uow, principal, command.asset_id)
    raise_if(condition_findings(command.condition) + text_findings(command.reason, "reason", REASON))
    state = advance(ASSET, asset.state, "confirm_conditionally", "asset_id")
    confirmed = replace(asset, state=state, reason=command.reason.strip(), condition=command.condition)
    uow.save(confirmed)
    uow.record(
        AssetConfirmedConditionally(
            asset_id=asset.id, region_id=asset.region_id, owner_id=asset.owner_id, reason=confirmed.reason
        )
    )
    withdraw_undeliverable(uow, asset.region_id)
    return confirmed


def _alone(uow: UnitOfWork, principal: Principal, asset_id: AssetId) -> FlexAsset:
    """An asset of the DSO's own region that no other one stands beside, behind the same unit."""
    asset = uow.get(FlexAsset, asset_id)
    own_region(uow, principal, asset.region_id, "asset_id")
    rivals = uow.find(FlexAsset, region_id=asset.region_id, unit_id=asset.unit_id)
    if any(rival.id != asset.id and rival.state is not AssetState.REFUSED for rival in rivals):
        raise refuse("duplicate", "asset_id", "Another asset is registered behind the same unit.")
    return asset


def refuse_asset(uow: UnitOfWork, principal: Principal, command: RefuseAsset) -> FlexAsset:
    """The DSO refuses an asset, also one confirmed before; its offers then leave the next clearing.

    Raises:
        Refused: `not_yours`, `wrong_state`, findings on the reason.
    """
    asset = uow.get(FlexAsset, command.asset_id)
    own_region(uow, principal, asset.region_id, "asset_id")
    raise_if(text_findings(command.reason, "reason", REASON))
    state = advance(ASSET, asset.state, "refuse", "asset_id")
    refused = replace(asset, state=state, reason=command.reason.strip(), condition=None)
    uow.save(refused)
    uow.record(
        AssetRefused(asset_id=asset.id, region_id=asset.region_id, owner_id=asset.owner_id, reason=refused.reason)
    )
    withdraw_undeliverable(uow, asset.region_id)
    return refused


def upload_baseline(uow: UnitOfWork, principal: Principal, command: UploadBaseline) -> AssetBaseline:
    """The owner's baseline of an asset's day, before the day's gate closes.

    Raises:
        Refused: `not_yours`, `deadline_passed`, `gate_closed`, findings on the values, `beyond_asset` when own
            submitted offers would no longer fit.
    """
    asset = uow.get(FlexAsset, command.asset_id)
    if asset.owner_id != principal.party_id:
        raise refuse("not_yours", "asset_id", "The asset belongs to another participant.")
    day = command.delivery_day
    raise_if(day_findings(day, uow.market))
    raise_if(_baseline_findings(asset, command))
    sessions = uow.find(MarketSession, region_id=asset.region_id, delivery_day=day)
    if any(s.state in LOCKED or uow.market >= s.gate_closes_at for s in sessions):
        raise refuse("gate_closed", "delivery_day", "The gate of the day's session has closed.")
    for session in sessions:
        _keep_offers(uow, asset, command, session)
    stored = uow.find(AssetBaseline, asset_id=asset.id, delivery_day=day)
    baseline = (
        replace(stored[0], p_mw=command.p_mw)
        if stored
        else AssetBaseline(
            id=BaselineId(f"{asset.id}-{day.isoformat()}"), asset_id=asset.id, delivery_day=day, p_mw=command.p_mw
        )
    )
    (uow.save if stored else uow.add)(baseline)
    uow.record(
        BaselineUploaded(asset_id=asset.id, region_id=asset.region_id, owner_id=asset.owner_id, delivery_day=day)
    )
    return baseline


def _baseline_findings(asset: FlexAsset, command: UploadBaseline) -> list[Finding]:
    n_steps = DeliveryDay(day=command.delivery_day).n_steps
    return series_findings(
        command.p_mw, "p_mw", n_steps, unit="MW", places=6, low=asset.p_min_mw, high=asset.p_max_mw
    )


def _keep_offers(uow: UnitOfWork, asset: FlexAsset, command: UploadBaseline, session: MarketSession) -> None:
    for direction, commodity in product(Direction, Commodity):
        taken = taken_mw(uow, asset.owner_id, session.id, direction, commodity).get(asset.id)
        if taken is None:
            continue
        facts = schedule_of(uow, asset.region_id, session.delivery_day)
        q_mvar = facts.q_mvar.get(asset.unit_id, ())
        day = DeliveryDay(day=session.delivery_day)
        rooms = headroom(asset, facts.p_mw[asset.unit_id], command.p_mw, q_mvar=q_mvar, day=day)
        room = rooms.of(direction, commodity)
        if any(left < 0 for left in remaining(room, taken)):
            sentence = f"Submitted offers of {asset.name} ({direction.value}) would no longer fit; withdraw them."
            raise refuse("beyond_asset", "p_mw", sentence)
