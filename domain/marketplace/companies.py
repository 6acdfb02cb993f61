"""Companies on the market place (MPL-DES): who they are, how they are reached, what type they have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.errors import Finding
from domain.ids import CompanyId, PartyId
from domain.marketplace.words import CompanyType
from domain.parties.applications import EMAIL
from domain.texts import text_findings

_CODES = """
AL AT BA BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MD ME MK MT NL NO PL PT
RO RS SE SI SK TR UA XK
"""
COUNTRIES = frozenset(_CODES.split())
"""European countries by ISO 3166-1 alpha-2 (XK: Kosovo, which has none of its own)."""
MOST_OPEN = 200
"""Companies that may wait for the operator at once: whoever floods the form fills no database."""
_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]+\.[^\s@<>\".]{2,}")
_PHONE = re.compile(r"\+?[0-9 ()/-]{5,30}", re.ASCII)
_POSTCODE = re.compile(r"[A-Z0-9](?:[A-Z0-9 -]{0,8}[A-Z0-9])?", re.ASCII)


class CompanyState(StrEnum):
    APPLIED = "applied"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Whom to ask."""

    name: str
    email: str
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a company is. `country`: ISO 3166-1 alpha-2."""

    street: str
    postcode: str
    city: str
    country: str


@dataclass(frozen=True, kw_only=True)
class LegalData:
    """`register_number`: of the commercial register or its like; `vat_number`: "" where it has none."""

    name: str
    legal_form: str
    register_number: str
    vat_number: str = ""


@dataclass(frozen=True, kw_only=True)
class Company:
    """MPL-DES. One company has a registration (MPL-REG) for each role it plays.

    reason : why it was refused
    agreed_version, agreed_at, agreed_by : the general agreement that it accepted, and which registration did
    """

    id: CompanyId
    legal: LegalData
    company_type: CompanyType
    contact: Contact
    address: Address
    applied_at: datetime
    state: CompanyState = CompanyState.APPLIED
    reason: str = ""
    agreed_version: str = ""
    agreed_at: datetime | None = None
    agreed_by: PartyId | None = None
    version: int = field(default=0)

    @property
    def name(self) -> str:
        return self.legal.name


def is_same(one: Company, other: Company) -> bool:
    """Whether two are one company: of one VAT number, or of one name and register number in a country (numbers
    alone are a court's)."""
    if one.legal.vat_number and _bare(one.legal.vat_number) == _bare(other.legal.vat_number):
        return True
    return _registered(one) == _registered(other)


def _registered(one: Company) -> tuple[str, str, str]:
    return one.address.country, _bare(one.legal.register_number), _bare(one.legal.name)


def _bare(text: str) -> str:
    """Letters and digits alone, however they were written."""
    return re.sub(r"\W|_", "", text).casefold()


def company_findings(legal: LegalData, contact: Contact, address: Address) -> list[Finding]:
    """Everything that is wrong with what a company says of itself."""
    found = text_findings(legal.name, "legal.name")
    found += text_findings(legal.legal_form, "legal.legal_form")
    found += text_findings(legal.register_number, "legal.register_number")
    found += optional_findings(legal.vat_number, "legal.vat_number")
    return found + contact_findings(contact) + address_findings(address)


def contact_findings(contact: Contact) -> list[Finding]:
    found = text_findings(contact.name, "contact.name")
    mail = text_findings(contact.email, "contact.email", EMAIL)
    if not mail and not _EMAIL.fullmatch(contact.email.strip()):
        sentence = "Write an e-mail address such as desk@company.example."
        mail = [Finding(code="malformed", field="contact.email", sentence=sentence)]
    phone = []
    if contact.phone and not _PHONE.fullmatch(contact.phone):
        sentence = "Write a telephone number such as +49 30 123456."
        phone = [Finding(code="malformed", field="contact.phone", sentence=sentence)]
    return found + mail + phone


def address_findings(address: Address) -> list[Finding]:
    found = text_findings(address.street, "address.street") + text_findings(address.city, "address.city")
    found += postcode_findings(address.postcode, "address.postcode")
    return found + country_findings(address.country, "address.country")


def country_findings(country: str, field: str) -> list[Finding]:
    if country in COUNTRIES:
        return []
    sentence = "Give a European country by its two letters, such as DE."
    return [Finding(code="unknown_country", field=field, sentence=sentence)]


def postcode_findings(postcode: str, field: str) -> list[Finding]:
    """Upper case letters, digits, blanks and dashes; at most ten."""
    if _POSTCODE.fullmatch(postcode):
        return []
    sentence = "A postcode has 1 to 10 upper case letters or digits, such as 10115 or SW1A 1AA."
    return [Finding(code="malformed", field=field, sentence=sentence)]


def optional_findings(value: str, field: str, most: int = 80) -> list[Finding]:
    """As `text_findings`, of a text that may be left out."""
    return text_findings(value, field, most) if value else []
