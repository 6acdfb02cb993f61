"""Companies, registrations and served areas in the words of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.queries.models.place import CompanyRow, RegistrationRow
from domain.marketplace.areas import PostcodeArea, ServedArea
from domain.marketplace.companies import Address, Company, CompanyState
from domain.marketplace.registrations import MAY_PLAY, Registration, RegistrationState
from domain.marketplace.words import PlayerRole
from views.state.common import MISSING, local, utc
from views.state.place_words import Facts, capital, options

_SHOWN = "%d %b %Y %H:%M"
NEXT: Mapping[RegistrationState, str] = {
    RegistrationState.APPLIED: "The market place's operator has to accept it.",
    RegistrationState.ACCEPTED: "Give the platform's address and pass the set-up test.",
    RegistrationState.TESTED: "The market place's operator has to certify it.",
    RegistrationState.CERTIFIED: "Services are visible to requesters.",
    RegistrationState.SUSPENDED: "It is out until the operator reinstates it.",
    RegistrationState.REFUSED: "It was refused.",
    RegistrationState.QUIT: "It has left the market place.",
}
NEXT_OF_REQUESTER: Mapping[RegistrationState, str] = {
    **NEXT,
    RegistrationState.CERTIFIED: "Services can be asked for and subscribed to.",
}


def next_words(registration: Registration) -> str:
    """What has to happen next."""
    table = NEXT if registration.provides else NEXT_OF_REQUESTER
    return table[registration.state]


def address_words(address: Address) -> str:
    return f"{address.street}, {address.postcode} {address.city}, {address.country}"


def company_record(row: CompanyRow) -> dict[str, Any]:
    company = row.company
    return {
        "state": company.state.value,
        "name": company.name,
        "type": capital(company.company_type.value),
        "country": company.address.country,
        "contact": f"{company.contact.name}, {company.contact.email}",
        "registrations": len(row.registrations),
        "agreed": company.agreed_version and f"Version {company.agreed_version}",
        "at": local(company.applied_at, _SHOWN),
        "at_utc": utc(company.applied_at),
        "reason": company.reason,
        "id": company.id,
    }


def company_facts(company: Company) -> Facts:
    """MPL-DES."""
    legal = company.legal
    agreed = MISSING
    if company.agreed_at is not None:
        agreed = f"Version {company.agreed_version}, accepted {local(company.agreed_at, _SHOWN)}"
    return [
        ("Company", f"{legal.name}, {legal.legal_form}"),
        ("Type", capital(company.company_type.value)),
        ("Register number", legal.register_number),
        ("VAT number", legal.vat_number or MISSING),
        ("Address", address_words(company.address)),
        ("Contact", company.contact.name),
        ("E-mail", company.contact.email),
        ("Telephone", company.contact.phone or MISSING),
        ("Applied", local(company.applied_at, _SHOWN)),
        ("General agreement", agreed),
        *([("Reason", company.reason)] if company.reason else []),
    ]


def registration_record(row: RegistrationRow) -> dict[str, Any]:
    one = row.registration
    return {
        "state": one.state.value,
        "company": row.company_name,
        "role": capital(one.player_role.value),
        "platform": one.platform_url or MISSING,
        "test": test_words(one),
        "area": (", ".join(row.countries) or "Not given") if one.provides else MISSING,
        "at": local(one.applied_at, _SHOWN),
        "at_utc": utc(one.applied_at),
        "id": one.id,
    }


def test_words(registration: Registration) -> str:
    """What came of the set-up test; a failure says why."""
    if registration.tested_at is None:
        return "Asked for" if registration.test_asked_at else "Not run yet"
    return registration.test_detail or "Passed"


def registration_facts(registration: Registration) -> Facts:
    """MPL-REG and MPL-ADD, and how far it has come."""
    steps = (
        ("Applied", registration.applied_at),
        ("Accepted", registration.accepted_at),
        ("Tested", registration.tested_at),
        ("Certified", registration.certified_at),
    )
    return [
        ("Registration", registration.id),
        ("Role", capital(registration.player_role.value)),
        ("State", capital(registration.state.value)),
        ("Next", next_words(registration)),
        ("Platform address", registration.platform_url or "Not given yet"),
        *((name, local(at, _SHOWN) if at else MISSING) for name, at in steps),
        ("Set-up test", test_words(registration)),
        *([("Reason", registration.reason)] if registration.reason else []),
    ]


def waiting_companies(rows: Sequence[CompanyRow]) -> list[CompanyRow]:
    """Those that wait first, the longest waiting on top; then the others, the latest first."""
    by_name = sorted(rows, key=lambda row: row.company.legal.name, reverse=True)
    by_time = sorted(by_name, key=lambda row: row.company.applied_at)
    waits = [row for row in by_time if row.company.state is CompanyState.APPLIED]
    return waits + [row for row in reversed(by_time) if row.company.state is not CompanyState.APPLIED]


_ORDER = {
    state: place
    for place, state in enumerate(
        (
            RegistrationState.APPLIED,
            RegistrationState.TESTED,
            RegistrationState.ACCEPTED,
            RegistrationState.SUSPENDED,
            RegistrationState.CERTIFIED,
            RegistrationState.QUIT,
            RegistrationState.REFUSED,
        )
    )
}


def waiting_registrations(rows: Sequence[RegistrationRow]) -> list[RegistrationRow]:
    """Those that wait for the operator first."""
    return sorted(rows, key=lambda row: (_ORDER[row.registration.state], row.company_name, row.registration.id))


def postcode_line(part: PostcodeArea) -> str:
    """`DE 10000-14999` or `DE 10*`."""
    return f"{part.country} {part.first}-{part.last}" if part.last else f"{part.country} {part.first}*"


def area_facts(area: ServedArea | None) -> Facts:
    """A served area in full, polygons by their number of corners."""
    if area is None:
        return [("Served area", "Not given yet")]
    return [
        ("Countries served", ", ".join(area.countries) or MISSING),
        ("Postcodes", ", ".join(postcode_line(part) for part in area.postcodes) or "Not limited"),
        (
            "Polygons",
            ", ".join(f"{len(polygon.corners)} corners" for polygon in area.polygons) or "None",
        ),
        ("PoD patterns", ", ".join(area.pod_patterns) or "None"),
    ]


_GONE = (RegistrationState.REFUSED, RegistrationState.QUIT)


def roles_left(row: CompanyRow) -> dict[str, str]:
    """Roles that the company may have by its type and has not: label to value."""
    taken = {one.registration.player_role for one in row.registrations if one.registration.state not in _GONE}
    may = MAY_PLAY[row.company.company_type]
    return options(role for role in PlayerRole if role in may and role not in taken)
