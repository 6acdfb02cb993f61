"""The company that a platform belongs to, and its registrations on the market place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.errors import Finding
from domain.ids import CompanyId, PartyId
from domain.marketplace.words import PlayerRole
from domain.parties import account_findings
from domain.texts import text_findings

THE_COMPANY = CompanyId("company")
"""A platform has one."""
MARKET_PLACE = PartyId("market-place")
"""The market place's system, as a participant of a platform."""
MOST_REGISTRATIONS = 8


@dataclass(frozen=True, kw_only=True)
class Company:
    """MPL-DES, as far as its own platform needs it. `country`: ISO 3166-1 alpha-2; `market_place_url`: where the
    market place is, "" before `connect`."""

    id: CompanyId
    name: str
    country: str
    market_place_url: str = ""
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class OwnRegistration:
    """MPL-REG: an own registration; it is a participant with the same id."""

    id: PartyId
    player_role: PlayerRole
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Registration:
    """An own registration, as it is entered: its id on the market place, a name and its role there."""

    id: PartyId
    name: str
    player_role: PlayerRole


def company_findings(name: str, country: str, registrations: tuple[Registration, ...]) -> list[Finding]:
    """What is wrong with a company that a platform is made for."""
    return [
        *text_findings(name, "company"),
        *_country(country),
        *_how_many(registrations),
        *(finding for index, each in enumerate(registrations) for finding in _registration(index, each)),
        *_twice(each.id for each in registrations),
    ]


def party_id_findings(id: str, field: str) -> list[Finding]:
    """What is wrong with the id of a participant that is entered by hand."""
    found = [Finding(code=each.code, field=field, sentence=each.sentence) for each in account_findings(id)]
    if not found and id in (MARKET_PLACE, "system"):
        found.append(Finding(code="not_permitted", field=field, sentence="This id belongs to a system."))
    return found


def _country(country: str) -> Iterator[Finding]:
    if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        sentence = "Give the country by its two letters, such as IT."
        yield Finding(code="malformed", field="country", sentence=sentence)


def _how_many(registrations: tuple[Registration, ...]) -> Iterator[Finding]:
    if not registrations:
        yield Finding(code="missing", field="registrations", sentence="Give at least one registration.")
    if len(registrations) > MOST_REGISTRATIONS:
        sentence = f"At most {MOST_REGISTRATIONS} registrations."
        yield Finding(code="out_of_range", field="registrations", sentence=sentence)


def _registration(index: int, registration: Registration) -> Iterator[Finding]:
    field = f"registrations[{index}]"
    yield from party_id_findings(registration.id, f"{field}.id")
    yield from text_findings(registration.name, f"{field}.name")


def _twice(ids: Iterable[PartyId]) -> Iterator[Finding]:
    seen: set[PartyId] = set()
    for index, id in enumerate(ids):
        if id in seen:
            sentence = "This registration is there twice."
            yield Finding(code="duplicate", field=f"registrations[{index}].id", sentence=sentence)
        seen.add(id)
