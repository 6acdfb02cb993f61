"""The platform's company, its people, its customers, and the market place's key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.platform.usecases.keys import issued, no_password
from app.transport.sending import address
from app.usecases.access import ONE_TIME
from domain.commands.platform import (
    AddCustomer,
    AddStaff,
    EnterMarketPlace,
    FoundPlatform,
    IssueMarketPlaceKey,
)
from domain.errors import Finding, raise_if, refuse
from domain.events import ApiKeyRevoked
from domain.events.platform import CustomerAdded, MarketPlaceEntered, PlatformFounded, StaffAdded
from domain.ids import PartyId
from domain.marketplace.words import PARTY_ROLE
from domain.parties import ApiKey, IssuedKey, Party, Principal, Role, account_findings
from domain.platform.company import (
    MARKET_PLACE,
    THE_COMPANY,
    Company,
    OwnRegistration,
    company_findings,
    party_id_findings,
)
from domain.ports import UnitOfWork
from domain.texts import NAME, text_findings

KEY_LIFE = timedelta(days=366)
"""Of the market place's key; it is refreshed before."""


def found_platform(uow: UnitOfWork, _principal: Principal, command: FoundPlatform) -> Company:
    """The company, its registrations as participants, and the market place's system as one.

    Raises:
        Refused: findings on company, country and registrations; `wrong_state` when the platform has its company.
    """
    raise_if(company_findings(command.company, command.country, command.registrations))
    if uow.find(Company):
        raise refuse("wrong_state", "company", "This platform has its company already.")
    company = Company(id=THE_COMPANY, name=command.company.strip(), country=command.country)
    uow.add(company)
    for each in command.registrations:
        uow.add(Party(id=each.id, name=each.name.strip(), role=PARTY_ROLE[each.player_role]))
        uow.add(OwnRegistration(id=each.id, player_role=each.player_role))
    place = Party(id=MARKET_PLACE, name="EU Market Place", role=Role.MARKET_PLACE)
    uow.add(place)
    uow.sign_ins.enter(MARKET_PLACE, no_password(), place)
    uow.record(PlatformFounded(company_id=company.id))
    return company


def add_staff(uow: UnitOfWork, principal: Principal, command: AddStaff) -> None:
    """A sign-in whose password serves once, within three days, to choose another.

    Raises:
        Refused: `unknown_party`; `not_yours` for another registration than the own; findings on the account's
            name; `duplicate` for a taken one.
    """
    raise_if(account_findings(command.account))
    own = uow.find(OwnRegistration, id=command.registration_id)
    if not own:
        raise refuse("unknown_party", "registration_id", "The company has no such registration.")
    if principal.role is not Role.SYSTEM and principal.party_id != command.registration_id:
        raise refuse("not_yours", "registration_id", "People are added to one's own registration.")
    _must_be_hashed(command.password)
    party = uow.get(Party, command.registration_id)
    uow.sign_ins.enter(command.account, command.password, party, uow.wall + ONE_TIME)
    uow.record(StaffAdded(registration_id=party.id, account=command.account))


def add_customer(uow: UnitOfWork, _principal: Principal, command: AddCustomer) -> Party:
    """A customer; with an account, a sign-in as `add_staff` makes it.

    Raises:
        Refused: findings on id, name and account; `duplicate` for an id or account that is taken.
    """
    found: list[Finding] = [
        *party_id_findings(command.customer_id, "customer_id"),
        *text_findings(command.name, "name"),
        *(account_findings(command.account) if command.account else ()),
    ]
    raise_if(found)
    if uow.find(Party, id=command.customer_id):
        raise refuse("duplicate", "customer_id", "There is a participant with this id.")
    customer = Party(id=PartyId(command.customer_id), name=command.name.strip(), role=Role.CUSTOMER)
    uow.add(customer)
    if command.account:
        _must_be_hashed(command.password)
        uow.sign_ins.enter(command.account, command.password, customer, uow.wall + ONE_TIME)
    uow.record(CustomerAdded(customer_id=customer.id))
    return customer


def issue_market_place_key(uow: UnitOfWork, _principal: Principal, command: IssueMarketPlaceKey) -> IssuedKey:
    """A new key with which the market place's system calls; the registration's key of before ends.

    Raises:
        Refused: `unknown_party` for none of the company's registrations.
    """
    if not uow.find(OwnRegistration, id=command.registration_id):
        raise refuse("unknown_party", "registration_id", "The company has no such registration.")
    name = f"market place, for {command.registration_id}"[:NAME]
    for key in uow.find(ApiKey, party_id=MARKET_PLACE, name=name, revoked_at=None):
        uow.sign_ins.forget_secrets(key.id)
        uow.save(replace(key, revoked_at=uow.wall))
        uow.record(ApiKeyRevoked(key_id=key.id, party_id=MARKET_PLACE))
    return issued(uow, MARKET_PLACE, name, KEY_LIFE)


def enter_market_place(uow: UnitOfWork, _principal: Principal, command: EnterMarketPlace) -> Company:
    """Messages to the market place go there, with that key.

    Raises:
        Refused: `not_found` before the platform has its company; findings on address and key.
    """
    company = uow.get(Company, THE_COMPANY)
    entered = address(uow, MARKET_PLACE, command.url, command.secret)
    uow.save(replace(company, market_place_url=entered.url))
    uow.record(MarketPlaceEntered(company_id=company.id))
    return uow.get(Company, company.id)


def _must_be_hashed(password: str) -> None:
    """Fails closed, as `app.usecases.access` does."""
    if not password.startswith("$argon2"):
        raise RuntimeError("a password came here as it was typed")
