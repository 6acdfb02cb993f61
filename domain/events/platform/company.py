"""A platform's company, its people and its customers."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events.platform.base import PlatformEvent
from domain.ids import CompanyId, PartyId


@dataclass(frozen=True, kw_only=True)
class PlatformFounded(PlatformEvent):
    company_id: CompanyId


@dataclass(frozen=True, kw_only=True)
class StaffAdded(PlatformEvent):
    registration_id: PartyId
    account: str


@dataclass(frozen=True, kw_only=True)
class CustomerAdded(PlatformEvent):
    customer_id: PartyId


@dataclass(frozen=True, kw_only=True)
class MarketPlaceEntered(PlatformEvent):
    company_id: CompanyId
