"""Search over what the caller may see."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.queries import models as q
from app.rest import search_schemas as s
from app.rest.access import FromCaller
from app.rest.paging import FromPager, Listing
from app.rest.schemas import MOST, Page
from app.rest.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["search"])
HITS = Listing(s.HitOut)


@router.get("/search")
def search(caller: FromCaller, pager: FromPager, where: Annotated[s.SearchFilter, Query()]) -> Page[s.HitOut]:
    """Grid elements, assets, participants, sessions, requests and offers by the words of `q`, best first."""
    return pager.page(HITS, where, caller.query(q.Search(text=where.q, limit=MOST)), s.HitOut.model_validate)
