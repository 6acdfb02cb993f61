"""Companies, registrations, what they serve, and the market place's own page."""

from __future__ import annotations

from dataclasses import dataclass

from app.queries.models.place.base import PlaceQuery
from domain.ids import PartyId
from domain.marketplace.areas import MatchedBy, Place, ServedArea
from domain.marketplace.companies import Company
from domain.marketplace.place import PlacePage
from domain.marketplace.registrations import Registration, RegistrationState
from domain.marketplace.words import CompanyType, Environment, PlayerRole


@dataclass(frozen=True, kw_only=True)
class RegistrationRow:
    """A registration with its company's name. `environment`: None for requesters; `countries`: that it serves.
    What only itself and the operator may know (account, platform, test, reasons) is empty for others."""

    registration: Registration
    company_name: str
    company_type: CompanyType
    environment: Environment | None
    countries: tuple[str, ...] = ()
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class CompanyRow:
    company: Company
    registrations: tuple[RegistrationRow, ...]


@dataclass(frozen=True, kw_only=True)
class GetPlacePage(PlaceQuery[PlacePage]):
    """MKP-DES and MKP-ADD."""


@dataclass(frozen=True, kw_only=True)
class ListCompanies(PlaceQuery[tuple[CompanyRow, ...]]):
    """Operator: all companies (MPL-DES), the newest first."""


@dataclass(frozen=True, kw_only=True)
class GetOwnCompany(PlaceQuery[CompanyRow]):
    """The company of the registration that asks, with all its registrations."""


@dataclass(frozen=True, kw_only=True)
class ListRegistrations(PlaceQuery[tuple[RegistrationRow, ...]]):
    """MPL-REG: the operator sees all; others see those that are certified and their own company's."""

    player_role: PlayerRole | None = None
    environment: Environment | None = None
    state: RegistrationState | None = None
    country: str | None = None


@dataclass(frozen=True, kw_only=True)
class GetServedArea(PlaceQuery[ServedArea]):
    """What a provider serves; empty while it has not said."""

    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class LocateProviders(PlaceQuery["Localisation"]):
    """DSO localisation: which certified providers have to do with each PoD or place. It leaves no trace."""

    pods: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    environment: Environment | None = Environment.REGULATED


@dataclass(frozen=True, kw_only=True)
class Match:
    """A provider that serves a PoD or place."""

    registration_id: PartyId
    company_name: str
    player_role: PlayerRole
    by: MatchedBy


@dataclass(frozen=True, kw_only=True)
class Located:
    """One PoD or place of the list, by its position, with the providers that serve it: none, one or several."""

    position: int
    matches: tuple[Match, ...]


@dataclass(frozen=True, kw_only=True)
class Localisation:
    """`pods`, `places`: one for each that was asked for, in that order; `unlocated_*`: positions without a match;
    `providers`: all that were found, with how many of the list each serves."""

    pods: tuple[Located, ...]
    places: tuple[Located, ...]
    unlocated_pods: tuple[int, ...]
    unlocated_places: tuple[int, ...]
    providers: tuple[tuple[Match, int], ...]
