"""Service offers (MKP-SRV-OFF) with their descriptions (MKP-SRV-DES), and what goes together in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from domain.errors import Finding
from domain.ids import PartyId, ServiceOfferId
from domain.marketplace.companies import country_findings
from domain.marketplace.place import long_text_findings
from domain.marketplace.services import ServiceDescription, ServiceTerms
from domain.marketplace.words import (
    AggregationLevel,
    AggregationMethod,
    Environment,
    PlayerRole,
    ServiceType,
    TimeStep,
)
from domain.texts import text_findings
from domain.time import instant_findings
from domain.units import number_findings

MOST_DESCRIPTIONS = 20
MOST_PLACES = 50
LONGEST_TITLE = 120
LONGEST_SHORT = 200
LONGEST_USAGE = 2000
LONGEST_TEXT = 4000
MOST_PRICE_EUR = Decimal(10_000_000)
LONGEST_DELAY_MINUTES = 60 * 24 * 366
LONGEST_INTERIM_HOURS = 24 * 31
_LIKE_A_POD = re.compile(r"\d{6}", re.ASCII)


class ServiceOfferState(StrEnum):
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


OFFER: Mapping[tuple[ServiceOfferState, str], ServiceOfferState] = {
    (ServiceOfferState.PUBLISHED, "edit"): ServiceOfferState.PUBLISHED,
    (ServiceOfferState.PUBLISHED, "withdraw"): ServiceOfferState.WITHDRAWN,
}

MAY_OFFER: Mapping[PlayerRole, frozenset[ServiceType]] = {
    PlayerRole.REGULATED_DATA_PROVIDER: frozenset({ServiceType.INDIVIDUAL_DATA, ServiceType.AGGREGATED_DATA}),
    PlayerRole.UNREGULATED_DATA_PROVIDER: frozenset({ServiceType.INDIVIDUAL_DATA, ServiceType.AGGREGATED_DATA}),
    PlayerRole.UNREGULATED_SERVICE_PROVIDER: frozenset({ServiceType.ENERGY_SERVICE}),
    PlayerRole.UNREGULATED_DATA_REQUESTER: frozenset(),
}
"""Data providers provide data, service providers services (document 003, section 2.2)."""


@dataclass(frozen=True, kw_only=True)
class ServiceOffer:
    """MKP-SRV-OFF. Others see it while it is published and its provider certified."""

    id: ServiceOfferId
    provider_id: PartyId
    environment: Environment
    service_type: ServiceType
    title: str
    text: str
    descriptions: tuple[ServiceDescription, ...]
    terms: ServiceTerms
    published_at: datetime
    changed_at: datetime
    state: ServiceOfferState = ServiceOfferState.PUBLISHED
    version: int = 0


def offer_findings(
    role: PlayerRole,
    service_type: ServiceType,
    title: str,
    text: str,
    descriptions: Sequence[ServiceDescription],
    terms: ServiceTerms,
) -> list[Finding]:
    """Everything that is wrong with an offer of a registration in that role; at most twenty findings."""
    found = []
    if service_type not in MAY_OFFER[role]:
        sentence = f"{service_type.value.capitalize()} is not for the role {role.value}."
        found.append(Finding(code="role_conflict", field="service_type", sentence=sentence))
    found += text_findings(title, "title", LONGEST_TITLE)
    found += long_text_findings(text, "text", LONGEST_TEXT)
    found += descriptions_findings(descriptions, "descriptions")
    for index, description in enumerate(descriptions[:MOST_DESCRIPTIONS]):
        place = f"descriptions[{index}]"
        if description.service_type is not service_type:
            sentence = f"The offer is of {service_type.value}."
            found.append(Finding(code="terms_conflict", field=f"{place}.service_type", sentence=sentence))
        found += _regulated(role, description, place)
    return (found + terms_findings(terms))[:20]


def _regulated(role: PlayerRole, description: ServiceDescription, place: str) -> list[Finding]:
    individual = description.service_type is ServiceType.INDIVIDUAL_DATA
    if role is PlayerRole.REGULATED_DATA_PROVIDER and individual and not description.consent_mandatory:
        sentence = "Individual data of a regulated provider need the customer's consent."
        return [Finding(code="terms_conflict", field=f"{place}.consent_mandatory", sentence=sentence)]
    return []


def descriptions_findings(descriptions: Sequence[ServiceDescription], field: str) -> list[Finding]:
    """What is wrong with the descriptions of an offer or a request, each for itself."""
    if not 1 <= len(descriptions) <= MOST_DESCRIPTIONS:
        sentence = f"{len(descriptions)} descriptions; 1 to {MOST_DESCRIPTIONS} are allowed."
        return [Finding(code="out_of_range", field=field, sentence=sentence)]
    return [
        finding
        for index, description in enumerate(descriptions)
        for finding in _description_findings(description, f"{field}[{index}]")
    ]


def _description_findings(description: ServiceDescription, place: str) -> Iterator[Finding]:
    yield from text_findings(description.short_description, f"{place}.short_description", LONGEST_SHORT)
    yield from long_text_findings(description.usage_details, f"{place}.usage_details", LONGEST_USAGE)
    yield from _aggregation(description, place)
    yield from _period(description, place)
    yield from _localisation(description.localisation, f"{place}.localisation")
    if description.near_real_time and description.time_step is TimeStep.DAY:
        sentence = "A value a day is not near real time."
        yield Finding(code="terms_conflict", field=f"{place}.time_step", sentence=sentence)


def _aggregation(description: ServiceDescription, place: str) -> Iterator[Finding]:
    aggregated = description.service_type is ServiceType.AGGREGATED_DATA
    kind = description.service_type.value.capitalize()
    for name, value in (
        ("aggregation_level", description.aggregation_level),
        ("aggregation_method", description.aggregation_method),
    ):
        given = value not in (AggregationLevel.NONE, AggregationMethod.NONE)
        if given is not aggregated:
            word = name.replace("_", " ")
            sentence = f"{kind} {'needs an' if aggregated else 'has no'} {word}."
            yield Finding(code="terms_conflict", field=f"{place}.{name}", sentence=sentence)


def _period(description: ServiceDescription, place: str) -> Iterator[Finding]:
    found = False
    for name in ("period_start", "period_end"):
        instant = getattr(description, name)
        for finding in instant_findings(instant, f"{place}.{name}") if instant is not None else ():
            found = True
            yield finding
    start, end = description.period_start, description.period_end
    if not found and start is not None and end is not None and end <= start:
        yield Finding(code="unordered", field=f"{place}.period_end", sentence="The period ends before it starts.")


def _localisation(places: Sequence[str], field: str) -> Iterator[Finding]:
    if len(places) > MOST_PLACES:
        sentence = f"{len(places)} places; at most {MOST_PLACES} are allowed."
        yield Finding(code="out_of_range", field=field, sentence=sentence)
        return
    for index, place in enumerate(places):
        where = f"{field}[{index}]"
        country, slash, rest = place.partition("/")
        yield from country_findings(country, where)
        if slash:
            yield from text_findings(rest, where)
        if _LIKE_A_POD.search(place):
            sentence = "Name countries or places, such as DE/Berlin; points of delivery do not belong here."
            yield Finding(code="malformed", field=where, sentence=sentence)


def countries_of(description: ServiceDescription) -> frozenset[str]:
    """Empty where the description names no place."""
    return frozenset(place.partition("/")[0] for place in description.localisation)


def terms_findings(terms: ServiceTerms, field: str = "terms") -> list[Finding]:
    """What is wrong with what a provider asks and promises."""
    found = number_findings(
        terms.price_eur, f"{field}.price_eur", unit="EUR", places=2, low=Decimal(0), high=MOST_PRICE_EUR
    )
    found += number_findings(
        terms.availability_share,
        f"{field}.availability_share",
        unit="of all",
        places=6,
        low=Decimal(0),
        high=Decimal(1),
    )
    for name, most in (("max_delay_minutes", LONGEST_DELAY_MINUTES), ("interim_hours", LONGEST_INTERIM_HOURS)):
        if not 1 <= getattr(terms, name) <= most:
            sentence = f"1 to {most} are allowed."
            found.append(Finding(code="out_of_range", field=f"{field}.{name}", sentence=sentence))
    return found + long_text_findings(terms.conditions, f"{field}.conditions", LONGEST_TEXT)
