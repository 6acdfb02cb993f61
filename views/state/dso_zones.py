"""What the zones page looks at: zones and congested regions as rows, and corners as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import param

from app.queries.models import CongestedRow, ZoneRow
from domain.errors import Finding
from domain.flexibility.zones import PLACES, Corner
from views.state.common import local, utc
from views.state.dso_room import RoomState

_STEP = Decimal(1).scaleb(-PLACES)
_SPLIT = re.compile(r"[,;\s]+")


class ZonesState(RoomState):
    """`zone`: the one that is looked at or changed; empty: a new one."""

    zone = param.String(default="")


def corners_from(points: Iterable[tuple[float, float]]) -> tuple[Corner, ...]:
    """Drawn points (lon, lat) rounded to what is kept."""
    return tuple(Corner(lon=_rounded(lon), lat=_rounded(lat)) for lon, lat in points)


def _rounded(degrees: float) -> Decimal:
    return Decimal(str(degrees)).quantize(_STEP)


def text_of(corners: Sequence[Corner]) -> str:
    """One `lon, lat` per line."""
    return "\n".join(f"{corner.lon}, {corner.lat}" for corner in corners)


def read_corners(text: str) -> tuple[tuple[Corner, ...], list[Finding]]:
    """Corners as entered, one `lon, lat` per line with a decimal point, and what cannot be read."""
    corners, found = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        corner = _corner(line)
        if corner is None:
            sentence = f"Line {number}: write longitude and latitude in degrees, such as 9.1234, 53.5678."
            found.append(Finding(code="malformed", field="corners", sentence=sentence))
        else:
            corners.append(corner)
    return tuple(corners), found[:5]


def _corner(line: str) -> Corner | None:
    parts = [part for part in _SPLIT.split(line.strip()) if part]
    if len(parts) != 2 or any(len(part) > 30 for part in parts):
        return None
    try:
        lon, lat = (Decimal(part) for part in parts)
    except InvalidOperation:
        return None
    return Corner(lon=lon, lat=lat)


def read_elements(text: str) -> tuple[str, ...]:
    """Ids of buses and branches, separated by commas or lines (ids may hold blanks)."""
    return tuple(part.strip() for part in re.split(r"[,\n]", text) if part.strip())


def zone_record(row: ZoneRow) -> dict[str, Any]:
    zone = row.zone
    return {
        "name": zone.name,
        "n_buses": len(row.buses),
        "n_corners": len(zone.corners),
        "buses": ", ".join(row.buses),
        "corners": "; ".join(f"{corner.lon} {corner.lat}" for corner in zone.corners),
        "id": zone.id,
    }


def congested_record(row: CongestedRow) -> dict[str, Any]:
    point = row.point
    return {
        "state": "registered" if point.active else "closed",
        "name": point.name,
        "zone": row.zone_name or ("removed" if point.zone_id else ""),
        "elements": ", ".join(point.elements),
        "n_buses": len(row.buses),
        "note": point.note,
        "at": local(point.registered_at, "%d %b %H:%M"),
        "at_utc": utc(point.registered_at),
        "id": point.id,
    }


def degrees_of(corners: Sequence[Corner]) -> list[tuple[float, float]]:
    return [(float(corner.lon), float(corner.lat)) for corner in corners]
