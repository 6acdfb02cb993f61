"""Loads the demo's EU Market Place: companies enrolled, certified and with offers, and their hosted platforms.

The process itself (requests, subscriptions, consents) is left to whoever plays it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import chain, repeat
from typing import Any, Protocol, cast

from app.auth import Auth
from app.demo.companies import DemoCompany, DemoPlace, DemoRegistration, read_place
from app.demo.loader import Loader, Store
from app.demo.services import OFFERS
from domain.commands import Command, CreateApiKey
from domain.commands.place import (
    AcceptCompany,
    AcceptRegistration,
    AddRegistration,
    CertifyRegistration,
    EnrolCompany,
    EnterPlatformKey,
    RecordIntegrationTest,
    SetServedArea,
)
from domain.commands.platform import (
    AddCustomer,
    EnterMarketPlace,
    FoundPlatform,
    IssueMarketPlaceKey,
    SetCouplingLimits,
    UploadPods,
    UploadValidationNetwork,
    UploadValidationSchedules,
)
from domain.flexibility.grids import Schedule
from domain.ids import PartyId
from domain.marketplace.companies import Company
from domain.marketplace.registrations import Registration, RegistrationWish
from domain.marketplace.words import PARTY_ROLE
from domain.parties import SYSTEM, IssuedKey, Party, Principal, Role, Scope
from domain.platform.company import Registration as OwnRegistration


class DemoPlatform(Protocol):
    """What loading needs of a company's platform."""

    @property
    def store(self) -> Store: ...
    @property
    def auth(self) -> Auth: ...
    @property
    def desk(self) -> Any: ...
    def execute(self, command: Command) -> Any: ...


class Hosts(Protocol):
    """Where the demo's platforms are."""

    @property
    def place_url(self) -> str: ...
    def url_of(self, slug: str) -> str:
        """A platform's address."""
        ...

    def opened(self, slug: str) -> AbstractContextManager[DemoPlatform]:
        """A new platform of that name."""
        ...


KEY_DAYS = 366


def load_place(load: Loader, hosts: Hosts | None) -> None:
    """Enrol the companies; with hosts, found their platforms, too."""
    place = read_place()
    hashes = {account: load.app.auth.hashed(f"demo-{account}") for account in _accounts(place)}
    for company in place.companies:
        registered = _enrol(load, place, company, hashes, hosts.url_of(company.slug) if hosts else "")
        if hosts is not None:
            with hosts.opened(company.slug) as platform:
                _found(load, company, registered, platform, hashes)
                _connect(load, registered, platform, hosts.place_url)
                _customers(place, company, registered, platform, hashes)
                _network(load, company, registered, platform)
        _certify(load, place, company, registered)
        load.principals.update({who.party_id: who for who in registered.values()})
    with load.directly("customers of the market place") as uow:
        for customer in (each for company in place.companies for each in company.customers):
            party = Party(id=customer.id, name=customer.name, role=Role.CUSTOMER)
            uow.add(party)
            uow.sign_ins.enter(customer.id, hashes[customer.id], party)
    with load.directly("companies in the local market") as uow:
        for company, local in ((one, one.local_market) for one in place.companies):
            if local is not None:
                id, name = PartyId(local.account), company.legal.name
                party = Party(id=id, name=name, role=Role.AGGREGATOR, brp_id=local.brp_id)
                uow.add(party)
                uow.sign_ins.enter(local.account, hashes[local.account], party)
                load.principals[id] = Principal(account=local.account, party_id=id, role=party.role, name=name)


def _accounts(place: DemoPlace) -> Iterator[str]:
    for company in place.companies:
        yield from (each.account for each in company.registrations)
        yield from (each.id for each in company.customers)
        yield from (each.account for each in (company.local_market,) if each)


Registered = Mapping[str, Principal]
"""account -> who acts for that registration, of one company."""


def _provider(registered: Registered) -> Principal | None:
    return next((each for each in registered.values() if each.role is Role.PROVIDER), None)


def _enrol(
    load: Loader, place: DemoPlace, company: DemoCompany, hashes: Mapping[str, str], url: str
) -> Registered:
    """Its first registration with the company, the others after it: each sign-in has a password of its own."""
    first, *others = company.registrations
    wish = RegistrationWish(player_role=first.player_role, account=first.account, platform_url=url)
    enrolled = cast(
        Company,
        load.app.desk.execute(
            SYSTEM,
            EnrolCompany(
                legal=company.legal,
                company_type=company.company_type,
                contact=company.contact,
                address=company.address,
                registrations=(wish,),
                secret=hashes[first.account],
            ),
        ),
    )
    load.do(place.operator, AcceptCompany(company_id=enrolled.id))
    with load.app.store.read() as uow:
        (registration,) = uow.find(Registration, company_id=enrolled.id)
    registered = {first.account: _acting(company, first, registration.id)}
    for other in others:
        command = AddRegistration(
            player_role=other.player_role,
            account=other.account,
            platform_url=url,
            secret=f"demo-{other.account}",  # hashed by the desk
        )
        added = cast(Registration, load.app.desk.execute(registered[first.account], command))
        load.do(place.operator, AcceptRegistration(registration_id=added.id))
        registered[other.account] = _acting(company, other, added.id)
    return registered


def _acting(company: DemoCompany, registration: DemoRegistration, id: PartyId) -> Principal:
    role = PARTY_ROLE[registration.player_role]
    return Principal(account=registration.account, party_id=id, role=role, name=company.legal.name)


def _certify(load: Loader, place: DemoPlace, company: DemoCompany, registered: Registered) -> None:
    for principal in registered.values():
        with load.app.store.read() as uow:
            url = uow.get(Registration, principal.party_id).platform_url
        test = RecordIntegrationTest(
            registration_id=principal.party_id, platform_url=url, passed=True, detail="Demo"
        )
        load.app.desk.execute(SYSTEM, test)
        load.do(place.operator, CertifyRegistration(registration_id=principal.party_id))
    provider = _provider(registered)
    if provider is None:
        return
    patterns = (company.pod_pattern,) if company.pod_pattern else ()
    area = SetServedArea(countries=company.countries, postcodes=company.postcodes, pod_patterns=patterns)
    load.app.desk.execute(provider, area)
    for name in company.offers:
        offer = OFFERS[name]
        where = tuple(replace(each, localisation=company.countries) for each in offer.descriptions)
        load.app.desk.execute(provider, replace(offer, descriptions=where))


def _found(
    load: Loader,
    company: DemoCompany,
    registered: Registered,
    platform: DemoPlatform,
    hashes: Mapping[str, str],
) -> None:
    """The platform on the demo's clock, with the same sign-ins as on the market place."""
    with load.app.store.read() as main, platform.store.write(SYSTEM, load.step("clock")) as uow:
        uow.set_clock(main.clock())
    roles = {each.account: each.player_role for each in company.registrations}
    own = tuple(
        OwnRegistration(id=who.party_id, name=company.legal.name, player_role=roles[account])
        for account, who in registered.items()
    )
    founding = FoundPlatform(company=company.legal.name, country=company.address.country, registrations=own)
    platform.execute(founding)
    with platform.store.write(SYSTEM, load.step("sign-ins")) as uow:
        for account, who in registered.items():
            uow.sign_ins.enter(account, hashes[account], uow.get(Party, who.party_id))


def _connect(load: Loader, registered: Registered, platform: DemoPlatform, place_url: str) -> None:
    """One key each way, as `launch.py platform connect` does it."""
    for who in registered.values():
        ours: IssuedKey = platform.execute(IssueMarketPlaceKey(registration_id=who.party_id))
        load.app.desk.execute(who, EnterPlatformKey(secret=ours.secret))
    calling = min(registered.values(), key=lambda who: who.role is not Role.PROVIDER)
    wanted = CreateApiKey(name="platform", scopes=(Scope.EXCHANGE,), days=KEY_DAYS)
    theirs = cast(IssuedKey, load.app.desk.execute(calling, wanted))
    platform.execute(EnterMarketPlace(url=place_url, secret=theirs.secret))


def _customers(
    place: DemoPlace,
    company: DemoCompany,
    registered: Registered,
    platform: DemoPlatform,
    hashes: Mapping[str, str],
) -> None:
    """Customers, and the points of delivery of all."""
    provider = _provider(registered)
    if provider is None or not company.cities:
        return
    for customer in company.customers:
        platform.execute(AddCustomer(customer_id=customer.id, name=customer.name))
        with platform.store.write(SYSTEM, AddCustomer(customer_id=customer.id, name=customer.name)) as uow:
            uow.sign_ins.enter(customer.id, hashes[customer.id], uow.get(Party, customer.id))
    platform.desk.execute(provider, UploadPods(document=pods_csv(place, company)))


def _network(load: Loader, company: DemoCompany, registered: Registered, platform: DemoPlatform) -> None:
    """What its technical validations are made on."""
    provider = _provider(registered)
    if provider is None or company.network is None:
        return
    day, its = load.scenario.delivery_day, company.network
    with load.app.store.read() as uow:
        schedules = uow.find(Schedule, region_id=its.region_id, delivery_day=day)
    if not schedules:
        return
    network, schedule = schedules[0].network_document, schedules[0].document
    limits = SetCouplingLimits(
        import_max_mw=None, export_max_mw=its.export_max_mw, s_max_mva=None, source=its.source
    )
    platform.desk.execute(provider, UploadValidationNetwork(document=network))
    platform.desk.execute(provider, UploadValidationSchedules(delivery_day=day, document=schedule))
    platform.desk.execute(provider, limits)


def pods_csv(place: DemoPlace, company: DemoCompany) -> str:
    """The company's points of delivery; the first ones are its customers'."""
    numbers = random.Random(f"{place.pods_seed} {company.slug}")  # noqa: S311 - a demo's, the same each time
    owners = chain(chain.from_iterable(repeat(each.id, each.n_pods) for each in company.customers), repeat(""))
    lines = ["pod_id,country,postcode,city,street,customer_id"]
    stem, n = company.pod_pattern.removesuffix("*"), 0
    for city in company.cities:
        for _ in range(city.n_pods):
            n += 1
            street = f"{numbers.choice(city.streets)} {numbers.randint(1, 90)}"
            lines.append(
                f"{stem}{n:08d},{company.address.country},{city.postcode},{city.name},{street},{next(owners)}"
            )
    return "\n".join(lines) + "\n"
