"""What a provider serves, so that others find the DSO of a customer (document 003, section 2.2: DSO mapping).

A pattern of PoDs is a prefix with holes: capital letters and digits stand for themselves, `?` for any one of them,
and `*` at its end for any rest. So matching takes one step a character, and a pattern is too short to be a PoD.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from operator import itemgetter

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
    `last` is empty. Blanks and dashes do not count."""

    country: str
    first: str
    last: str = ""


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


By = Sequence[MatchedBy | None]
"""By what each of a list is covered, None for not at all."""


def match_pods(area: ServedArea, pods: Sequence[str]) -> By:
    """How a provider of this area has to do with each PoD (as `pod_text`)."""
    begins = [re.escape(one.removesuffix("*")).replace(r"\?", ".") for one in area.pod_patterns]
    known = re.compile("|".join(begins)).match if begins else None
    return [MatchedBy.POD if known is not None and known(pod) else None for pod in pods]


def match_places(area: ServedArea, places: Sequence[Place]) -> By:
    """By what an area covers each place; postcodes and polygons say it more exactly than a country alone. Nothing
    covers coordinates of a country that is not served."""
    has_postcode = _postcodes(area.postcodes)
    within = _within(area, places)
    cut = {part.country for part in area.postcodes}
    whole = frozenset() if area.polygons else frozenset(area.countries) - cut

    def by(index: int, place: Place) -> MatchedBy | None:
        if has_postcode(place):
            return MatchedBy.POSTCODE
        if index in within:
            return MatchedBy.POLYGON
        return MatchedBy.COUNTRY if place.country in whole else None

    return [by(index, place) for index, place in enumerate(places)]


def bare(postcode: str) -> str:
    """A postcode as it is compared: 110 00 is 11000, 00-950 is 00950."""
    return postcode.replace(" ", "").replace("-", "")


def _postcodes(parts: Sequence[PostcodeArea]) -> Callable[[Place], bool]:
    """Whether a place's postcode is among them; each is looked up, however many there are."""
    begins = {(part.country, bare(part.first)) for part in parts if not part.last}
    ranges: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for first, last, country in sorted((bare(part.first), bare(part.last), part.country) for part in parts):
        if last:
            rising = ranges.setdefault((country, len(first)), [])
            before = rising[-1][1] if rising else ""
            rising.append((first, max(before, last)))  # whoever begins earlier may end later

    def known(place: Place) -> bool:
        postcode = bare(place.postcode)
        if any((place.country, postcode[:n]) in begins for n in range(1, len(postcode) + 1)):
            return True
        rising = ranges.get((place.country, len(postcode)), ())
        at = bisect_right(rising, postcode, key=itemgetter(0)) - 1
        return at >= 0 and postcode <= rising[at][1]

    return known


def _within(area: ServedArea, places: Sequence[Place]) -> frozenset[int]:
    """Positions of the places within a polygon."""
    located = {
        index: points([Corner(lon=place.lon, lat=place.lat)])[0]
        for index, place in enumerate(places)
        if place.lon is not None and place.lat is not None and place.country in ("", *area.countries)
    }
    return frozenset(index for polygon in area.polygons for index in inside(located, polygon.corners))


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
        if len(bare(part.last)) != len(bare(part.first)) or bare(part.last) < bare(part.first):
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
