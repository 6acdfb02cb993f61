"""The demo's companies on the EU Market Place, `assets/demo/place.toml`, as frozen values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from app.demo.scenario import FOLDER
from domain.ids import PartyId, RegionId
from domain.marketplace.areas import PostcodeArea
from domain.marketplace.companies import Address, Contact, LegalData
from domain.marketplace.words import CompanyType, PlayerRole


@dataclass(frozen=True, kw_only=True)
class DemoRegistration:
    account: str
    player_role: PlayerRole


@dataclass(frozen=True, kw_only=True)
class DemoCustomer:
    """A customer with an account here and on the provider's platform, and how many PoDs are its own."""

    id: PartyId
    name: str
    n_pods: int


@dataclass(frozen=True, kw_only=True)
class DemoCity:
    postcode: str
    name: str
    streets: tuple[str, ...]
    n_pods: int


@dataclass(frozen=True, kw_only=True)
class DemoLocalParty:
    """A company as an aggregator of a region's local market; `account` is its id there, too."""

    account: str
    region_id: RegionId
    brp_id: PartyId


@dataclass(frozen=True, kw_only=True)
class DemoNetwork:
    """What a DSO validates on: network and schedules of a region of the local market, and its TSO's limit."""

    region_id: RegionId
    export_max_mw: Decimal
    source: str


@dataclass(frozen=True, kw_only=True)
class DemoCompany:
    """`slug`: of its platform's folder and address; `pod_pattern` ends in `*`, "" for a company without PoDs."""

    slug: str
    legal: LegalData
    company_type: CompanyType
    contact: Contact
    address: Address
    registrations: tuple[DemoRegistration, ...]
    countries: tuple[str, ...]
    postcodes: tuple[PostcodeArea, ...]
    pod_pattern: str
    offers: tuple[str, ...]
    customers: tuple[DemoCustomer, ...]
    cities: tuple[DemoCity, ...]
    local_market: DemoLocalParty | None
    network: DemoNetwork | None


@dataclass(frozen=True, kw_only=True)
class DemoPlace:
    """`operator`: the participant that runs the market place."""

    operator: PartyId
    pods_seed: int
    companies: tuple[DemoCompany, ...]


@cache
def read_place(path: Path = FOLDER / "place.toml") -> DemoPlace:
    """The file. Raises KeyError, ValueError or tomllib.TOMLDecodeError when it is broken."""
    with path.open("rb") as file:
        content: dict[str, Any] = tomllib.load(file)
    return DemoPlace(
        operator=PartyId(content["operator"]),
        pods_seed=content["pods_seed"],
        companies=tuple(_company(entry) for entry in content["companies"]),
    )


def _company(entry: Mapping[str, Any]) -> DemoCompany:
    street, postcode, city, country = entry["address"]
    name, email = entry["contact"]
    return DemoCompany(
        slug=entry["id"],
        legal=LegalData(
            name=entry["name"], legal_form=entry["legal_form"], register_number=entry["register_number"]
        ),
        company_type=CompanyType(entry["type"]),
        contact=Contact(name=name, email=email),
        address=Address(street=street, postcode=postcode, city=city, country=country),
        registrations=tuple(
            DemoRegistration(account=each["account"], player_role=PlayerRole(each["role"]))
            for each in entry["registrations"]
        ),
        countries=tuple(entry["countries"]),
        postcodes=tuple(PostcodeArea(country=country, first=first) for first in entry["postcodes"]),
        pod_pattern=entry["pod_pattern"],
        offers=tuple(entry["offers"]),
        customers=tuple(
            DemoCustomer(id=PartyId(each["id"]), name=each["name"], n_pods=each["pods"])
            for each in entry["customers"]
        ),
        cities=tuple(
            DemoCity(
                postcode=each["postcode"],
                name=each["name"],
                streets=tuple(each["streets"]),
                n_pods=each["pods"],
            )
            for each in entry["cities"]
        ),
        local_market=_local(entry["local_market"]) if "local_market" in entry else None,
        network=_network(entry["network"]) if "network" in entry else None,
    )


def _local(entry: Mapping[str, str]) -> DemoLocalParty:
    return DemoLocalParty(
        account=entry["account"], region_id=RegionId(entry["region"]), brp_id=PartyId(entry["brp"])
    )


def _network(entry: Mapping[str, Any]) -> DemoNetwork:
    return DemoNetwork(
        region_id=RegionId(entry["region"]),
        export_max_mw=Decimal(entry["export_max_mw"]),
        source=entry["source"],
    )
