"""A served area as it is typed: countries, postcodes, corners of polygons, patterns of PoDs, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from domain.errors import Finding, Refused, refuse
from domain.marketplace.areas import MOST_POLYGONS, Polygon, PostcodeArea, ServedArea
from views.state.dso_zones import read_corners, text_of
from views.state.place_drafts import split
from views.state.place_players import postcode_line

POSTCODES_FORM = "One on each line: DE 10115-10999 for a range, DE 10* for all that begin so."
POLYGONS_FORM = "One corner on each line, longitude, latitude; a blank line between polygons."
PATTERNS_FORM = "One on each line, such as DE000123*; ? stands for any one character."
_POSTCODE = re.compile(r"([A-Za-z]{2})[ ,:]+(?:(\S.*?)\s*-\s*(\S.*)|(\S.*)\*|(\S.*))", re.ASCII)
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class AreaDraft:
    """The fields of the form."""

    countries: str = ""
    postcodes: str = ""
    polygons: str = ""
    pod_patterns: str = ""


AREA_FIELDS: Mapping[str, str] = {name: name for name in ("countries", "postcodes", "polygons", "pod_patterns")}


def area_draft(area: ServedArea | None) -> AreaDraft:
    """Inverse of `read_area`."""
    if area is None:
        return AreaDraft()
    return AreaDraft(
        countries=", ".join(area.countries),
        postcodes="\n".join(postcode_line(part) for part in area.postcodes),
        polygons="\n\n".join(text_of(polygon.corners) for polygon in area.polygons),
        pod_patterns="\n".join(area.pod_patterns),
    )


def read_area(draft: AreaDraft) -> dict[str, tuple[object, ...]]:
    """The fields of `SetServedArea`. Raises `Refused` with the numbers of lines that cannot be read."""
    findings: list[Finding] = []
    postcodes = _read(draft.postcodes, _postcode, findings)
    polygons = _polygons(draft.polygons, findings)
    if findings:
        raise Refused(findings[:20])
    return {
        "countries": tuple(country.upper() for country in split(draft.countries)),
        "postcodes": postcodes,
        "polygons": polygons,
        "pod_patterns": tuple(pattern.upper() for pattern in split(draft.pod_patterns)),
    }


def _read(text: str, one: Callable[[str, int], T], findings: list[Finding]) -> tuple[T, ...]:
    read = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                read.append(one(line.strip(), number))
            except Refused as refused:
                findings += refused.findings
    return tuple(read)


def _postcode(line: str, number: int) -> PostcodeArea:
    """A single postcode is a range of one."""
    found = None if len(line) > 60 else _POSTCODE.fullmatch(line)
    if found is None:
        raise refuse("malformed", "postcodes", f"Line {number}: write DE 10115-10999, DE 10* or DE 10115.")
    country, first, last, start, single = (part.strip().upper() if part else "" for part in found.groups())
    if single:
        return PostcodeArea(country=country, first=single, last=single)
    return PostcodeArea(country=country, first=start or first, last=last)


def _polygons(text: str, findings: list[Finding]) -> tuple[Polygon, ...]:
    blocks = [block for block in re.split(r"\n[ \t\r]*\n", text.strip()) if block.strip()]
    if len(blocks) > MOST_POLYGONS:
        sentence = f"{len(blocks)} polygons; at most {MOST_POLYGONS} are allowed."
        findings.append(Finding(code="out_of_range", field="polygons", sentence=sentence))
        return ()
    polygons = []
    for number, block in enumerate(blocks, start=1):
        corners, found = read_corners(block)
        findings += [
            Finding(code=f.code, field="polygons", sentence=f"Polygon {number}. {f.sentence}") for f in found
        ]
        polygons.append(Polygon(corners=corners))
    return tuple(polygons)
