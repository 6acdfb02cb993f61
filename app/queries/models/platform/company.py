"""The company of a platform."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.platform.base import PlatformQuery
from domain.ids import PartyId
from domain.marketplace.words import PlayerRole


@dataclass(frozen=True, kw_only=True)
class RegistrationView:
    """MPL-REG: an own registration."""

    id: PartyId
    name: str
    player_role: PlayerRole


@dataclass(frozen=True, kw_only=True)
class CompanyView:
    """MPL-DES, with its registrations by id."""

    name: str
    country: str
    market_place_url: str
    registrations: tuple[RegistrationView, ...]


@dataclass(frozen=True, kw_only=True)
class GetCompany(PlatformQuery[CompanyView]):
    """Provider, requester: the company and its registrations."""
