"""What bodies and answers of several areas share. Series have one value per quarter hour of the delivery day."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field

from app.rest.fields import Day, Exact, Filter, Id, In, Out

T = TypeVar("T")
MOST = 1000
FEW = 100
Direction = Literal["up", "down"]
Commodity = Literal["P", "Q"]
Clearing = Literal["network", "requests", "copperplate", "continuous"]
Payment = Literal["pay_as_bid", "nodal", "vcg"]
Energy = Literal["ignored", "priced"]
SeriesIn = Annotated[list[Exact], Field(min_length=1, max_length=200)]


class ReasonIn(In):
    """Why something is refused, for whom it concerns."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class Items(Out, Generic[T]):
    """A list, in an object so that it can grow."""

    items: list[T]


class Paging(Filter):
    """Which part of a list, and in which order."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = FEW
    cursor: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,1500}$")] | None = None
    sort: Annotated[str, Field(pattern=r"^-?[a-z_]{1,40}(,-?[a-z_]{1,40}){0,4}$")] | None = None
    with_total: bool = False


class Page(Items[T], Generic[T]):
    """A part of a list: `next` is the `cursor` of what follows, null at the end; `total` is how many there are in
    all, where `with_total` asked for it."""

    next: str | None = None
    total: int | None = None


class RegionFilter(Paging):
    region_id: Id | None = None


class DayFilter(Paging):
    delivery_day: Day
