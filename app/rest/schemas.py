"""What bodies and answers of several areas share. Series have one value per quarter hour of the delivery day."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field

from app.rest.fields import Exact, Filter, Id, In, Out

T = TypeVar("T")
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


class RegionFilter(Filter):
    region_id: Id | None = None
