"""What a provider serves, so that others find the DSO of a customer (document 003, section 2.2: DSO mapping).

A pattern of PoDs is a prefix with holes: capital letters and digits stand for themselves, `?` for any one of them,
and `*` at its end for any rest. So matching takes one step a character, and a pattern is too short to be a PoD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.errors import Finding
from domain.flexibility.zones import Corner, corner_findings, inside, points
from domain.ids import PartyId
from domain.marketplace.companies import country_findings, postcode_findings

MOST_COUNTRIES = 10
MOST_POSTCODES = 2000
MOST_POLYGONS = 20
MOST_PATTERNS = 50
LONGEST_PATTERN = 12
"""Characters before the `*`; PoDs have 14 to 33."""
LEAST_FIXED = 2
_PATTERN = re.compile(r"[A-Z0-9?]{1,40}\*", re.ASCII)
LONGEST_POD = 40
_POD = re.compile(r"[A-Z0-9]{1,40}", re.ASCII)


class MatchedBy(StrEnum):
    POD = "PoD pattern"
    POSTCODE = "postcode"
    POLYGON = "coordinates"
    COUNTRY = "country"


@dataclass(frozen=True, kw_only=True)
class PostcodeArea:
    """Postcodes of a country: from `first` to `last`, both of one length, or those that begin with `first` where
    `last` is empty."""

    country: str
    first: str
    last: str = ""

    def covers(self, country: str, postcode: str) -> bool:
        if country != self.country:
            return False
        if not self.last:
            return postcode.startswith(self.first)
        return len(postcode) == len(self.first) and self.first <= postcode <= self.last


@dataclass(frozen=True, kw_only=True)
class Polygon:
    """An area within corners (degrees of WGS84)."""

    corners: tuple[Corner, ...]


@dataclass(frozen=True, kw_only=True)
class ServedArea:
    """Of a provider's registration, whose id it has.

    countries : served as a whole, where no postcodes and no polygons cut out a part of them
    pod_patterns : of the PoDs that it numbers
    """

    id: PartyId
    countries: tuple[str, ...] = ()
    postcodes: tuple[PostcodeArea, ...] = ()
    polygons: tuple[Polygon, ...] = ()
    pod_patterns: tuple[str, ...] = ()
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is: a country with a postcode, coordinates, or all of them."""

    country: str = ""
    postcode: str = ""
    lon: Decimal | None = None
    lat: Decimal | None = None


def pod_text(pod: str) -> str:
    """A PoD as it is compared: without blanks and dashes, in capitals."""
    return re.sub(r"[ .\-]", "", pod[: 4 * LONGEST_POD]).upper()


def pod_findings(pod: str, field: str) -> list[Finding]:
    """What is wrong with a PoD, which no sentence repeats."""
    if len(pod) <= 2 * LONGEST_POD and _POD.fullmatch(pod_text(pod)):
        return []
    sentence = f"A PoD has 1 to {LONGEST_POD} letters and digits."
    return [Finding(code="malformed", field=field, sentence=sentence)]


def pattern_matches(pattern: str, pod: str) -> bool:
    """Whether a PoD (as `pod_text`) begins as the pattern says."""
    fixed = pattern.removesuffix("*")
    return len(pod) >= len(fixed) and all(mark in ("?", has) for mark, has in zip(fixed, pod, strict=False))


def matches_pod(area: ServedArea, pod: str) -> MatchedBy | None:
    """How a provider of this area has to do with a PoD (as `pod_text`)."""
    if any(pattern_matches(pattern, pod) for pattern in area.pod_patterns):
        return MatchedBy.POD
    return None


def matches_place(area: ServedArea, place: Place) -> MatchedBy | None:
    """By what an area covers a place; postcodes and polygons say it more exactly than a country alone."""
    if place.postcode and any(part.covers(place.country, place.postcode) for part in area.postcodes):
        return MatchedBy.POSTCODE
    if place.lon is not None and place.lat is not None:
        point = points([Corner(lon=place.lon, lat=place.lat)])[0]
        if any(inside({"": point}, polygon.corners) for polygon in area.polygons):
            return MatchedBy.POLYGON
    cut = {part.country for part in area.postcodes}
    whole = place.country in area.countries and place.country not in cut and not area.polygons
    return MatchedBy.COUNTRY if place.country and whole else None


def area_findings(area: ServedArea) -> list[Finding]:
    """Everything that is wrong with a served area; at most twenty findings."""
    counts = (
        ("countries", len(area.countries), MOST_COUNTRIES),
        ("postcodes", len(area.postcodes), MOST_POSTCODES),
        ("polygons", len(area.polygons), MOST_POLYGONS),
        ("pod_patterns", len(area.pod_patterns), MOST_PATTERNS),
    )
    long = [
        Finding(code="out_of_range", field=name, sentence=f"{n} are given; at most {most} are allowed.")
        for name, n, most in counts
        if n > most
    ]
    return long or list(_area_findings(area))[:20]


def _area_findings(area: ServedArea) -> Iterator[Finding]:
    if not area.countries:
        yield Finding(code="missing", field="countries", sentence="Name the countries that are served.")
    for index, country in enumerate(area.countries):
        yield from country_findings(country, f"countries[{index}]")
        if country in area.countries[:index]:
            yield Finding(code="duplicate", field=f"countries[{index}]", sentence="The country is named twice.")
    for index, part in enumerate(area.postcodes):
        yield from _postcode_findings(part, area.countries, f"postcodes[{index}]")
    for index, polygon in enumerate(area.polygons):
        for finding in corner_findings(polygon.corners):
            yield Finding(code=finding.code, field=f"polygons[{index}].{finding.field}", sentence=finding.sentence)
    for index, pattern in enumerate(area.pod_patterns):
        yield from pattern_findings(pattern, f"pod_patterns[{index}]")


def _postcode_findings(part: PostcodeArea, countries: Sequence[str], place: str) -> Iterator[Finding]:
    if part.country not in countries:
        sentence = "The postcodes are of a country that is not served."
        yield Finding(code="out_of_range", field=f"{place}.country", sentence=sentence)
    yield from postcode_findings(part.first, f"{place}.first")
    if part.last:
        yield from postcode_findings(part.last, f"{place}.last")
        if len(part.last) != len(part.first) or part.last < part.first:
            sentence = "A range goes upwards between two postcodes of one length."
            yield Finding(code="unordered", field=f"{place}.last", sentence=sentence)


def pattern_findings(pattern: str, field: str) -> list[Finding]:
    """What is wrong with a pattern of PoDs; one that is long enough to be a PoD is refused, too."""
    if not _PATTERN.fullmatch(pattern):
        sentence = "Capital letters, digits and ?, and one * at the end, such as DE000123*."
        return [Finding(code="malformed", field=field, sentence=sentence)]
    fixed = pattern.removesuffix("*")
    if len(fixed) > LONGEST_PATTERN or len(fixed.replace("?", "")) < LEAST_FIXED:
        sentence = f"{LEAST_FIXED} to {LONGEST_PATTERN} characters stand before the *, not counting ? below."
        return [Finding(code="out_of_range", field=field, sentence=sentence)]
    return []
