"""The demo's sign-ins."""

from __future__ import annotations

from dataclasses import dataclass

from app.demo.companies import read_place
from app.demo.scenario import read_scenario
from domain.marketplace.words import PARTY_ROLE
from domain.parties import Role

DEMO_CLIENT = "interflex-demo"
"""The demo's OAuth2 client, and its secret, which is no secret."""


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """A sign-in of the demo."""

    account: str
    password: str
    name: str
    role: str


def accounts() -> tuple[DemoAccount, ...]:
    """The demo's sign-ins: `participants`, then those of the EU Market Place's companies and their customers."""
    return participants() + place_accounts() + local_accounts()


def participants() -> tuple[DemoAccount, ...]:
    """One for each participant of the scenario, named as it, password `demo-` and the name."""
    return tuple(_account(party.id, party.name, party.role) for party in read_scenario().parties)


def place_accounts() -> tuple[DemoAccount, ...]:
    """One for each registration and each customer of a platform."""
    companies = read_place().companies
    registrations = (
        _account(each.account, f"{company.legal.name}, {each.player_role.value}", PARTY_ROLE[each.player_role])
        for company in companies
        for each in company.registrations
    )
    customers = (
        _account(each.id, f"{each.name}, customer of {company.legal.name}", Role.CUSTOMER)
        for company in companies
        for each in company.customers
    )
    return (*registrations, *customers)


def local_accounts() -> tuple[DemoAccount, ...]:
    """One for each company of the market place that takes part in a region's local market, too."""
    return tuple(
        _account(company.local_market.account, f"{company.legal.name}, local market", Role.AGGREGATOR)
        for company in read_place().companies
        if company.local_market is not None
    )


def _account(account: str, name: str, role: Role) -> DemoAccount:
    return DemoAccount(account=account, password=f"demo-{account}", name=name, role=role.value)
