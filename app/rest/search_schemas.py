"""What is asked of the search, and what it answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.rest.fields import Day, Out, Text
from app.rest.schemas import Paging


class SearchFilter(Paging):
    q: Text
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class HitOut(Out):
    """`kind`: bus, branch, unit, asset, party, session, request, offer, company, service offer, service
    request or subscription; `note` tells it from others."""

    kind: str
    id: str
    label: str
    note: str
    region_id: str | None
    session_id: str | None
    delivery_day: Day | None
