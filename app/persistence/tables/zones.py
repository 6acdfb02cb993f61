"""Grid zones and congested regions."""

from __future__ import annotations

from typing import Any

from app.persistence.columns import flag, from_whole, instant, key, structure, to_whole
from app.persistence.columns import text as text_
from app.persistence.registry import entity
from domain.flexibility.zones import PLACES, CongestedRegion, Corner, GridZone


def _corners_to(corners: tuple[Corner, ...]) -> list[list[int]]:
    """Millionths of a degree."""
    return [
        [to_whole(getattr(corner, name), PLACES, f"corners[{i}].{name}") for name in ("lon", "lat")]
        for i, corner in enumerate(corners)
    ]


def _corners_from(data: list[list[Any]]) -> tuple[Corner, ...]:
    return tuple(Corner(lon=from_whole(lon, PLACES), lat=from_whole(lat, PLACES)) for lon, lat in data)


entity(
    GridZone,
    "grid_zones",
    key(),
    text_("region_id", references="regions.id"),
    text_("name"),
    structure("corners", "corners_udeg", to_data=_corners_to, from_data=_corners_from),
    unique=[["region_id", "name"]],
)

entity(
    CongestedRegion,
    "congested_regions",
    key(),
    text_("region_id", references="regions.id"),
    text_("name"),
    instant("registered_at"),
    text_("zone_id", nullable=True),
    structure("elements", "elements", to_data=list, from_data=tuple),
    text_("note"),
    flag("active"),
    index=[["region_id"]],
)
