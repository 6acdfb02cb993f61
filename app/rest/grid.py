"""Regions and needs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.queries.models import GetGrid, ListRegions
from app.rest.access import FromCaller
from app.rest.grid_schemas import NeedFilter, NeedOut, NeedsIn, RegionOut
from app.rest.operation_schemas import JobOut
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page, Paging
from app.rest.strict import StrictRoute
from domain.commands import ComputeNeeds
from domain.errors import refuse
from domain.ids import RegionId

router = APIRouter(route_class=StrictRoute, tags=["grid"])
REGIONS = Listing(RegionOut, "id", by=("name", "dso_id", "tso_id"))
NEEDS = Listing(NeedOut)


@router.get("/regions")
def list_regions(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[RegionOut]:
    """Grid regions that the caller may see."""
    return pager.page(REGIONS, where, caller.query(ListRegions()), RegionOut.model_validate)


@router.get("/needs")
def list_needs(caller: FromCaller, pager: FromPager, where: Annotated[NeedFilter, Query()]) -> Page[NeedOut]:
    """Needs of a region's day before any clearing."""
    view = caller.query(GetGrid(region_id=RegionId(where.region_id), delivery_day=where.delivery_day))
    if view is None or view.before is None:
        raise refuse("no_result", "region_id", "The needs of that day are not computed yet.")
    return pager.page(NEEDS, where, view.before.needs, NeedOut.model_validate)


@router.post("/needs", status_code=202)
def compute_needs(caller: FromCaller, body: NeedsIn, response: Response) -> JobOut:
    """DSO: compute a day's needs once more; follow it under `/jobs`."""
    command = ComputeNeeds(region_id=RegionId(body.region_id), delivery_day=body.delivery_day)
    job = JobOut.model_validate(caller.execute(command))
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return job
