"""What the DSO's pages ask the desk: the region, its day, and what the market says about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.queries.models import (
    GetGrid,
    GetNodalPrices,
    GetResult,
    GetShell,
    GridView,
    ListAssets,
    ListOffers,
    ListRegions,
    ListRequests,
    ListSessions,
    NodalPrices,
    OfferRow,
    ResultView,
    SessionRow,
)
from domain.errors import Kind, Refused
from domain.flexibility.assets import FlexAsset
from domain.flexibility.market import FlexRequest
from domain.lifecycle import RequestState, SessionState
from domain.parties import Region
from domain.time import DeliveryDay
from views.state.door import Door
from views.state.dso_room import days_to_choose, wanted_day


@dataclass(frozen=True, kw_only=True)
class Place:
    """Which region and day a page is about, and what else there is to choose."""

    regions: tuple[Region, ...]
    region: Region
    days: tuple[date, ...]
    day: date
    row: SessionRow | None
    now: datetime

    @property
    def delivery(self) -> DeliveryDay:
        return DeliveryDay(day=self.day)

    @property
    def link(self) -> str:
        return f"?region={self.region.id}&day={self.day.isoformat()}"


def place(door: Door, region_id: str, day: str) -> Place | None:
    """The wanted region and day, or the nearest there is; None for a DSO without a region."""
    regions = door.ask(ListRegions())
    if not regions:
        return None
    region = next((r for r in regions if r.id == region_id), regions[0])
    sessions = door.ask(ListSessions(region_id=region.id))
    now = door.ask(GetShell()).market_now
    chosen = wanted_day(day, sessions, now)
    return Place(
        regions=regions,
        region=region,
        days=tuple(days_to_choose(chosen, sessions)),
        day=chosen,
        row=next((row for row in sessions if row.session.delivery_day == chosen), None),
        now=now,
    )


@dataclass(frozen=True, kw_only=True)
class MarketFacts:
    """The market's side of a region's day. `offers` is None while the book is sealed, and `assets` empty."""

    requests: tuple[FlexRequest, ...]
    offers: tuple[OfferRow, ...] | None
    result: ResultView | None
    prices: NodalPrices | None = None
    assets: tuple[FlexAsset, ...] = ()

    @property
    def live_requests(self) -> tuple[FlexRequest, ...]:
        return tuple(r for r in self.requests if r.state is not RequestState.WITHDRAWN)


_SEALED = (SessionState.PLANNED, SessionState.OPEN)


def market_facts(door: Door, row: SessionRow | None) -> MarketFacts:
    if row is None:
        return MarketFacts(requests=(), offers=None, result=None)
    session = row.session
    published = session.state is SessionState.PUBLISHED
    sealed = session.state in _SEALED
    result = _result(door, row) if published else None
    return MarketFacts(
        requests=door.ask(ListRequests(session_id=session.id)),
        offers=None if sealed else door.ask(ListOffers(session_id=session.id)),
        result=result,
        prices=None if result is None else door.ask(GetNodalPrices(session_id=session.id)),
        assets=() if sealed else door.ask(ListAssets(region_id=row.region.id)),
    )


def _result(door: Door, row: SessionRow) -> ResultView | None:
    try:
        return door.ask(GetResult(session_id=row.session.id))
    except Refused as refused:
        if refused.kind is Kind.NOT_FOUND:
            return None
        raise


def grid_view(door: Door, here: Place) -> GridView | None:
    return door.ask(GetGrid(region_id=here.region.id, delivery_day=here.day))
