"""The market place itself (MKP-DES) and its access points (MKP-ADD)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import Finding
from domain.marketplace.platform_addresses import url_findings
from domain.texts import text_findings

PLACE_ID = "place"
LONGEST_PART = 4000
MOST_ADDRESSES = 10
PARTS = ("purpose", "stakeholders", "legal_information", "usage_condition", "contact_details", "help")


@dataclass(frozen=True, kw_only=True)
class PlacePage:
    """MKP-DES and MKP-ADD. `addresses`: of the platforms that host the market place."""

    id: str = PLACE_ID
    purpose: str = ""
    stakeholders: str = ""
    legal_information: str = ""
    usage_condition: str = ""
    contact_details: str = ""
    help: str = ""
    addresses: tuple[str, ...] = ()
    version: int = 0


FIRST = PlacePage(
    purpose="Players find, agree on and exchange services based on metering data, across countries.",
    stakeholders="System operators, retailers, aggregators, service companies, research and public bodies.",
    legal_information="The market place keeps the catalogue and the subscriptions; data flow between players.",
    usage_condition="Companies enrol, are accepted, pass the integration test and accept the general agreement.",
    contact_details="Ask the market place's operator.",
    help="Enrol a company, publish services or ask for them, and subscribe.",
)
"""Until the operator writes another one."""


def page_findings(page: PlacePage) -> list[Finding]:
    found = [finding for part in PARTS for finding in long_text_findings(getattr(page, part), part, LONGEST_PART)]
    return found + _addresses_findings(page.addresses)


def _addresses_findings(addresses: Sequence[str]) -> list[Finding]:
    if len(addresses) > MOST_ADDRESSES:
        sentence = f"{len(addresses)} addresses; at most {MOST_ADDRESSES} are allowed."
        return [Finding(code="out_of_range", field="addresses", sentence=sentence)]
    return [finding for index, url in enumerate(addresses) for finding in url_findings(url, f"addresses[{index}]")]


def long_text_findings(value: str, field: str, most: int) -> list[Finding]:
    """What is wrong with a text that may have several lines and may be empty."""
    if len(value) > most:
        sentence = f"{len(value)} characters; at most {most} are allowed."
        return [Finding(code="out_of_range", field=field, sentence=sentence)]
    plain = value.replace("\n", " ").replace("\t", " ")
    if any(finding.code == "malformed" for finding in text_findings(f"-{plain}", field, most + 1)):
        return [Finding(code="malformed", field=field, sentence="Control characters are not allowed.")]
    return []
