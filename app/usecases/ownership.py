"""Whose is it: regions and sessions fetched together with the check that the principal may act on them."""

from __future__ import annotations

from domain.errors import refuse
from domain.flexibility.market import MarketSession
from domain.ids import RegionId, SessionId
from domain.parties import Principal, Region
from domain.ports import UnitOfWork


def own_region(uow: UnitOfWork, principal: Principal, region_id: RegionId, field: str = "region_id") -> Region:
    """The DSO's own region.

    Raises:
        Refused: `not_found`, or `not_yours` when another DSO runs it.
    """
    region = uow.get(Region, region_id)
    if region.dso_id != principal.party_id:
        raise refuse("not_yours", field, f"The region {region.name} belongs to another DSO.")
    return region


def own_session(uow: UnitOfWork, principal: Principal, session_id: SessionId) -> MarketSession:
    """A session in the DSO's own region. Raises `Refused` as `own_region`."""
    session = uow.get(MarketSession, session_id)
    own_region(uow, principal, session.region_id, "session_id")
    return session
