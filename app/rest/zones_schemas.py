"""Bodies and answers of zones, congested regions, conditions, reviews, locations and calls."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.rest.fields import Day, Exact, Id, In, Instant, Out, Text
from app.rest.schemas import Paging

NoteIn = Annotated[str, Field(max_length=1000)]
Floats = list[float]


class CornerIn(In):
    """Degrees of WGS84, at most six decimals."""

    lon: Exact
    lat: Exact


class CornerOut(Out):
    lon: Exact
    lat: Exact


class AreaIn(In):
    """A zone's name and its corners in order; the last one is joined to the first."""

    name: Text
    corners: Annotated[list[CornerIn], Field(max_length=1000)]


class ZoneIn(AreaIn):
    region_id: Id


class ZoneOut(Out):
    """A zone and the buses of the region's present network within it."""

    id: str
    region_id: str
    name: str
    corners: list[CornerOut]
    buses: list[str]


class CongestedIn(In):
    """A congested region: a zone, or buses and branches by their ids, or both."""

    region_id: Id
    name: Text
    zone_id: Id | None = None
    elements: Annotated[list[Text], Field(max_length=1000, default_factory=list)]
    note: NoteIn = ""


class CongestedOut(Out):
    id: str
    region_id: str
    name: str
    zone_id: str | None
    elements: list[str]
    buses: list[str]
    note: str
    active: bool
    registered_at: Instant


class ConditionIn(In):
    """The most that may be offered per direction (null: not limited) in the hours of the local day it holds in."""

    most_up_mw: Exact | None = None
    most_down_mw: Exact | None = None
    from_hour: int = 0
    to_hour: int = 24
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class ReviewIn(In):
    """What the TSO says of a request; `hold` and `ask_change` need a note for the DSO."""

    verdict: Literal["accept", "hold", "ask_change"]
    note: NoteIn = ""


class CouplingOut(Out):
    """One region's day at its coupling point, MW [n_steps]; import positive, null while it is not known."""

    region_id: str
    coupling_bus: str
    requested_up_mw: list[Exact]
    requested_down_mw: list[Exact]
    awarded_up_mw: list[Exact]
    awarded_down_mw: list[Exact]
    p_before_mw: Floats | None
    p_after_mw: Floats | None


class LocationOut(Out):
    """A bus's day, MW [n_steps], injection positive; `baseline_mw` has owners' baselines in place of schedules."""

    bus: str
    zone: str
    production_mw: Floats
    load_mw: Floats
    baseline_mw: Floats


class CallSumsOut(Out):
    requested_mw: list[Exact]
    awarded_mw: list[Exact]
    acknowledged_mw: list[Exact]
    refused_mw: list[Exact]


class CallOut(Out):
    """What was asked, awarded and answered in a region's session, MW [n_steps], never negative."""

    region_id: str
    coupling_bus: str
    up: CallSumsOut
    down: CallSumsOut
    n_held: int
    delivered_if_kept_mwh: Exact


class CongestedFilter(Paging):
    region_id: Id | None = None
    all_states: bool = False


class LocationFilter(Paging):
    region_id: Id
    delivery_day: Day
