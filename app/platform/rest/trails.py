"""The platform's trail at each of its interfaces."""

from __future__ import annotations

from app.queries.models.platform import ExportTrail, ListTrail
from app.rest.trails import TrailRouters, trail_routers


def routers(name: str) -> TrailRouters:
    """`name`: what the interface's operations begin with."""
    return trail_routers(name, lambda part: ListTrail(part=part), ExportTrail)
