"""A market place for tests: companies in all the states that tests need, in few words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from world import START, WHO, World

from domain.commands import place as c
from domain.flexibility.zones import Corner
from domain.ids import ServiceDescriptionId
from domain.marketplace.agreements import GENERAL_VERSION
from domain.marketplace.areas import Polygon, PostcodeArea
from domain.marketplace.companies import Address, Company, Contact, LegalData
from domain.marketplace.offers import ServiceOffer
from domain.marketplace.registrations import Registration, RegistrationWish
from domain.marketplace.requests import Proposal, ProposalLine, ServiceRequest, Subscription
from domain.marketplace.services import ServiceDescription, ServiceTerms
from domain.marketplace.words import (
    AggregationLevel,
    AggregationMethod,
    CompanyType,
    Environment,
    PlayerRole,
    ServiceType,
    TimeStep,
)
from domain.parties import Party, Principal

SECRET = "$argon2id$not-a-real-hash"
OPERATOR = "place1"
RDP, UDP, USP, UDR = PlayerRole
LEGAL = LegalData(name="North Grid", legal_form="GmbH", register_number="HRB 1234", vat_number="DE123456789")
CONTACT = Contact(name="Ada Hill", email="desk@north.example", phone="+49 30 123456")
ADDRESS = Address(street="Main street 1", postcode="10115", city="Berlin", country="DE")


def enrolment(
    name: str = "North Grid",
    company_type: CompanyType = CompanyType.REGULATED,
    roles: tuple[PlayerRole, ...] = (RDP,),
    **changes: Any,
) -> c.EnrolCompany:
    handle = re.sub(r"[^a-z]", "-", name.lower())
    values: dict[str, Any] = {
        "legal": replace(LEGAL, name=name, vat_number=""),
        "company_type": company_type,
        "contact": CONTACT,
        "address": ADDRESS,
        "registrations": tuple(
            RegistrationWish(
                player_role=role, account=f"{handle}-{index}", platform_url=f"https://{handle}.example/mpp"
            )
            for index, role in enumerate(roles)
        ),
        "secret": SECRET,
    }
    return c.EnrolCompany(**values | changes)


def enrolled(world: World, *args: Any, **changes: Any) -> Company:
    return world.do("system", enrolment(*args, **changes))  # type: ignore[no-any-return]


def accepted(world: World, *args: Any, **changes: Any) -> list[Registration]:
    """A company that takes part; its registrations, in the order of their roles, can act by their names."""
    company = enrolled(world, *args, **changes)
    world.do(OPERATOR, c.AcceptCompany(company_id=company.id))
    found = world.find(Registration, company_id=company.id)
    for one in found:
        acting(world, one)
    return sorted(found, key=lambda one: list(PlayerRole).index(one.player_role))


def acting(world: World, registration: Registration) -> str:
    """Who acts for a registration, for `World.do`."""
    party = world.only(Party, id=registration.id)
    WHO[registration.id] = Principal(
        account=registration.account, party_id=party.id, role=party.role, name=party.name
    )
    return registration.id


def platform_tested(world: World, registration: Registration, passed: bool = True) -> Registration:
    url = registration.platform_url
    command = c.RecordIntegrationTest(registration_id=registration.id, platform_url=url, passed=passed, detail="")
    return world.do("system", command)  # type: ignore[no-any-return]


def certified(world: World, *args: Any, **changes: Any) -> list[Registration]:
    """As `accepted`, with tested platforms and certificates."""
    made = []
    for registration in accepted(world, *args, **changes):
        platform_tested(world, registration)
        made.append(world.do(OPERATOR, c.CertifyRegistration(registration_id=registration.id)))
    return made


def square(west: str, south: str, side: str = "1") -> Polygon:
    x, y, d = Decimal(west), Decimal(south), Decimal(side)
    ring = ((x, y), (x + d, y), (x + d, y + d), (x, y + d))
    return Polygon(corners=tuple(Corner(lon=lon, lat=lat) for lon, lat in ring))


GERMANY = c.SetServedArea(
    countries=("DE",),
    postcodes=(PostcodeArea(country="DE", first="10115", last="14199"), PostcodeArea(country="DE", first="28")),
    pod_patterns=("DE000123*",),
)


def described(**changes: Any) -> ServiceDescription:
    """Individual consumption data by quarter hours."""
    values: dict[str, Any] = {
        "id": ServiceDescriptionId(""),
        "service_type": ServiceType.INDIVIDUAL_DATA,
        "short_description": "Quarter-hourly consumption",
    }
    return ServiceDescription(**values | changes)


def aggregated(**changes: Any) -> ServiceDescription:
    values: dict[str, Any] = {
        "service_type": ServiceType.AGGREGATED_DATA,
        "short_description": "Consumption of a city",
        "aggregation_level": AggregationLevel.CITY,
        "aggregation_method": AggregationMethod.SUM,
        "time_step": TimeStep.HOUR,
        "consent_mandatory": False,
    }
    return described(**values | changes)


def publication(*descriptions: ServiceDescription, **changes: Any) -> c.PublishServiceOffer:
    given = descriptions or (described(),)
    values: dict[str, Any] = {
        "service_type": given[0].service_type,
        "title": "Meter data",
        "text": "Validated readings of smart meters.",
        "descriptions": given,
        "terms": ServiceTerms(price_eur=Decimal("25.00")),
    }
    return c.PublishServiceOffer(**values | changes)


def offered(
    world: World, provider: Registration, *descriptions: ServiceDescription, **changes: Any
) -> ServiceOffer:
    return world.do(provider.id, publication(*descriptions, **changes))  # type: ignore[no-any-return]


def requested(
    world: World, requester: Registration, *wishes: ServiceDescription, **changes: Any
) -> ServiceRequest:
    return world.do(requester.id, wishing(*wishes, **changes))  # type: ignore[no-any-return]


def wishing(*wishes: ServiceDescription, **changes: Any) -> c.RequestServices:
    values: dict[str, Any] = {
        "environment": Environment.REGULATED,
        "title": "Meter data of our customers",
        "data_details": "Quarter hours of this year.",
        "processing_details": "Forecasts of load.",
        "wishes": wishes or (described(),),
    }
    return c.RequestServices(**values | changes)


def asking(request: ServiceRequest, offer: ServiceOffer, **changes: Any) -> c.AskForProposal:
    """For the offer's first description, as the request's first wish."""
    line = ProposalLine(wish_id=request.wishes[0].id, offer_id=offer.id, description_id=offer.descriptions[0].id)
    values: dict[str, Any] = {
        "request_id": request.id,
        "lines": (line,),
        "terms": offer.terms,
        "starts_at": START,
        "ends_at": START + timedelta(days=365),
        "deadline": START + timedelta(days=7),
    }
    return c.AskForProposal(**values | changes)


@dataclass(kw_only=True)
class Deal:
    """A certified provider and requester with an offer that meets a request."""

    world: World
    provider: Registration
    requester: Registration
    offer: ServiceOffer
    request: ServiceRequest

    def asked(self, **changes: Any) -> Proposal:
        return self.world.do(self.requester.id, asking(self.request, self.offer, **changes))  # type: ignore[no-any-return]

    def offered(self, proposal: Proposal, terms: ServiceTerms | None = None) -> Proposal:
        command = c.OfferTerms(proposal_id=proposal.id, terms=terms or proposal.asked_terms)
        return self.world.do(self.provider.id, command)  # type: ignore[no-any-return]

    def agreed(self) -> None:
        """Both companies accept the general agreement."""
        for one in (self.provider, self.requester):
            self.world.do(one.id, c.AcceptGeneralAgreement(version=GENERAL_VERSION))

    def subscribed(self, **changes: Any) -> Subscription:
        self.agreed()
        proposal = self.offered(self.asked(**changes))
        return self.world.do(self.requester.id, c.AcceptProposal(proposal_id=proposal.id))  # type: ignore[no-any-return]


def dealing(world: World) -> Deal:
    (meters,) = certified(world)
    (pool,) = certified(world, "Pool", CompanyType.UNREGULATED, (UDR,))
    return Deal(
        world=world,
        provider=meters,
        requester=pool,
        offer=offered(world, meters),
        request=requested(world, pool),
    )
