"""Regions and needs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.queries.models import GetGrid, ListRegions
from app.rest.access import FromCaller
from app.rest.grid_schemas import NeedFilter, NeedOut, RegionOut
from app.rest.schemas import Items
from app.rest.strict import StrictRoute
from domain.errors import refuse
from domain.ids import RegionId

router = APIRouter(route_class=StrictRoute, tags=["grid"])


@router.get("/regions")
def list_regions(caller: FromCaller) -> Items[RegionOut]:
    """Grid regions that the caller may see."""
    return Items(items=[RegionOut.model_validate(row) for row in caller.query(ListRegions())])


@router.get("/needs")
def list_needs(caller: FromCaller, where: Annotated[NeedFilter, Query()]) -> Items[NeedOut]:
    """Needs of a region's day before any clearing."""
    view = caller.query(GetGrid(region_id=RegionId(where.region_id), delivery_day=where.delivery_day))
    if view is None or view.before is None:
        raise refuse("no_result", "region_id", "The needs of that day are not computed yet.")
    return Items(items=[NeedOut.model_validate(row) for row in view.before.needs])
