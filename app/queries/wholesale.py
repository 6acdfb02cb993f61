"""Local prices beside the wholesale ones."""

from __future__ import annotations

from app.bridge import results
from app.queries import models as q
from app.queries.visibility import OFFERING, visible_regions
from domain.flexibility.assets import FlexAsset
from domain.flexibility.grids import Job
from domain.flexibility.market import MarketSession
from domain.lifecycle import AssetState, SessionState
from domain.parties import Principal, Region
from domain.ports import UnitOfWork


def list_local_prices(
    uow: UnitOfWork, principal: Principal, query: q.ListLocalPrices
) -> tuple[q.LocalPrices, ...]:
    """One row for each visible region; only what is published, for everyone."""
    return tuple(_row(uow, principal, region, query) for region in visible_regions(uow, principal))


def _row(uow: UnitOfWork, principal: Principal, region: Region, query: q.ListLocalPrices) -> q.LocalPrices:
    published = uow.find(MarketSession, region_id=region.id, state=SessionState.PUBLISHED)
    known = [session for session in published if session.delivery_day <= query.delivery_day and session.job_id]
    for session in sorted(known, key=lambda session: (session.delivery_day, session.id), reverse=True):
        prices = _seen(uow, principal, region, session)
        if prices is not None and prices.bus_ids:
            return q.LocalPrices(
                region=region,
                session=session,
                low_eur_per_mwh=prices.p.total.min(axis=1),
                high_eur_per_mwh=prices.p.total.max(axis=1),
                n_buses=len(prices.bus_ids),
            )
    return q.LocalPrices(region=region)


def _seen(uow: UnitOfWork, principal: Principal, region: Region, session: MarketSession) -> q.NodalPrices | None:
    prices = results.nodal_prices(uow.get(Job, session.job_id or "").result)
    if prices is None or principal.role not in OFFERING:
        return prices
    own = uow.find(FlexAsset, owner_id=principal.party_id, region_id=region.id, state=AssetState.CONFIRMED)
    return prices.at({asset.bus for asset in own})
