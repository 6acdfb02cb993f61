"""The words of sentences: names in place of ids, days and times of the market's zone, who is in a role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.flexibility.assets import FlexAsset
from domain.flexibility.market import FlexOffer, MarketSession
from domain.ids import AssetId, PartyId, RegionId, SessionId
from domain.parties import Party, Region, Role
from domain.ports import UnitOfWork
from domain.time import MARKET_ZONE

OFFERING = (Role.ESP, Role.AGGREGATOR)
SUPPLYING = (Role.RETAILER, Role.BRP)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One sentence to some participants; `day` is the delivery day that it is about, `link` the page where it goes
    on ("" for the desk of the reader's role)."""

    to: tuple[PartyId, ...]
    sentence: str
    day: date | None = None
    link: str = ""


def day_name(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def time_name(instant: datetime) -> str:
    return f"{instant.astimezone(MARKET_ZONE):%d.%m. at %H:%M}"


def in_role(uow: UnitOfWork, *roles: Role) -> tuple[PartyId, ...]:
    return tuple(party.id for party in uow.find(Party, role=roles, active=True))


def operators(uow: UnitOfWork) -> tuple[PartyId, ...]:
    return in_role(uow, Role.FMO)


def region_of(uow: UnitOfWork, region_id: RegionId) -> Region:
    return uow.get(Region, region_id)


def party_name(uow: UnitOfWork, party_id: PartyId) -> str:
    return uow.get(Party, party_id).name


def session_of(uow: UnitOfWork, session_id: SessionId) -> tuple[MarketSession, Region, str]:
    """A session, its region and its name in sentences."""
    session = uow.get(MarketSession, session_id)
    region = region_of(uow, session.region_id)
    return session, region, f"{region.name}, {day_name(session.delivery_day)}"


def asset_of(uow: UnitOfWork, asset_id: AssetId) -> FlexAsset:
    return uow.get(FlexAsset, asset_id)


def offerers(uow: UnitOfWork, session_id: SessionId) -> tuple[PartyId, ...]:
    return tuple(sorted({offer.party_id for offer in uow.find(FlexOffer, session_id=session_id)}))


def count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
