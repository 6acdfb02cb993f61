"""The worked case's end: the aggregator takes part in a DSO's local market, too, and offers there what it knows
from meter data. In its own name, as from its desk; the market sees powers and prices, no PoD and no value.

The offers stand in the session's book with all others, and the DSO may call them by itself until the gate closes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.demo.companies import DemoLocalParty, read_place
from app.demo.place_scene import Scene
from app.queries.models import ListUnits
from domain.commands import ConfirmAsset, MapPod, OfferFlexibility, RegisterAsset
from domain.flexibility.assets import AssetKind, FlexAsset
from domain.flexibility.market import FlexOffer, MarketSession
from domain.ids import OfferId, PartyId, PodId, new_id
from domain.lifecycle import AssetState, SessionState
from domain.parties import Party, Principal, Region
from domain.platform.potential import Potential
from domain.time import MTU, market_day
from domain.units import energy_mwh

FLEX_TYPE = "demand of households"
FLEXIBLE_SHARE = Decimal("0.2")


@dataclass(frozen=True, kw_only=True)
class _Market:
    """Where it offers: the region's session of that day, with itself and the DSO."""

    seller: Principal
    dso: Principal
    session: MarketSession


def bid(scene: Scene, found: Sequence[Potential], prices: Sequence[Decimal]) -> list[FlexOffer]:
    """An offer of each stretch's least power at its price. None where no session of that day is open."""
    wished = next((company.local_market for company in read_place().companies if company.local_market), None)
    market = _market(scene, wished, found[0]) if wished and found else None
    if market is None:
        scene.say("The local market has no open session of that day: nothing is offered there.")
        return []
    standing = _of(scene, FlexOffer, party_id=market.seller.party_id, session_id=market.session.id)
    if standing:
        return standing
    asset = _asset(scene, market)
    made = [_offer(scene, market, asset, one, price) for one, price in zip(found, prices, strict=False)]
    for offer in made:
        energy = energy_mwh(offer.lines[0].quantity_mw) * 1000
        scene.say(
            f"{market.seller.name} offers {energy.normalize():f} kWh at {max(offer.price_eur_per_mwh)} EUR/MWh"
            f" in the local market; {market.dso.name} may call it."
        )
    return made


def _market(scene: Scene, wished: DemoLocalParty, first: Potential) -> _Market | None:
    sessions = _of(
        scene,
        MarketSession,
        region_id=wished.region_id,
        delivery_day=market_day(first.starts_at),
        state=SessionState.OPEN,
    )
    if not sessions or not _of(scene, Party, id=wished.account):
        return None
    (region,) = _of(scene, Region, id=wished.region_id)
    return _Market(
        seller=_principal(scene, PartyId(wished.account)),
        dso=_principal(scene, region.dso_id),
        session=sessions[0],
    )


def _asset(scene: Scene, market: _Market) -> FlexAsset:
    """Its households as one load that the DSO has confirmed; behind the largest unit that nobody registered."""
    region_id = market.session.region_id
    owned = _of(scene, FlexAsset, owner_id=market.seller.party_id, region_id=region_id)
    asset: FlexAsset = owned[0] if owned else _registered(scene, market)
    if asset.state is AssetState.REGISTERED:
        asset = scene.desk.execute(market.dso, ConfirmAsset(asset_id=asset.id))
        pod_id = PodId(f"DE-{region_id.upper()}-{market.seller.party_id.upper()}")
        pod = MapPod(pod_id=pod_id, asset_id=asset.id, valid_from=market.session.delivery_day)
        scene.desk.execute(market.dso, pod)
        scene.say(f"{market.dso.name} confirms {asset.name} as an asset of its region.")
    return asset


def _registered(scene: Scene, market: _Market) -> FlexAsset:
    units = scene.desk.query(market.seller, ListUnits(region_id=market.session.region_id))
    free = [unit for unit in units if unit.kind == "load" and unit.asset is None]
    unit = max(free, key=lambda unit: (unit.p_max_mw, unit.unit_id))
    command = RegisterAsset(
        region_id=market.session.region_id,
        unit_id=unit.unit_id,
        name=f"Households of {market.seller.name}",
        kind=AssetKind.LOAD,
        p_min_mw=-Decimal(repr(unit.p_max_mw)),
        p_max_mw=Decimal(0),
        flexible_share=FLEXIBLE_SHARE,
    )
    registered: FlexAsset = scene.desk.execute(market.seller, command)
    return registered


def _offer(scene: Scene, market: _Market, asset: FlexAsset, one: Potential, price: Decimal) -> FlexOffer:
    command = OfferFlexibility(
        offer_id=OfferId(new_id("FO")),
        place=f"{asset.region_id}/{asset.bus}",
        power_mw=min(one.power_mw),
        granularity_mw=Decimal(0),
        starts_at=one.starts_at,
        duration_s=Decimal(len(one.power_mw)) * int(MTU.total_seconds()),
        deadline=market.session.gate_closes_at,
        price_eur_per_mwh=price,
        flex_type=FLEX_TYPE,
    )
    made: FlexOffer = scene.desk.execute(market.seller, command)
    return made


def _principal(scene: Scene, party_id: PartyId) -> Principal:
    (party,) = _of(scene, Party, id=party_id)
    return Principal(account=party.id, party_id=party.id, role=party.role, name=party.name)


def _of(scene: Scene, kind: type[Any], **equal: object) -> list[Any]:
    """What stands in the market's database."""
    with scene.read() as uow:
        return list(uow.find(kind, **equal))
