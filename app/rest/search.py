"""Search over what the caller may see."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.queries import models as q
from app.rest import search_schemas as s
from app.rest.access import FromCaller
from app.rest.schemas import Items
from app.rest.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["search"])


@router.get("/search")
def search(caller: FromCaller, where: Annotated[s.SearchFilter, Query()]) -> Items[s.HitOut]:
    """Grid elements, assets, participants, sessions, requests and offers by the words of `q`, best first."""
    hits = caller.query(q.Search(text=where.q, limit=where.limit))
    return Items(items=[s.HitOut.model_validate(hit) for hit in hits])
