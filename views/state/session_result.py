"""A session's result as its reader may see it: awards, explanations, prices, the grid before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import param

from app.queries.models import (
    GetGrid,
    GetNodalPrices,
    GetResult,
    GridView,
    ListAssets,
    ListOffers,
    ListParties,
    ListSessions,
    NodalPrices,
    OfferRow,
    Query,
    ResultView,
    SessionRow,
)
from domain.errors import Refused
from domain.flexibility.assets import FlexAsset
from domain.ids import AssetId, PartyId
from domain.lifecycle import SessionState
from domain.parties import Party
from views.state.door import Door

Answer = TypeVar("Answer")
HAS_RESULT = (SessionState.CLEARED, SessionState.PUBLISHED)


class ResultRoom(param.Parameterized):
    """What is shown of one session's result. Its parameters are its permalink."""

    id = param.String(default="")
    tab = param.Selector(default="result", objects=["result", "prices"])
    bus = param.String(default="", doc="Where prices are looked at; empty: where they are farthest from energy's")
    commodity = param.Selector(default="p", objects=["p", "q"])
    part = param.Selector(default="total", objects=["total", "energy", "loss", "congestion", "voltage"])
    other = param.String(default="", doc="A second bus to look at beside the first; empty: none")
    step = param.Integer(default=-1, bounds=(-1, 99), doc="-1: where prices are farthest from energy's")
    offer = param.String(default="", doc="the offer chosen in the tables; empty: none")

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.rows: tuple[SessionRow, ...] = ()
        self.row: SessionRow | None = None
        self.offers: tuple[OfferRow, ...] = ()
        self.result: ResultView | None = None
        self.grid: GridView | None = None
        self.prices: NodalPrices | None = None
        self.assets: Mapping[AssetId, FlexAsset] = {}
        self.parties: Mapping[PartyId, Party] = {}
        self._day_of: tuple[str, SessionState] | None = None

    def refresh(self) -> None:
        """Ask again for everything shown; an unknown id leaves `row` None, no id takes the one of `default_id`."""
        self.rows = self._door.ask(ListSessions())
        if not self.id:
            self.id = self.default_id()
        self.row = next((row for row in self.rows if row.session.id == self.id), None)
        if self.row is None:
            return
        session = self.row.session
        self.offers = self._seen(ListOffers(session_id=session.id), ())
        self.assets = {a.id: a for a in self._seen(ListAssets(region_id=session.region_id), ())}
        self.parties = {party.id: party for party in self._door.ask(ListParties())}
        self.result = self._seen(GetResult(session_id=session.id), None)
        self._refresh_day()

    def default_id(self) -> str:
        """The latest session that is published, else the first there is."""
        published = [row for row in self.rows if row.session.state is SessionState.PUBLISHED]
        latest = max(published, key=lambda row: row.session.delivery_day, default=None)
        return (latest or self.rows[0]).session.id if self.rows else ""

    def _seen(self, query: Query[Answer], otherwise: Answer) -> Answer:
        """The answer, or what stands for it while the asker may not see it."""
        try:
            return self._door.ask(query)
        except Refused:
            return otherwise

    def _refresh_day(self) -> None:
        """The day's state and prices are large: asked for again only when the session's state has changed them."""
        session = self.row.session
        if self._day_of == (session.id, session.state) and self.grid is not None and self.grid.before is not None:
            return
        self.grid = self._door.ask(GetGrid(region_id=session.region_id, delivery_day=session.delivery_day))
        self.prices = self._seen(GetNodalPrices(session_id=session.id), None)
        self._day_of = (session.id, session.state)
