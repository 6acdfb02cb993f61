"""Localisation as it is typed: PoDs, addresses and coordinates as lines or a CSV, and what was found as rows.

Nothing of it goes into an address or a permalink: PoDs are people's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from app.queries.models.place import Localisation, Located, LocateProviders, Match
from domain.errors import Finding, Refused, refuse
from domain.marketplace.areas import Place, pod_findings, pod_text
from domain.marketplace.companies import COUNTRIES
from domain.marketplace.words import Environment
from views.state.common import MISSING
from views.state.door import Door
from views.state.files import csv_rows
from views.state.place_words import capital

AT_ONCE = 1000
MOST_LINES = 20_000
REQUEST_PATH = "/requester/requests"
MOST_ASKED = 50
"""Providers that a link to a request names; those that serve most lines."""
SHORTEST_POD = 13
"""Letters and digits; what is shorter and begins with a country is read as its postcode."""
FORM = (
    "One on each line: a PoD, a country with a postcode (DE 10115), or longitude, latitude (13.4050, 52.5200). Or "
    "a CSV whose first line names its columns: pod, country, postcode, lon, lat; others are not read."
)
_COLUMNS = frozenset({"pod", "country", "postcode", "lon", "lat"})
_SPLIT = re.compile(r"[,;\t]")
_NOT_READ = (
    "Write a PoD of at least 13 letters and digits, a country with a postcode (DE 10115), or longitude, latitude."
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one line asks for; `number` as of the text."""

    number: int
    words: str
    pod: str = ""
    place: Place | None = None


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A line with the providers that serve it."""

    line: Line
    matches: tuple[Match, ...]

    @property
    def outcome(self) -> str:
        return {0: "none", 1: "one"}.get(len(self.matches), "several")


def read_lines(text: str) -> list[Line]:
    """All lines, or `Refused` with the numbers of those that cannot be read."""
    if text.count("\n") >= MOST_LINES:
        raise refuse("out_of_range", "list", f"At most {MOST_LINES:,} lines are looked for at once.")
    lines, findings = [], []
    for number, cells, named in _cells(text):
        try:
            lines.append(_line(number, cells, named))
        except Refused as refused:
            findings += refused.findings
    if findings:
        raise Refused(findings[:20])
    if not lines:
        raise refuse("missing", "list", "Write PoDs or places, or choose a file with them.")
    return lines


def _cells(text: str) -> Iterator[tuple[int, list[str], list[str]]]:
    """(number, cells, names of columns); no names where the text is a plain list."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    names = [name.strip().strip('"').lower() for name in _SPLIT.split(first)]
    if _COLUMNS & set(names):
        rows = csv_rows(text.replace("\t", ";"))
        for number, row in rows[1:]:
            yield number, [cell.strip() for cell in row], names
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, [part.strip() for part in _SPLIT.split(line)], []


def _line(number: int, cells: Sequence[str], names: Sequence[str]) -> Line:
    row = dict(zip(names, cells, strict=False)) if names else _named(cells)
    pod, country = row.get("pod", ""), row.get("country", "").upper()
    if pod:
        if pod_findings(pod, "list"):
            raise _fault(number)
        return Line(number=number, words=pod, pod=pod)
    lon, lat = row.get("lon", ""), row.get("lat", "")
    postcode = row.get("postcode", "").upper()
    if not country and not (lon and lat):
        raise _fault(number)
    place = Place(country=country, postcode=postcode, lon=_degrees(lon, number), lat=_degrees(lat, number))
    said = (" ".join(part for part in (country, postcode) if part), ", ".join(part for part in (lon, lat) if part))
    return Line(number=number, words="; ".join(part for part in said if part), place=place)


def _named(cells: Sequence[str]) -> dict[str, str]:
    """What the cells of a line without a heading are."""
    if len(cells) == 2 and _is_number(cells[0]) and _is_number(cells[1]):
        return {"lon": cells[0], "lat": cells[1]}
    joined = " ".join(cells)
    country, _, rest = joined.partition(" ")
    if country.upper() in COUNTRIES and len(pod_text(joined)) < SHORTEST_POD:
        return {"country": country, "postcode": rest}
    if len(cells) > 1 and cells[0].upper() in COUNTRIES:
        return {"country": cells[0], "postcode": cells[1]}
    return {"pod": joined} if len(cells) == 1 and len(pod_text(joined)) >= SHORTEST_POD else {}


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d{1,3}(\.\d{1,12})?", text, re.ASCII) is not None


def _degrees(text: str, number: int) -> Decimal | None:
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise _fault(number) from None


def _fault(number: int) -> Refused:
    """The line is named and not repeated: it may be a PoD."""
    return refuse("malformed", "list", f"Line {number}: {_NOT_READ[:1].lower()}{_NOT_READ[1:]}")


def locate(desk: Door, lines: Sequence[Line], environment: Environment | None) -> list[Answered]:
    """Ask for all lines, some at a time. Raises `Refused` with the lines' numbers."""
    found: list[Answered] = []
    for start in range(0, len(lines), AT_ONCE):
        part = lines[start : start + AT_ONCE]
        pods = [line for line in part if line.pod]
        places = [line for line in part if line.place is not None]
        query = LocateProviders(
            pods=tuple(line.pod for line in pods),
            places=tuple(line.place for line in places if line.place is not None),
            environment=environment,
        )
        try:
            answer: Localisation = desk.ask(query)
        except Refused as refused:
            raise Refused([_renumbered(f, pods, places) for f in refused.findings]) from None
        found += _answers(pods, answer.pods) + _answers(places, answer.places)
    return sorted(found, key=lambda one: one.line.number)


def _answers(lines: Sequence[Line], located: Sequence[Located]) -> list[Answered]:
    return [Answered(line=lines[one.position], matches=one.matches) for one in located]


def _renumbered(finding: Finding, pods: Sequence[Line], places: Sequence[Line]) -> Finding:
    found = re.match(r"(pods|places)\[(\d+)\]", finding.field)
    if found is None:
        return replace(finding, field="list")
    line = (pods if found[1] == "pods" else places)[int(found[2])]
    return replace(finding, field="list", sentence=f"Line {line.number}: {finding.sentence}")


def answer_record(one: Answered) -> dict[str, Any]:
    return {
        "n": one.line.number,
        "asked": one.line.words,
        "outcome": one.outcome,
        "providers": ", ".join(match.company_name for match in one.matches) or MISSING,
        "by": ", ".join(dict.fromkeys(match.by.value for match in one.matches)) or MISSING,
    }


def provider_records(answers: Sequence[Answered]) -> list[dict[str, Any]]:
    """Each provider found, with how many of the lines it serves and by what; the most first."""
    rows: dict[str, dict[str, Any]] = {}
    for one in answers:
        for match in one.matches:
            row = rows.setdefault(
                match.registration_id,
                {
                    "id": match.registration_id,
                    "name": match.company_name,
                    "role": capital(match.player_role.value),
                    "n": 0,
                    "alone": 0,
                },
            )
            row["n"] += 1
            row["alone"] += len(one.matches) == 1
    return sorted(rows.values(), key=lambda row: (-row["n"], row["name"], row["id"]))


def request_path(providers: Sequence[Mapping[str, Any]], environment: str) -> str:
    """Where a request to the providers found is composed; it names registrations, nothing of the list."""
    found = ",".join(row["id"] for row in providers[:MOST_ASKED])
    keys = {"found": found, "environment": environment}
    return f"{REQUEST_PATH}?{urlencode({key: value for key, value in keys.items() if value})}"
