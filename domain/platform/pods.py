"""Points of delivery of a company's platform: where they are, and whose."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from domain.errors import Finding
from domain.flexibility.metering import pod_findings
from domain.ids import PartyId, PodId
from domain.texts import text_findings

_POSTCODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{1,11}", re.ASCII)

ZONES: Mapping[str, str] = {
    "AD": "Europe/Andorra",
    "AL": "Europe/Tirane",
    "AT": "Europe/Vienna",
    "BA": "Europe/Sarajevo",
    "BE": "Europe/Brussels",
    "BG": "Europe/Sofia",
    "CH": "Europe/Zurich",
    "CY": "Asia/Nicosia",
    "CZ": "Europe/Prague",
    "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen",
    "EE": "Europe/Tallinn",
    "ES": "Europe/Madrid",
    "FI": "Europe/Helsinki",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "GR": "Europe/Athens",
    "HR": "Europe/Zagreb",
    "HU": "Europe/Budapest",
    "IE": "Europe/Dublin",
    "IS": "Atlantic/Reykjavik",
    "IT": "Europe/Rome",
    "LI": "Europe/Vaduz",
    "LT": "Europe/Vilnius",
    "LU": "Europe/Luxembourg",
    "LV": "Europe/Riga",
    "MD": "Europe/Chisinau",
    "ME": "Europe/Podgorica",
    "MK": "Europe/Skopje",
    "MT": "Europe/Malta",
    "NL": "Europe/Amsterdam",
    "NO": "Europe/Oslo",
    "PL": "Europe/Warsaw",
    "PT": "Europe/Lisbon",
    "RO": "Europe/Bucharest",
    "RS": "Europe/Belgrade",
    "SE": "Europe/Stockholm",
    "SI": "Europe/Ljubljana",
    "SK": "Europe/Bratislava",
    "UA": "Europe/Kyiv",
    "XK": "Europe/Belgrade",
}
"""Country (ISO 3166-1 alpha-2) -> the zone of its market's days. Islands in other zones (Azores, Canaries) keep
their country's, as its settlement does."""


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A point of delivery with its place; `customer_id`: the customer behind it, if the platform knows one."""

    id: PodId
    country: str
    postcode: str
    city: str
    street: str
    customer_id: PartyId | None = None
    version: int = 0

    @property
    def zone(self) -> ZoneInfo:
        """Of its local days."""
        return zone_of(self.country)


def zone_of(country: str) -> ZoneInfo:
    return ZoneInfo(ZONES[country])


def place_findings(pod: Pod) -> list[Finding]:
    """What is wrong with a point of delivery by itself."""
    found = pod_findings(pod.id, "pod_id")
    if pod.country not in ZONES:
        sentence = "Give a country of Europe by its two capital letters, such as DE."
        found.append(Finding(code="unknown_place", field="country", sentence=sentence))
    if not _POSTCODE.fullmatch(pod.postcode):
        sentence = "Give 2 to 12 letters, digits, spaces or dashes."
        found.append(Finding(code="malformed", field="postcode", sentence=sentence))
    return found + text_findings(pod.city, "city") + text_findings(pod.street, "street")


def same_place(one: Pod, other: Pod) -> bool:
    """Whether two entries of a point of delivery say the same."""
    return (one.country, one.postcode, one.city, one.street, one.customer_id) == (
        other.country,
        other.postcode,
        other.city,
        other.street,
        other.customer_id,
    )
