"""Retailers and balance responsible parties: what their assets do on a day, what it is worth, what they bought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from app.bridge import results
from app.offering import schedule_of
from app.queries import models as q
from app.queries.market import session_of_day
from app.queries.visibility import sees_result, visible_awards, visible_regions, visible_request
from domain.flexibility.assets import AssetBaseline, Direction, FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.grids import Job, Schedule
from domain.flexibility.market import Award, FlexRequest, MarketSession
from domain.flexibility.metering import AssetForecast, MeterReading, PodMapping, latest, mapped
from domain.ids import AssetId, PartyId, PodId
from domain.lifecycle import MAY_OFFER, RequestState
from domain.parties import Party, Principal, Region, Role
from domain.ports import UnitOfWork
from domain.time import DeliveryDay
from domain.units import WATT, Series, add_series

ZERO = Decimal(0)


def get_portfolio(uow: UnitOfWork, principal: Principal, query: q.GetPortfolio) -> tuple[q.PortfolioRow, ...]:
    """By region: a BRP the assets in its balance group, a retailer those in the group of its own BRP and its own.

    Regions without schedules for the day are left out. Storages count as production where they feed in and as
    load where they charge.
    """
    day = query.delivery_day
    names = {party.id: party.name for party in uow.find(Party)}
    rows = []
    for region in visible_regions(uow, principal):
        if not uow.find(Schedule, region_id=region.id, delivery_day=day):
            continue
        assets = _group(uow, principal, region)
        p_mw = schedule_of(uow, region.id, day).p_mw
        known = [p_mw[asset.unit_id] for asset in assets if asset.unit_id in p_mw]
        n_steps = DeliveryDay(day=day).n_steps
        calls = _calls(uow, principal, region, day, assets)
        rows.append(
            q.PortfolioRow(
                region=region,
                n_assets=len(assets),
                production_p_mw=add_series([tuple(max(v, ZERO) for v in s) for s in known], n_steps),
                load_p_mw=add_series([tuple(max(-v, ZERO) for v in s) for s in known], n_steps),
                awarded_p_mw=add_series(calls.values(), n_steps),
                assets=tuple(
                    q.PortfolioAsset(
                        asset=asset,
                        owner=names[asset.owner_id],
                        schedule_p_mw=p_mw.get(asset.unit_id, (ZERO,) * n_steps),
                        awarded_p_mw=calls.get(asset.id, (ZERO,) * n_steps),
                    )
                    for asset in assets
                ),
            )
        )
    return tuple(rows)


def _group(uow: UnitOfWork, principal: Principal, region: Region) -> list[FlexAsset]:
    """Assets of a region that the asker answers for, by name."""
    group = principal.party_id if principal.role is Role.BRP else uow.get(Party, principal.party_id).brp_id
    where = {"region_id": region.id, "state": MAY_OFFER}
    found = {a.id: a for a in (uow.find(FlexAsset, brp_id=group, **where) if group else ())}
    found |= {a.id: a for a in uow.find(FlexAsset, owner_id=principal.party_id, **where)}
    return sorted(found.values(), key=lambda asset: (asset.name, asset.id))


def _calls(
    uow: UnitOfWork, principal: Principal, region: Region, day: date, assets: Iterable[FlexAsset]
) -> dict[AssetId, Series]:
    """Awards of active power to these assets that the asker may see, up positive."""
    session = session_of_day(uow, region, day)
    if session is None:
        return {}
    own = {asset.id for asset in assets}
    n_steps = DeliveryDay(day=day).n_steps
    calls: dict[AssetId, list[Series]] = {}
    for award in visible_awards(principal, session, uow.find(Award, session_id=session.id)):
        if award.asset_id in own and award.commodity is Commodity.P:
            calls.setdefault(award.asset_id, []).append(signed(award.accepted_mw, award.direction))
    return {asset_id: add_series(parts, n_steps) for asset_id, parts in calls.items()}


def signed(quantity_mw: Series, direction: Direction) -> Series:
    """A quantity of a direction as a change of injection, up positive."""
    return quantity_mw if direction is Direction.UP else tuple(-value for value in quantity_mw)


# -- a balance responsible party's day ------------------------------------------------------------------------


def get_balance(uow: UnitOfWork, principal: Principal, query: q.GetBalance) -> tuple[q.BalanceRow, ...]:
    """The imbalance of the asker's group by region, from what may be known of the day so far.

    imbalance = injected - nominated - ordered from its own assets + bought, all [n_steps] MW, up positive:
    nominated is the owners' baselines (the DSO's schedule without one); injected is metered where all points of
    delivery of an asset were, else its forecast (its nomination without one) with what it was called for.
    """
    return tuple(
        _balance_row(uow, principal, region, query.delivery_day)
        for region in visible_regions(uow, principal)
        if uow.find(Schedule, region_id=region.id, delivery_day=query.delivery_day)
    )


def _balance_row(uow: UnitOfWork, principal: Principal, region: Region, day: date) -> q.BalanceRow:
    assets = _group(uow, principal, region)
    n_steps = DeliveryDay(day=day).n_steps
    schedule = schedule_of(uow, region.id, day).p_mw
    own = tuple(asset.id for asset in assets)
    baselines = {one.asset_id: one.p_mw for one in uow.find(AssetBaseline, asset_id=own, delivery_day=day)}
    forecasts = {one.asset_id: one.p_mw for one in uow.find(AssetForecast, asset_id=own, delivery_day=day)}
    metered = metered_p_mw(uow, own, day)
    calls = _calls(uow, principal, region, day, assets)
    none = (ZERO,) * n_steps
    nominated = {a.id: baselines.get(a.id) or schedule.get(a.unit_id, none) for a in assets}
    injected = {
        id: metered[id] if id in metered else add_series([forecasts.get(id, plan), calls.get(id, none)], n_steps)
        for id, plan in nominated.items()
    }
    session = session_of_day(uow, region, day)
    bought, ordered = (none, none)
    if session is not None and sees_result(principal, session):
        bought, ordered = _traded(uow, principal.party_id, session, own)
    total = {
        "nominated_p_mw": add_series(nominated.values(), n_steps),
        "injected_p_mw": add_series(injected.values(), n_steps),
    }
    return q.BalanceRow(
        region=region,
        n_assets=len(assets),
        n_metered=len(metered),
        n_forecast=len(forecasts.keys() - metered.keys()),
        called_p_mw=add_series(calls.values(), n_steps),
        bought_p_mw=bought,
        imbalance_p_mw=tuple(
            injection - plan - mine + more
            for injection, plan, mine, more in zip(
                total["injected_p_mw"], total["nominated_p_mw"], ordered, bought, strict=True
            )
        ),
        **total,
    )


def metered_p_mw(uow: UnitOfWork, assets: tuple[AssetId, ...], day: date) -> dict[AssetId, Series]:
    """Metered injection [n_steps] of the assets all of whose points of delivery have a complete reading."""
    pods: dict[AssetId, list[PodId]] = {}
    for pod, mapping in mapped(uow.find(PodMapping, asset_id=assets), day).items():
        pods.setdefault(mapping.asset_id, []).append(pod)
    wanted = tuple(pod for own in pods.values() for pod in own)
    readings = latest(uow.find(MeterReading, pod_id=wanted, delivery_day=day))
    n_steps = DeliveryDay(day=day).n_steps
    found = {}
    for asset_id, own in pods.items():
        read = [reading for pod in own if (reading := readings.get((pod, day))) is not None]
        known = [tuple(p for p in reading.p_mw if p is not None) for reading in read]
        if len(read) == len(own) and all(reading.complete for reading in read):
            found[asset_id] = add_series(known, n_steps)
    return found


def _traded(
    uow: UnitOfWork, party_id: PartyId, session: MarketSession, own: Sequence[AssetId]
) -> tuple[Series, Series]:
    """What the party bought, and the part of it that its own assets deliver, up positive.

    The pool is not split by seller: each buyer is taken to get its share from every seller alike.
    """
    n_steps = DeliveryDay(day=session.delivery_day).n_steps
    requests = uow.find(FlexRequest, session_id=session.id, dso_id=party_id, commodity=Commodity.P)
    awards = uow.find(Award, session_id=session.id, commodity=Commodity.P)
    parts: list[tuple[Series, Series]] = []
    for direction in Direction:
        bought = add_series([served(r) for r in requests if r.direction is direction], n_steps)
        sold = [award for award in awards if award.direction is direction]
        pool = add_series([award.accepted_mw for award in sold], n_steps)
        mine = add_series([award.accepted_mw for award in sold if award.asset_id in own], n_steps)
        share = tuple(
            (b * m / p).quantize(WATT) if p else ZERO for b, m, p in zip(bought, mine, pool, strict=True)
        )
        parts.append((signed(bought, direction), signed(share, direction)))
    return (
        add_series([bought for bought, _ in parts], n_steps),
        add_series([share for _, share in parts], n_steps),
    )


def served(request: FlexRequest) -> Series:
    """What a cleared request got, [n_steps]; nothing before its result."""
    if request.state not in (RequestState.MET, RequestState.UNMET):
        return (ZERO,) * len(request.quantity_mw)
    return tuple(asked - missing for asked, missing in zip(request.quantity_mw, request.unmet_mw, strict=True))


def list_purchases(uow: UnitOfWork, principal: Principal, _query: q.ListPurchases) -> tuple[q.PurchaseRow, ...]:
    """Own requests, newest first, with what they got and what the session costs once it is published."""
    regions = {region.id: region for region in uow.find(Region)}
    rows = []
    for request in uow.find(FlexRequest, dso_id=principal.party_id):
        session = uow.get(MarketSession, request.session_id)
        seen = visible_request(principal, session, request)
        decided = sees_result(principal, session)
        rows.append(
            q.PurchaseRow(
                request=seen,
                session=session,
                region=regions[session.region_id],
                bought_mw=served(seen) if decided else None,
                payment_eur=_payment(uow, principal.party_id, session) if decided else None,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.request.published_at, row.request.id), reverse=True))


def _payment(uow: UnitOfWork, party_id: PartyId, session: MarketSession) -> Decimal | None:
    """What the party is paid by the session's result; negative where it pays."""
    if session.job_id is None:
        return None
    return results.result_facts(uow.get(Job, session.job_id).result).payments_eur.get(party_id, ZERO)
