"""The market place's trail."""

from __future__ import annotations

from app.queries.models.place import ExportPlaceTrail, ListPlaceTrail
from app.rest.trails import trail_routers

routers = trail_routers("place", lambda part: ListPlaceTrail(part=part), ExportPlaceTrail)
