"""What-ifs: asked with 202, answered once their job is done."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response

from app.queries.models import GetWhatIf, ListWhatIfs, WhatIfSolved, WhatIfView
from app.rest import what_ifs_schemas as s
from app.rest.access import FromCaller
from app.rest.fields import Id
from app.rest.grid_schemas import NeedOut
from app.rest.paging import FromPager, Listing
from app.rest.schemas import Page
from app.rest.strict import StrictRoute
from domain.commands import AskWhatIf
from domain.flexibility.assets import Direction
from domain.flexibility.what_if import TrialOffer, UnitChange, WhatIf
from domain.ids import OfferId, RegionId, WhatIfId

router = APIRouter(route_class=StrictRoute, tags=["what-ifs"])
PathId = Annotated[Id, Path()]
WHAT_IFS = Listing(s.WhatIfOut, "-asked_at,-id", by=("asked_by", "job_state"))


@router.post("/what-ifs", status_code=202)
def ask_what_if(caller: FromCaller, body: s.WhatIfIn, response: Response) -> s.WhatIfOut:
    """DSO: compute a day with something changed."""
    command = AskWhatIf(
        region_id=RegionId(body.region_id),
        delivery_day=body.delivery_day,
        lines_out=tuple(body.lines_out),
        changes=tuple(UnitChange(**dict(change)) for change in body.changes),
        added=tuple(TrialOffer(**dict(o) | {"direction": Direction(o.direction)}) for o in body.added),
        removed=tuple(OfferId(offer_id) for offer_id in body.removed),
    )
    asked = cast(WhatIf, caller.execute(command))
    response.headers["Location"] = f"/api/v1/what-ifs/{asked.id}"
    return _out(caller.query(GetWhatIf(what_if_id=asked.id)))


@router.get("/what-ifs")
def list_what_ifs(
    caller: FromCaller, pager: FromPager, where: Annotated[s.WhatIfFilter, Query()]
) -> Page[s.WhatIfOut]:
    """What-ifs of a region's day, newest first, without what they found."""
    rows = caller.query(ListWhatIfs(region_id=RegionId(where.region_id), delivery_day=where.delivery_day))
    return pager.page(WHAT_IFS, where, rows, _out)


@router.get("/what-ifs/{what_if_id}")
def get_what_if(caller: FromCaller, what_if_id: PathId) -> s.WhatIfOut:
    """One what-if with its job's progress, and what it found once that is done."""
    return _out(caller.query(GetWhatIf(what_if_id=WhatIfId(what_if_id))))


def _out(view: WhatIfView) -> s.WhatIfOut:
    asked, job = view.what_if, view.job
    return s.WhatIfOut(
        id=asked.id,
        region_id=asked.region_id,
        delivery_day=asked.delivery_day,
        asked_at=asked.asked_at,
        asked_by=asked.asked_by,
        job_id=asked.job_id,
        job_state=job.state.value,
        stage=job.stage,
        progress=job.progress,
        error=job.error,
        outdated=view.outdated,
        found=None if view.solved is None else _found(view.solved),
    )


def _found(solved: WhatIfSolved) -> s.FoundOut:
    return s.FoundOut(
        needs_as_is=[NeedOut.model_validate(row) for row in solved.as_is.needs],
        needs_changed=[NeedOut.model_validate(row) for row in solved.changed.needs],
        dark_buses=list(solved.answer.dark_buses),
        as_is=s.OutcomeOut.model_validate(solved.answer.as_is),
        changed=s.OutcomeOut.model_validate(solved.answer.changed),
    )
