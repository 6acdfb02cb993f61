"""A DSO's grid zones and congested regions (FLEXGRID 004, section 3.5.2): where its grid is, and where short.

Corners are in degrees of WGS84. At the size of a distribution grid a zone's edges are straight lines on the map.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from domain.errors import Finding
from domain.ids import CongestedRegionId, RegionId, ZoneId
from domain.units import decimals

LEAST_CORNERS = 3
MOST_CORNERS = 200
MOST_ZONES = 50
MOST_ELEMENTS = 200
PLACES = 6
"""Decimals of a degree that are kept: about 0.1 m."""

_LIMITS = {"lon": Decimal(180), "lat": Decimal(90)}
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Corner:
    """One corner of a zone, degrees."""

    lon: Decimal
    lat: Decimal


@dataclass(frozen=True, kw_only=True)
class GridZone:
    """A part of a DSO's region: the area within its corners; the last one is joined to the first."""

    id: ZoneId
    region_id: RegionId
    name: str
    corners: tuple[Corner, ...]
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class CongestedRegion:
    """A registered congestion point: a zone, or buses and branches of the network (`elements`), or both."""

    id: CongestedRegionId
    region_id: RegionId
    name: str
    registered_at: datetime
    zone_id: ZoneId | None = None
    elements: tuple[str, ...] = ()
    note: str = ""
    active: bool = True
    version: int = 0


def corner_findings(corners: Sequence[Corner]) -> list[Finding]:
    """What is wrong with a zone's corners: too few or many, no coordinates, crossing edges."""
    if not LEAST_CORNERS <= len(corners) <= MOST_CORNERS:
        sentence = f"{len(corners)} corners; a zone has {LEAST_CORNERS} to {MOST_CORNERS}."
        return [Finding(code="out_of_range", field="corners", sentence=sentence)]
    found = [
        finding for index, corner in enumerate(corners) for finding in degree_findings(corner, f"corners[{index}]")
    ]
    if found:
        return found[:10]
    crossed = _crossing(points(corners))
    if crossed is None:
        return []
    first, second = (f"the one from corner {edge + 1}" for edge in crossed)
    sentence = f"Two edges meet, {first} and {second}; move a corner so that no edge touches another."
    return [Finding(code="self_crossing", field="corners", sentence=sentence)]


def degree_findings(corner: Corner, place: str) -> list[Finding]:
    """What is wrong with one pair of coordinates."""
    return [
        finding
        for name, most in _LIMITS.items()
        for finding in _degree_findings(getattr(corner, name), f"{place}.{name}", most)
    ]


def _degree_findings(value: Decimal, field: str, most: Decimal) -> list[Finding]:
    if not value.is_finite():
        return [Finding(code="not_finite", field=field, sentence=f"{value} is no finite number of degrees.")]
    if abs(value) > most:
        sentence = f"{value} degrees; between -{most} and {most} are allowed."
        return [Finding(code="out_of_range", field=field, sentence=sentence)]
    if decimals(value) > PLACES:
        sentence = f"{value} has {decimals(value)} decimals; {PLACES} are allowed."
        return [Finding(code="too_many_decimals", field=field, sentence=sentence)]
    return []


def points(corners: Iterable[Corner]) -> tuple[Point, ...]:
    """Corners as (lon, lat)."""
    return tuple((float(corner.lon), float(corner.lat)) for corner in corners)


Key = TypeVar("Key")


def inside(places: Mapping[Key, Point], corners: Sequence[Corner]) -> tuple[Key, ...]:
    """The buses (or what else has a name) within a zone or on its edge, in their given order, by crossing numbers.

    places : bus -> (lon, lat)
    """
    ring = points(corners)
    west, east = min(x for x, _ in ring), max(x for x, _ in ring)
    south, north = min(y for _, y in ring), max(y for _, y in ring)
    return tuple(
        bus
        for bus, (x, y) in places.items()
        if west <= x <= east and south <= y <= north and _within((x, y), ring)
    )


def _within(point: Point, ring: Sequence[Point]) -> bool:
    x, y = point
    odd = False
    for a, b in _edges(ring):
        if _turn(a, b, point) == 0 and _between(a, b, point):
            return True
        if (a[1] > y) != (b[1] > y) and x < a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]):
            odd = not odd
    return odd


def _edges(ring: Sequence[Point]) -> Iterable[tuple[Point, Point]]:
    return pairwise((*ring, ring[0]))


def _crossing(ring: Sequence[Point]) -> tuple[int, int] | None:
    """Positions of the first two edges that meet elsewhere than in a shared corner, or of one without length."""
    edges = tuple(_edges(ring))
    n = len(edges)
    for i, (a, b) in enumerate(edges):
        if a == b:
            return i, i
        for j in range(i + 1, n):
            c, d = edges[j]
            if j == i + 1 or (i == 0 and j == n - 1):
                before, shared, after = (a, b, d) if j == i + 1 else (c, d, b)
                if _turn(before, shared, after) == 0 and _folds_back(before, shared, after):
                    return i, j
            elif _meet(a, b, c, d):
                return i, j
    return None


def _folds_back(before: Point, shared: Point, after: Point) -> bool:
    (x0, y0), (x1, y1), (x2, y2) = before, shared, after
    return (x1 - x0) * (x2 - x1) + (y1 - y0) * (y2 - y1) < 0


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the segments ab and cd share a point."""
    turns = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(turn == 0 and _between(*end) for turn, end in zip(turns, ends, strict=True))


def _turn(a: Point, b: Point, c: Point) -> float:
    """Positive where c is left of the line ab, zero on it (within a billionth of a square degree of rounding)."""
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return 0.0 if abs(turn) < 1e-13 else turn


def _between(a: Point, b: Point, c: Point) -> bool:
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])
